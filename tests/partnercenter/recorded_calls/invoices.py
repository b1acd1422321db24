"""Recordings of invoices and their line items."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from partnercenter import errors
from partnercenter.client import PartnerCenter
from tests.partnercenter.recorded_calls.calling import Routes, send

AREAS = ("invoices", "invoice-line-items")

REFUSED: dict[str, type[errors.PartnerCenterError]] = {
    # These pages answer for another invoice than was asked, by a slip of their author.
    "get-invoiceline-items-2021-1": errors.PagingError,
    "get-invoiceline-items-2021-2": errors.PagingError,
    "get-invoiceline-items-4": errors.PagingError,
    "get-invoiceline-items-5": errors.PagingError,
}


def _first_page_of_lines(client: PartnerCenter, request: dict[str, Any], match: Any) -> Any:
    query = {
        name.lower(): values[0]
        for name, values in parse_qs(urlsplit(request["path"]).query).items()
    }
    kind = match["kind"] or ""
    provider, _, row_type = kind.strip("/").partition("/")
    pages = client.invoices.line_items(
        match["id"],
        provider or query["provider"],
        row_type or query.get("invoicelineitemtype", "billinglineitems"),
        currency=query.get("currencycode"),
    )
    return next(pages)


ROUTES: Routes = [
    (r"GET /v1/invoices", lambda client, _, match: list(client.invoices.list())),
    (
        r"GET /v1/invoices/(?P<id>[A-Z0-9]+)",
        lambda client, _, match: client.invoices.get(match["id"]),
    ),
    (r"GET /v1/invoices/(?P<id>\w+)/lineitems(?P<kind>/\w+/\w+)?", _first_page_of_lines),
    (
        r"GET /v1/invoices/.+/statement",
        lambda client, request, _: client.transport.call("GET", request["path"]).body,
    ),
    (r"(?:GET|POST) /v1/invoices/.+", send(lambda body: body)),
]
