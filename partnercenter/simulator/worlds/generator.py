"""Makes a believable world of any size on disk, the same one every time for the same arguments.

Everything is streamed to files and only the invoice totals are kept, so a hundred thousand
customers need no more memory than sixty.
"""

from __future__ import annotations

from datetime import date
from itertools import chain
from pathlib import Path

from partnercenter.simulator.worlds.catalogue import catalogue
from partnercenter.simulator.worlds.catalogue_extras import further_catalogue
from partnercenter.simulator.worlds.errors import WorldError
from partnercenter.simulator.worlds.files import write_json, write_lines
from partnercenter.simulator.worlds.folder import PROGRAMS
from partnercenter.simulator.worlds.ledger import Crowd, Ledger
from partnercenter.simulator.worlds.markets import MARKET_OF
from partnercenter.simulator.worlds.partners import (
    make_partner,
    make_provider,
    make_resellers,
    partner_content,
)


def make_world(
    folder: Path,
    *,
    customers: int,
    lines: int,
    seed: int,
    home: str = "NL",
    program: str = "direct",
    company_name: str = "Example Cloud Distribution",
    hostile: int = 3,
    today: date | None = None,
    money_as_text: bool = False,
    sandbox: bool = False,
) -> None:
    """Write a world with exactly that many customers and invoice rows into an empty folder.

    `home` is the partner's country, whose currency it is billed in; `program` is one of
    PROGRAMS; `hostile` customers get a name meant to hurt; the three complete months before `today`
    (the real one by default) are billed; `money_as_text` writes the numbers of new-commerce rows as
    JSON texts, as some Partner Center routes do. About one row in fifty belongs to a customer who
    is no longer in the list.

    Raises WorldError when the folder is not empty or the wish cannot be met.
    """
    _check_wish(folder, customers=customers, lines=lines, home=home, program=program)
    partner = make_partner(
        seed=seed,
        home=home,
        program=program,
        company_name=company_name,
        sandbox=sandbox,
    )
    (folder / "invoice_lines").mkdir(parents=True)
    write_json(folder / "partner.json", partner_content(partner))
    write_lines(folder / "catalog.jsonl", chain(catalogue(), further_catalogue()))
    resellers = make_resellers(home, seed=seed) if program == "indirectProvider" else []
    if resellers:
        write_lines(folder / "indirect_resellers.jsonl", resellers)
    if program == "indirectReseller":
        write_lines(folder / "indirect_providers.jsonl", [make_provider(home, seed=seed)])
    ledger = Ledger(
        folder,
        partner=partner,
        today=today or date.today(),
        seed=seed,
        money_as_text=money_as_text,
    )
    crowd = Crowd(
        customers,
        seed=seed,
        home=home,
        hostile=hostile,
        reseller_mpns=tuple(reseller["mpnId"] for reseller in resellers),
    )
    ledger.write(crowd, lines=lines)


def _check_wish(folder: Path, *, customers: int, lines: int, home: str, program: str) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WorldError(f"World {folder}: the folder is not empty. Name a new or an empty one.")
    if home not in MARKET_OF:
        raise WorldError(
            f"World {folder}: home {home!r} is not known. Choose from {', '.join(MARKET_OF)}."
        )
    if program not in PROGRAMS:
        raise WorldError(
            f"World {folder}: program {program!r} is not known. Write {' or '.join(PROGRAMS)}."
        )
    if customers < 0 or lines < 0 or (lines and not customers):
        raise WorldError(
            f"World {folder}: {customers} customers with {lines} invoice lines cannot be made. "
            "Lines need at least one customer, and neither count may be negative."
        )
