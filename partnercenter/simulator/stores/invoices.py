"""Invoices of the world, and those that come of what was charged since.

Whoever sells or changes something records an effect `charged`: its subject is the subscription,
`row` the invoice row without an invoice number. Such a row belongs to the calendar month (UTC) it
was recorded in, or that of `at`, an ISO time, for what happened while nobody was looking. While the
month runs, and until the day its invoice is made, the row is unbilled; from then on the month is an
invoice, one for each currency.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from partnercenter.simulator.ledger import Effect, Ledger
from partnercenter.simulator.line_rows import text_as_numbers
from partnercenter.simulator.row_chain import Row, RowChain, RowList, SizedRows
from partnercenter.simulator.worlds import World
from partnercenter.simulator.worlds.billing_months import months_after
from partnercenter.simulator.worlds.invoices import SYMBOLS

_USUAL: Row = {
    "invoiceLineItemType": "billing_line_items",
    "billingProvider": "one_time",
    "attributes": {"objectType": "OneTimeInvoiceLineItem"},
}


@dataclass(frozen=True, slots=True)
class Charge:
    """A row that was charged; `sequence` is the number of its effect in the ledger."""

    sequence: int
    currency: str
    row: Row


class InvoiceStore:
    """Charges by the month they are billed in, over the invoices of the world."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        self._world = world
        self._charges: dict[date, list[Charge]] = {}
        self._told: set[str] = set()
        ledger.on("charged", self._apply_charged)
        ledger.on("invoice_ready", lambda effect: self._told.add(effect.subject.upper()))

    def books(self, now: datetime, *, invoice_day: int) -> "Books":
        """Return the invoices and unbilled rows as they are at a moment."""
        return Books(self._world, self._charges, now.date(), invoice_day)

    def is_told(self, invoice_id: str) -> bool:
        """Tell whether it was recorded already that an invoice is ready."""
        return invoice_id.upper() in self._told

    def reset(self) -> None:
        """Forget what was charged and which invoices of it were ready."""
        self._charges.clear()
        self._told.clear()

    def _apply_charged(self, effect: Effect) -> None:
        row = _USUAL | text_as_numbers(dict(effect.data["row"]))
        charge = Charge(effect.sequence, str(row.get("currency", "")).upper(), row)
        happened = datetime.fromisoformat(effect.data.get("at") or effect.time)
        month = happened.astimezone(UTC).date().replace(day=1)
        self._charges.setdefault(month, []).append(charge)


@dataclass(frozen=True, slots=True)
class Books:
    """Invoices and unbilled rows as they are on one day."""

    world: World
    charges: dict[date, list[Charge]]
    today: date
    invoice_day: int

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield the invoices: the world's in their order, then the later ones by month."""
        yield from self.world.collection("invoices")
        for month, currency in self._later():
            yield self._header(month, currency)

    def later_ids(self) -> list[str]:
        """Return the ids of the invoices that came of charges, by month and currency."""
        return [self._id(month, currency) for month, currency in self._later()]

    def get(self, invoice_id: str) -> dict[str, Any] | None:
        """Return the invoice with this id, compared without case, or None."""
        found = self.world.collection("invoices").get(invoice_id)
        if found is not None:
            return found
        place = self._place(invoice_id)
        return self._header(*place) if place else None

    def lines(self, invoice_id: str) -> SizedRows:
        """Return the rows of an invoice; one that is not known has none."""
        place = self._place(invoice_id)
        if place is None or self.world.collection("invoices").get(invoice_id) is not None:
            return self.world.invoice_lines(invoice_id)
        month, currency = place
        number = self._id(month, currency)
        taken = [one for one in self.charges[month] if one.currency == currency]
        rows = [one.row | {"invoiceNumber": number} for one in taken]
        return RowList(rows, version=f"{number} {len(rows)}")

    def unbilled(self, period: str, *, before: int | None = None) -> SizedRows:
        """Return the rows of the `current` or the `previous` month that are on no invoice yet.

        `before` is the number of an effect: what was charged after it is left out.
        """
        first = self.today.replace(day=1)
        month = first if period == "current" else months_after(first, -1)
        charged = [
            one
            for one in self.charges.get(month, [])
            if not self._is_out(month) and (before is None or one.sequence < before)
        ]
        latest = charged[-1].sequence if charged else 0
        rows = RowList([one.row for one in charged], version=f"{month:%Y-%m} {latest}")
        return RowChain([self.world.invoice_lines(f"unbilled-{period}"), rows])

    def _later(self) -> list[tuple[date, str]]:
        out = sorted(month for month in list(self.charges) if self._is_out(month))
        return [(month, currency) for month in out for currency in self._currencies(month)]

    def _is_out(self, month: date) -> bool:
        return self.today >= self._invoice_date(month)

    def _invoice_date(self, month: date) -> date:
        return months_after(month, 1).replace(day=self.invoice_day)

    def _currencies(self, month: date) -> list[str]:
        return sorted({one.currency for one in self.charges[month]})

    def _place(self, invoice_id: str) -> tuple[date, str] | None:
        for month, currency in self._later():
            if self._id(month, currency) == invoice_id.upper():
                return month, currency
        return None

    def _id(self, month: date, currency: str) -> str:
        """Return the id of a month's invoice, the same every time and none of the world's."""
        text = f"{self.world.partner.tenant_id.lower()} {month} {currency}".encode()
        digest = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")
        number = 100_000_000 + digest % 900_000_000
        while self.world.collection("invoices").get(f"G{number:09d}") is not None:
            number += 1
        return f"G{number:09d}"

    def _header(self, month: date, currency: str) -> dict[str, Any]:
        invoice_id = self._id(month, currency)
        taken = [one.row for one in self.charges[month] if one.currency == currency]
        total = sum((Decimal(str(row.get("totalForCustomer") or 0)) for row in taken), Decimal(0))
        own_uri = f"/invoices/OneTime-{invoice_id}"
        last = months_after(month, 1) - timedelta(days=1)
        return {
            "id": invoice_id,
            "invoiceDate": f"{self._invoice_date(month)}T00:00:00Z",
            "billingPeriodStartDate": f"{month}T00:00:00Z",
            "billingPeriodEndDate": f"{last}T00:00:00Z",
            "totalCharges": total,
            "paidAmount": Decimal(0),
            "currencyCode": currency,
            "currencySymbol": SYMBOLS.get(currency, currency),
            "pdfDownloadLink": f"/invoices/{invoice_id}/documents/statement",
            "invoiceDetails": [
                {
                    "invoiceLineItemType": "billing_line_items",
                    "billingProvider": "one_time",
                    "links": {"self": _link(f"{own_uri}/lineitems/OneTime/BillingLineItems")},
                    "attributes": {"objectType": "InvoiceDetail"},
                }
            ],
            "documentType": "invoice",
            "invoiceType": "OneTime",
            "links": {"self": _link(own_uri)},
            "attributes": {"objectType": "Invoice"},
        }


def _link(uri: str) -> dict[str, object]:
    return {"uri": uri, "method": "GET", "headers": []}
