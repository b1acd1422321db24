"""What a billing export holds: its rows, the version of its data, and its blobs.

Nothing is written to disk. A blob is a stretch of the invoice's row file that is read, shaped and
packed while it is sent, so an export of a million rows costs no more memory than one of ten.
"""

import base64
import hashlib
import uuid
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from partnercenter.simulator.graph_rows import graph_shaper
from partnercenter.simulator.line_rows import Selection, as_v1
from partnercenter.simulator.row_chain import SizedRows, as_json
from partnercenter.simulator.stores.exports import Export
from partnercenter.simulator.worlds.billing_months import months_after

if TYPE_CHECKING:
    from partnercenter.simulator.site import Site

_ROWS_AT_ONCE = 500
_GZIP = 16 + zlib.MAX_WBITS
# Rows repeat each other, so the quickest packing is nearly as small as the best.
_LEVEL = 1
_KINDS = {"reconciliation": "billing_line_items", "usage": "usage_line_items"}
_PERIODS = {"current": "current", "last": "previous"}


def rows_of(site: "Site", export: Export) -> SizedRows:
    """Return the rows an export is cut from: those of one invoice, or unbilled ones.

    They are as they were when the export was asked for.
    """
    books = site.invoices.books(export.created, invoice_day=export.invoice_day)
    if export.invoice:
        invoice = books.get(bare_id(export.invoice))
        return books.lines(invoice["id"] if invoice else "")
    return books.unbilled(_PERIODS[export.period], before=export.sequence)


def has_data(site: "Site", export: Export) -> bool:
    """Tell whether any row is asked for; without one Microsoft lets the export fail."""
    rows, selection = rows_of(site, export), _selection(export)
    for offset in range(0, len(rows), _ROWS_AT_ONCE):
        if export.dataset == "usage":
            # Looking for usage in a million other rows must not parse every one of them.
            raw = rows.raw_page(offset, _ROWS_AT_ONCE)
            if not any(b"sage" in line for line in raw):
                continue
        if any(selection.takes(as_v1(row)) for row in rows.page(offset, _ROWS_AT_ONCE)):
            return True
    return False


def etag_of_data(site: "Site", export: Export) -> str:
    """Return a text that differs when the content of the blobs does."""
    rows = rows_of(site, export)
    facts = (
        export.dataset,
        export.attribute_set,
        bare_id(export.invoice).lower(),
        export.currency,
        export.unknown_columns,
        export.numbers_as_text,
        rows.version,
    )
    digest = hashlib.blake2b(repr(facts).encode(), digest_size=12).digest()
    return base64.urlsafe_b64encode(digest).decode()


def blob_names(site: "Site", export: Export) -> list[str]:
    """Return the names of an export's blobs, in the order of its rows; there is one at least."""
    count = max(1, -(-len(rows_of(site, export)) // export.blob_rows))
    return [
        f"part-{at:05d}-{uuid.uuid5(uuid.NAMESPACE_OID, export.id)}.c000.json.gz"
        for at in range(count)
    ]


def stream_blob(site: "Site", export: Export, number: int) -> Iterator[bytes]:
    """Yield the packed content of the zero-based `number`-th blob.

    Raises WorldError, in the middle, for a row in the world that cannot be read.
    """
    rows, selection = rows_of(site, export), _selection(export)
    shape = graph_shaper(
        export.dataset,
        export.attribute_set,
        invoice=bare_id(export.invoice),
        unknown_columns=export.unknown_columns,
        as_text=export.numbers_as_text,
    )
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    first = number * export.blob_rows
    last = min(first + export.blob_rows, len(rows))
    for offset in range(first, last, _ROWS_AT_ONCE):
        page = rows.page(offset, min(_ROWS_AT_ONCE, last - offset))
        lines = [f"{as_json(shape(row))}\n" for row in page if selection.takes(as_v1(row))]
        packed = packer.compress("".join(lines).encode("utf-8", "replace"))
        if packed:
            yield packed
    yield packer.flush()


def root_directory(site: "Site", export: Export) -> str:
    """Return the path under which an export's blobs lie, beginning with a slash."""
    tenant = site.world.partner.tenant_id
    month = _billing_month(site, export)
    source = f"InvoiceId={bare_id(export.invoice)}"
    billed = "billed"
    if not export.invoice:
        source, billed = f"CurrencyCode={export.currency}", "unbilled"
    return (
        f"/partnerbilling/{billed}{export.dataset}/v1/PartnerTenantId={tenant}"
        f"/BillingMonth={month}/{source}/Fragment={export.attribute_set}"
        f"/PartitionType=default/ExportId={export.id}"
    )


def bare_id(invoice_id: str) -> str:
    """Return an invoice id without the kind that may stand in front of it."""
    for prefix in ("recurring-", "onetime-"):
        if invoice_id.lower().startswith(prefix):
            return invoice_id[len(prefix) :]
    return invoice_id


def _billing_month(site: "Site", export: Export) -> str:
    if export.invoice:
        books = site.invoices.books(export.created, invoice_day=export.invoice_day)
        invoice = books.get(bare_id(export.invoice)) or {}
        billed = invoice.get("billingPeriodStartDate") or invoice.get("invoiceDate")
        return str(billed or export.created)[:7].replace("-", "")
    first = export.created.date().replace(day=1)
    return f"{months_after(first, -1) if export.period == 'last' else first:%Y%m}"


def _selection(export: Export) -> Selection:
    return Selection(
        provider="one_time",
        kind=_KINDS[export.dataset],
        currency=export.currency,
        with_credit=None,
    )
