"""The invoices of a world while they are written: row files, running totals, headers at the end.

A header is made from the total its rows added up to, never the other way round.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TextIO

from partnercenter.simulator.worlds.billing_months import Month
from partnercenter.simulator.worlds.chance import source
from partnercenter.simulator.worlds.lines import fragment

SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "NOK": "kr", "SEK": "kr", "DKK": "kr."}
_LATEST_INVOICE_DAY = 8


class Invoice:
    """One invoice being written: every row goes to its file and into its total."""

    __slots__ = ("_file", "_path", "count", "id", "is_legacy", "month", "total")

    def __init__(self, invoice_id: str, *, month: Month, folder: Path, is_legacy: bool) -> None:
        self.id = invoice_id
        self.month = month
        self.is_legacy = is_legacy
        self.total = Decimal(0)
        self.count = 0
        self._path = folder / f"{invoice_id}.jsonl"
        self._file: TextIO | None = None

    def write(self, row: str, total: Decimal) -> None:
        """Append a row, given as JSON without braces, and add its total."""
        if self._file is None:
            self._file = self._path.open("w", encoding="utf-8", newline="\n", buffering=1 << 20)
        self._file.write(f"{{{row}}}\n")
        self.total += total
        self.count += 1

    def close(self) -> None:
        """Finish the row file."""
        if self._file is not None:
            self._file.close()


class InvoiceBook:
    """The new-commerce invoice of each month and the recurring one of the oldest."""

    def __init__(
        self,
        *,
        folder: Path,
        months: tuple[Month, ...],
        seed: int,
        currency: str,
        today: date,
    ) -> None:
        self._currency = currency
        self._today = today
        self._stack = ExitStack()
        rng = source(f"{seed}/invoices")
        number = rng.randrange(20_000_000, 90_000_000)
        self.by_month = [
            Invoice(f"G{number + at * 137:09d}", month=month, folder=folder, is_legacy=False)
            for at, month in enumerate(months)
        ]
        self.legacy = Invoice(
            f"D0{rng.randrange(100, 1000)}0{rng.getrandbits(20):05X}",
            month=months[0],
            folder=folder,
            is_legacy=True,
        )

    def __enter__(self) -> InvoiceBook:
        for invoice in (*self.by_month, self.legacy):
            self._stack.callback(invoice.close)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def headers(self) -> Iterator[str]:
        """Yield the Invoice resources as JSON, oldest first; without rows there is no invoice."""
        for invoice in (self.legacy, *self.by_month):
            if invoice.count:
                yield self._header(invoice)

    def _header(self, invoice: Invoice) -> str:
        kind = "Recurring" if invoice.is_legacy else "OneTime"
        provider = ("office", "Office") if invoice.is_legacy else ("one_time", "OneTime")
        own_uri = f"/invoices/{kind}-{invoice.id}"
        statement = f"/invoices/{invoice.id}/documents/statement"
        issued = min(invoice.month.last + timedelta(days=_LATEST_INVOICE_DAY), self._today)
        paid = (
            invoice.total if invoice.month.last < self._today - timedelta(days=45) else Decimal(0)
        )
        detail = {
            "invoiceLineItemType": "billing_line_items",
            "billingProvider": provider[0],
            "links": {"self": _link(f"{own_uri}/lineitems/{provider[1]}/BillingLineItems")},
            "attributes": {"objectType": "InvoiceDetail"},
        }
        facts = fragment(
            {
                "id": invoice.id,
                "invoiceDate": f"{issued}T00:00:00Z",
                "billingPeriodStartDate": f"{invoice.month.first}T00:00:00Z",
                "billingPeriodEndDate": f"{invoice.month.last}T00:00:00Z",
                "currencyCode": self._currency,
                "currencySymbol": SYMBOLS[self._currency],
                "pdfDownloadLink": statement,
                "invoiceDetails": [detail],
                "documentType": "invoice",
                "invoiceType": kind,
                "links": {"self": _link(own_uri)},
                "attributes": {"objectType": "Invoice"},
            }
        )
        return f'{{{facts},"totalCharges":{invoice.total},"paidAmount":{paid}}}'


def _link(uri: str) -> dict[str, object]:
    return {"uri": uri, "method": "GET", "headers": []}
