"""Invoices and their line items on the v1 API; newer periods of new commerce are not on it."""

from collections.abc import Iterator

from partnercenter.continuation import Continuation
from partnercenter.errors import InvalidRequest, InvoiceNotFound, MalformedAnswer, MixedUpAnswer
from partnercenter.paging import Listing, Page, read_pages
from partnercenter.resources.invoice_list import list_invoices
from partnercenter.schemas.invoices import Invoice, bare_invoice_id, read_invoice
from partnercenter.schemas.line_items import LineItem, read_line_item
from partnercenter.transport import Transport, join_path

LINE_ITEM_PAGE_SIZE = 2_000
INVOICE_PAGE_SIZE = 200

# Old commerce pages its rows by offset and promises no next link.
_PAGED_BY_OFFSET = frozenset({"office", "azure"})


class Invoices:
    """Invoices Microsoft sent to this partner."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, size: int = INVOICE_PAGE_SIZE) -> Iterator[Invoice]:
        """Yield every invoice once. Raises: PagingError rather than end early."""
        if size < 1:
            raise InvalidRequest("A page has at least one invoice.")
        return list_invoices(self._transport, size=size)

    def get(self, invoice_id: str) -> Invoice:
        """Return one invoice; the id may have its kind in front. Raises: InvoiceNotFound."""
        path = join_path("v1", "invoices", invoice_id)

        def read(body: object) -> Invoice:
            invoice = read_invoice(body)
            if not _same_invoice(invoice.id, invoice_id):
                raise MixedUpAnswer("The answer is about another invoice.")
            return invoice

        return self._transport.get(path, read=read, missing=InvoiceNotFound)

    def line_items(
        self,
        invoice_id: str,
        provider: str,
        line_item_type: str,
        size: int = LINE_ITEM_PAGE_SIZE,
        after: Continuation | None = None,
        *,
        currency: str | None = None,
    ) -> Iterator[Page[LineItem]]:
        """Yield the lines of one kind page by page; names as in ``InvoiceDetail`` will do.

        ``currency`` is asked for by usage rows of new commerce. The last page may be empty.
        Raises: PagingError rather than end early; also when a line is of another invoice.
        """
        if not 1 <= size <= LINE_ITEM_PAGE_SIZE:
            raise InvalidRequest(f"A page has 1 to {LINE_ITEM_PAGE_SIZE} lines.")
        wire_provider, wire_type = _wire_name(provider), _wire_name(line_item_type)
        params = {"provider": wire_provider, "invoicelineitemtype": wire_type}
        if currency:
            params["currencycode"] = currency.lower()
        path = join_path("v1", "invoices", invoice_id, "lineitems")

        def read(row: object) -> LineItem:
            line = read_line_item(row)
            if line.invoice_id and not _same_invoice(line.invoice_id, invoice_id):
                raise MalformedAnswer("A line belongs to another invoice.")
            return line

        listing = Listing(
            path=path,
            params=params,
            size=size,
            read=read,
            identity=None,
            paths=(f"{path}/{wire_provider}/{wire_type}",),
            probes=wire_provider in _PAGED_BY_OFFSET,
        )
        return read_pages(self._transport, listing, after=after)


def _wire_name(name: str) -> str:
    """Return ``billing_line_items`` as queries spell it, ``billinglineitems``."""
    bare = name.replace("_", "").lower()
    if not bare.isalnum() or not bare.isascii():
        raise InvalidRequest("Line items are named by provider and type.")
    return bare


def _same_invoice(one: str, other: str) -> bool:
    return bare_invoice_id(one).lower() == bare_invoice_id(other).lower()
