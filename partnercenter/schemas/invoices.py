"""Invoice headers of the v1 API."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from partnercenter.errors import MalformedAnswer
from partnercenter.schemas.fields import Fields


@dataclass(frozen=True, slots=True)
class InvoiceDetail:
    """One kind of line items an invoice has; provider and type as on the wire."""

    provider: str
    line_item_type: str
    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """An invoice header; a negative ``total`` is a credit. Dates are UTC, None when not sent."""

    id: str
    invoice_date: datetime | None
    period_start: datetime | None
    period_end: datetime | None
    total: Decimal
    currency: str
    document_type: str
    invoice_type: str
    status: str
    amends_of: str
    details: tuple[InvoiceDetail, ...]
    raw: Mapping[str, Any] = field(repr=False)

    @property
    def is_new_commerce(self) -> bool:
        """Whether Microsoft bills it the new-commerce way (the other kind is called recurring)."""
        return self.invoice_type.lower() == "onetime"


def bare_invoice_id(invoice_id: str) -> str:
    """Return the id without the kind that links put in front (``OneTime-G000024135``)."""
    head, dash, rest = invoice_id.partition("-")
    return rest if dash and head.lower() in ("recurring", "onetime") else invoice_id


def read_invoice(row: object) -> Invoice:
    """Return an invoice header.

    Raises: MalformedAnswer without id, total or currency: a bill is not guessed.
    """
    fields = Fields(row)
    invoice_id = bare_invoice_id(fields.text("id"))
    total = fields.amount("totalcharges")
    currency = fields.text("currencycode").upper()
    if not invoice_id or total is None or not currency:
        raise MalformedAnswer("The answer has an invoice without id, total or currency.")
    return Invoice(
        id=invoice_id,
        invoice_date=fields.moment("invoicedate"),
        period_start=fields.moment("billingperiodstartdate"),
        period_end=fields.moment("billingperiodenddate"),
        total=total,
        currency=currency,
        document_type=fields.text("documenttype"),
        invoice_type=fields.text("invoicetype"),
        status=fields.text("status", "state"),
        amends_of=fields.text("amendsof"),
        details=tuple(_read_detail(detail) for detail in fields.objects("invoicedetails")),
        raw=fields.raw,
    )


def _read_detail(fields: Fields) -> InvoiceDetail:
    links = fields.inner("links")
    itself = links.inner("self") if links else None
    return InvoiceDetail(
        provider=fields.text("billingprovider"),
        line_item_type=fields.text("invoicelineitemtype"),
        uri=itself.text("uri") if itself else "",
    )
