"""Invoice line items of all providers, billed and unbilled, by query or by path.

OneTime and unbilled rows are seek paged, legacy rows by offset. An invoice's file may mix providers
and types; pages are cut by position in the file, so a million lines cost no more than the page that
is read.
"""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import fold, read_count, read_enum
from partnercenter.simulator.line_rows import Selection, as_v1, numbers_as_text
from partnercenter.simulator.paging import Mark, Row, collection, cut_page, read_mark
from partnercenter.simulator.routes.invoices import books, find_invoice
from partnercenter.simulator.routing import Route
from partnercenter.simulator.row_chain import SizedRows
from partnercenter.simulator.site import Call
from partnercenter.simulator.wire import PageMark, Response

LARGEST_PAGE = 2000
_PROVIDERS = ("all", "azure", "marketplace", "office", "one_time")
_TYPES = ("billing_line_items", "usage_line_items")
_PERIODS = ("current", "previous")


@dataclass(frozen=True, slots=True)
class Listing:
    """Which rows are asked for, and the address that asks for them again."""

    rows: SizedRows
    selection: Selection
    uri: str
    query: dict[str, str]

    @property
    def scope(self) -> str:
        return f"{self.uri} {sorted(self.query.items())}".lower()

    def address(self, **more: object) -> str:
        parameters = self.query | {name: str(value) for name, value in more.items()}
        return f"{self.uri}?{urlencode(parameters)}" if parameters else self.uri


def list_lines(call: Call) -> Response:
    """Answer lines of an invoice; provider and type stand in the query."""
    return _billed(call, by_path=False)


def list_lines_by_path(call: Call) -> Response:
    """Answer lines of an invoice; provider and type stand in the path."""
    return _billed(call, by_path=True)


def list_unbilled_lines(call: Call) -> Response:
    """Answer lines not yet invoiced, of the current or the previous period, in one currency."""
    query = call.request.query
    period = read_enum(query.get("period", "current"), _PERIODS)
    if period is None:
        raise _refuse("period must be current or previous.")
    if not query.get("currencycode"):
        raise _refuse("currencyCode is required for unbilled lines.")
    selection = _selection(call, query.get("provider", "onetime"), _asked_type(call))
    rows = books(call).unbilled(period)
    listing = Listing(rows, selection, "/invoices/unbilled/lineitems", _repeated_query(call))
    return _seek(call, listing, lambda row: row | {"invoiceNumber": ""})


def list_estimate_links(call: Call) -> Response:
    """Answer where the unbilled lines of a currency are, for either period."""
    currency = call.request.query.get("currencycode")
    if not currency:
        raise _refuse("currencyCode is required for estimates.")
    asked = {
        "provider": "onetime",
        "invoicelineitemtype": "billinglineitems",
        "currencycode": currency.lower(),
    }
    items: list[Row] = []
    for period in _PERIODS:
        address = f"/invoices/unbilled/lineitems?{urlencode(asked | {'period': period})}"
        items.append(
            {
                "title": f"{period.capitalize()} estimates",
                "description": f"Lines of the {period} period that are not invoiced yet.",
                "period": period,
                "link": call.link(address),
            }
        )
    uri = f"/invoices/estimates/links?{urlencode({'currencycode': currency})}"
    return Response(body=collection(items, {"self": call.link(uri)}))


def _billed(call: Call, *, by_path: bool) -> Response:
    invoice = find_invoice(call)
    uri = f"/invoices/{call.params['invoice']}/lineitems"
    if by_path:
        provider, kind = call.params["provider"], call.params["type"]
        uri += f"/{provider}/{kind}"
    else:
        provider, kind = call.request.query.get("provider", ""), _asked_type(call)
    if not provider:
        raise _refuse("provider is required.")
    selection = _selection(call, provider, kind)
    rows = books(call).lines(invoice["id"])
    listing = Listing(rows, selection, uri, _repeated_query(call))
    if selection.provider in ("office", "azure"):
        return _offset(call, listing)
    return _seek(call, listing, lambda row: row)


def _selection(call: Call, provider_text: str, type_text: str) -> Selection:
    provider, kind = read_enum(provider_text, _PROVIDERS), read_enum(type_text, _TYPES)
    if provider is None:
        raise _refuse(f"{provider_text!r} is not a billing provider.")
    if kind is None:
        raise _refuse(f"{type_text!r} is not an invoice line item type.")
    query = call.request.query
    return Selection(
        provider=provider,
        kind=kind,
        currency=query.get("currencycode", "").upper(),
        with_credit=_asked_credit(query.get("haspartnerearnedcredit")),
    )


def _asked_type(call: Call) -> str:
    # Microsoft's own sample misspells the name and still gets billing lines.
    return call.request.query.get("invoicelineitemtype") or "billinglineitems"


def _asked_credit(text: str | None) -> bool | None:
    return None if not text else fold(text) == "true"


def _seek(call: Call, listing: Listing, finish: Callable[[Row], Row]) -> Response:
    size = _page_size(call)
    tokens = call.site.continuation
    mark = read_mark(
        call.request,
        tokens,
        scope=listing.scope,
        size=size,
        size_given="size" in call.request.query,
    )
    as_text = call.site.switches.one_time_numbers_as_strings

    def shape(row: Row) -> Row | None:
        line = as_v1(row)
        if not listing.selection.takes(line):
            return None
        line = finish(line)
        return numbers_as_text(line) if as_text else line

    page = cut_page(listing.rows, mark, shape)
    uri = listing.address(size=mark.size, seekOperation="Next")
    body: Row = {}
    links = {"self": call.link(listing.address(size=mark.size))}
    if page.next_position is not None:
        token = tokens.issue(Mark(page.next_position, mark.size), scope=listing.scope)
        links["next"] = call.link(uri, token=token)
        # The daily usage rows carry their token in the link only.
        if listing.selection.kind == "billing_line_items":
            body["continuationToken"] = token
    body |= collection(page.items, links)
    here = tokens.issue(mark, scope=listing.scope)
    start = tokens.issue(Mark(0, mark.size), scope=listing.scope)
    return Response(body=body, page=PageMark(uri=uri, here=here, start=start))


def _offset(call: Call, listing: Listing) -> Response:
    size = _page_size(call)
    offset = read_count(call.request.query.get("offset"), name="offset", default=0)
    known = call.site.bookmarks.find(listing.scope, offset)
    to_skip = 0 if known is not None else offset

    def shape(row: Row) -> Row | None:
        nonlocal to_skip
        if not listing.selection.takes(row):
            return None
        if to_skip:
            to_skip -= 1
            return None
        return row

    page = cut_page(listing.rows, Mark(known or 0, size), shape)
    links = {"self": call.link(listing.address(size=size, offset=offset))}
    if page.next_position is not None:
        call.site.bookmarks.put(listing.scope, offset + size, page.next_position)
        links["next"] = call.link(listing.address(size=size, offset=offset + size))
    return Response(body=collection(page.items, links))


def _page_size(call: Call) -> int:
    asked = call.request.query.get("size")
    size = read_count(asked, name="size", default=LARGEST_PAGE)
    return min(size, LARGEST_PAGE) or LARGEST_PAGE


def _repeated_query(call: Call) -> dict[str, str]:
    paging = ("size", "offset", "seekoperation")
    return {name: value for name, value in call.request.query.items() if name not in paging}


def _refuse(text: str) -> Problem:
    return Problem(400, 800002, text, code_as_text=True)


ROUTES = [
    Route("GET", "/invoices/estimates/links", list_estimate_links),
    Route("GET", "/invoices/unbilled/lineitems", list_unbilled_lines),
    Route("GET", "/invoices/{invoice}/lineitems", list_lines),
    Route("GET", "/invoices/{invoice}/lineitems/{provider}/{type}", list_lines_by_path),
]
