"""The list of invoices, whose paging is two things at once.

``offset`` counts legacy invoices only; new-commerce ones come again on every page. So a page moves
the offset by its legacy invoices alone, which is too little at worst and never too much, what was
seen is passed over, and the list ends when a page brings nothing new.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from partnercenter.errors import MalformedAnswer, PagingError
from partnercenter.schemas.fields import Fields
from partnercenter.schemas.invoices import Invoice, read_invoice
from partnercenter.transport import Transport

_PATH = "/v1/invoices"


def list_invoices(transport: Transport, *, size: int) -> Iterator[Invoice]:
    """Yield every invoice once. Raises: PagingError when one changes while the list is read."""
    seen: dict[str, Any] = {}
    offset, page = 0, 0
    while True:
        page += 1
        params = {"size": str(size), "offset": str(offset)}
        invoices = transport.get(_PATH, params=params, read=partial(_read_page, page=page))
        fresh = [invoice for invoice in invoices if invoice.id not in seen]
        for invoice in invoices:
            if seen.setdefault(invoice.id, invoice.raw) != invoice.raw:
                raise PagingError("An invoice changed while the list was read.", page=page)
        yield from fresh
        if not fresh:
            return
        legacy = sum(not invoice.is_new_commerce for invoice in invoices)
        offset += legacy or len(invoices)


def _read_page(body: object, *, page: int) -> list[Invoice]:
    rows = Fields(body).get("items")
    if not isinstance(rows, list):
        raise PagingError("A page has no list of items.", page=page)
    try:
        invoices = [read_invoice(row) for row in rows]
    except MalformedAnswer as error:
        failure = PagingError(error.message, page=page, transient=False)
    else:
        if len({invoice.id for invoice in invoices}) != len(invoices):
            raise PagingError("An invoice came twice.", page=page)
        return invoices
    raise failure
