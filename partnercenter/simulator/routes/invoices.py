"""Invoices: the list, one by id, summaries per currency, and the documents behind them.

Only legacy invoices are paged by `size` and `offset`; new-commerce ones ignore both and come with
every page, as on the live service. Error codes of these routes are text.
"""

from decimal import Decimal
from typing import Any

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import read_count, without_nulls
from partnercenter.simulator.filters import invoice_date_filter
from partnercenter.simulator.paging import Row, collection
from partnercenter.simulator.pdf import write_pdf
from partnercenter.simulator.routing import Access, Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.stores.invoices import Books
from partnercenter.simulator.wire import Response

_NEVER = "0001-01-01T00:00:00"
_PREFIXES = ("recurring-", "onetime-")


def list_invoices(call: Call) -> Response:
    """Answer the invoices: one page of the legacy ones, and all new-commerce ones."""
    query = call.request.query
    size = read_count(query.get("size"), name="size", default=0)
    offset = read_count(query.get("offset"), name="offset", default=0)
    selects = invoice_date_filter(query["filter"]) if query.get("filter") else None
    items: list[Row] = []
    legacy = 0
    for invoice in books(call):
        if selects is not None and not selects(invoice):
            continue
        if is_legacy(invoice):
            legacy += 1
            if legacy <= offset or (size and legacy > offset + size):
                continue
        items.append(without_nulls(invoice))
    links = {"self": call.link(f"/invoices?{call.request.raw_query}".rstrip("?"))}
    if size and legacy > offset + size:
        links["next"] = call.link(f"/invoices?size={size}&offset={offset + size}")
    return Response(body=collection(items, links))


def get_invoice(call: Call) -> Response:
    """Answer one invoice, by its id or its prefixed id."""
    return Response(body=without_nulls(find_invoice(call)))


def get_statement(call: Call) -> Response:
    """Answer the statement of an invoice as PDF."""
    invoice = find_invoice(call)
    total = f"{invoice.get('currencyCode', '')} {invoice.get('totalCharges', '')}"
    lines = [
        f"Invoice {invoice['id']}",
        f"Date {str(invoice.get('invoiceDate', ''))[:10]}",
        f"Billed to {call.site.world.partner.company_name}",
        f"Total {total}",
    ]
    if call.site.world.partner.sandbox:
        lines.append("Integration sandbox: do not pay.")
    return _pdf(lines)


def get_receipt(call: Call) -> Response:
    """Answer a tax receipt of an invoice as PDF."""
    invoice, receipt_id = find_invoice(call), call.params["receipt"]
    known = [str(receipt.get("id")) for receipt in invoice.get("taxReceipts") or ()]
    if receipt_id not in known:
        raise Problem(
            404, 1000, f"Invoice {invoice['id']} has no receipt {receipt_id}.", code_as_text=True
        )
    return _pdf([f"Tax receipt {receipt_id}", f"Invoice {invoice['id']}"])


def list_summaries(call: Call) -> Response:
    """Answer one summary for each currency."""
    summaries = [_summary(call, group) for group in _by_currency(call).values()]
    return Response(body=collection(summaries, {"self": call.link("/invoices/summaries")}))


def get_summary(call: Call) -> Response:
    """Answer the summary of the partner's first currency."""
    groups = list(_by_currency(call).values())
    if not groups:
        raise Problem(404, 1000, "There are no invoices yet.", code_as_text=True)
    return Response(body=_summary(call, groups[0]))


def find_invoice(call: Call) -> dict[str, Any]:
    """Return the invoice named in the path.

    Raises Problem 404/1000 for an unknown one.
    """
    asked = call.params["invoice"]
    bare = asked
    for prefix in _PREFIXES:
        if asked.lower().startswith(prefix):
            bare = asked[len(prefix) :]
    invoice = books(call).get(bare)
    if invoice is None:
        raise Problem(404, 1000, f"Invoice {asked} was not found.", code_as_text=True)
    return invoice


def books(call: Call) -> Books:
    """Return the invoices and unbilled rows as they are now."""
    site = call.site
    return site.invoices.books(site.clock(), invoice_day=site.switches.invoice_day)


def is_legacy(invoice: dict[str, Any]) -> bool:
    """Tell a legacy invoice from a new-commerce one; ids of the latter begin with G."""
    kind = invoice.get("invoiceType")
    return kind == "Recurring" if kind else not str(invoice["id"]).upper().startswith("G")


def _pdf(lines: list[str]) -> Response:
    return Response(headers={"Content-Type": "application/pdf"}, body=write_pdf(lines))


def _by_currency(call: Call) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for invoice in books(call):
        groups.setdefault(str(invoice.get("currencyCode", "")), []).append(invoice)
    return groups


def _summary(call: Call, invoices: list[Row]) -> Row:
    by_type: dict[str, list[Row]] = {}
    for invoice in invoices:
        kind = "Recurring" if is_legacy(invoice) else "OneTime"
        by_type.setdefault(kind, []).append(invoice)
    details = [
        {"invoiceType": kind, "summary": _figures(call, group)} for kind, group in by_type.items()
    ]
    attributes = {"objectType": "InvoiceSummary"}
    return _figures(call, invoices) | {
        "details": details,
        "links": {"self": call.link("/invoices/summary")},
        "attributes": attributes,
    }


def _figures(call: Call, invoices: list[Row]) -> Row:
    dates = sorted(str(invoice.get("invoiceDate") or _NEVER) for invoice in invoices)
    paid = [invoice for invoice in invoices if _amount(invoice, "paidAmount")]
    latest = max(paid, key=lambda invoice: str(invoice.get("invoiceDate")), default=None)
    balance = sum(
        (_amount(one, "totalCharges") - _amount(one, "paidAmount") for one in invoices), Decimal(0)
    )
    midnight = call.site.clock().strftime("%Y-%m-%dT00:00:00Z")
    return {
        "balanceAmount": balance,
        "currencyCode": invoices[0].get("currencyCode", ""),
        "currencySymbol": invoices[0].get("currencySymbol", ""),
        "accountingDate": midnight,
        "firstInvoiceCreationDate": dates[0],
        "lastPaymentDate": latest.get("invoiceDate", _NEVER) if latest else _NEVER,
        "lastPaymentAmount": _amount(latest, "paidAmount") if latest else 0,
        "latestInvoiceDate": dates[-1],
        "attributes": {"objectType": "InvoiceSummary"},
    }


def _amount(invoice: Row, name: str) -> Decimal:
    return Decimal(str(invoice.get(name) or 0))


ROUTES = [
    Route("GET", "/invoices", list_invoices),
    Route("GET", "/invoices/summary", get_summary),
    Route("GET", "/invoices/summaries", list_summaries, Access.USER),
    Route("GET", "/invoices/{invoice}", get_invoice, Access.USER),
    Route("GET", "/invoices/{invoice}/documents/statement", get_statement, Access.USER),
    Route(
        "GET",
        "/invoices/{invoice}/receipts/{receipt}/documents/statement",
        get_receipt,
        Access.USER,
    ),
]
