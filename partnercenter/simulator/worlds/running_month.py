"""The month that runs: what went on from the newest invoice and is on none yet."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from partnercenter.simulator.worlds.billing_months import months_after
from partnercenter.simulator.worlds.files import open_lines

_NUMBER = re.compile(r'"invoiceNumber":"[^"]*"')
_CHARGED = re.compile(r'"(chargeStartDate|chargeEndDate)":"(\d{4})-(\d{2})-(\d{2})')


def write_running_month(folder: Path) -> None:
    """Let what the newest invoice of new commerce charges by the month be charged once more.

    Amounts are taken over as they are written, so that no digit is lost.
    """
    lines = folder / "invoice_lines"
    invoices = [
        json.loads(line) for line in (folder / "invoices.jsonl").read_text("utf-8").splitlines()
    ]
    newest = max(
        (one for one in invoices if one["invoiceType"] == "OneTime"),
        key=lambda one: one["invoiceDate"],
    )
    with open_lines(lines / "unbilled-current.jsonl") as file:
        file.writelines(_once_more(lines / f"{newest['id']}.jsonl"))


def _once_more(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            if row.get("chargeType") == "cycleCharge" and row.get("billingFrequency") == "Monthly":
                yield _CHARGED.sub(_moved_on, _NUMBER.sub('"invoiceNumber":""', line))


def _moved_on(found: re.Match[str]) -> str:
    name, year, month, day = found.groups()
    moved = months_after(date(int(year), int(month), 1), 1)
    # A charge that ends with its month ends with the next one: February has the fewest days.
    return f'"{name}":"{moved:%Y-%m}-{min(int(day), 28):02}'
