"""Billing data of new commerce, as Graph exports it: ask, look again, read the files.

An export takes minutes, so each step stands alone and gives back what a job stores until the next:
`place` of an operation is a path on Graph's own host, whatever address an answer named.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from partnercenter.blobs import BlobReader
from partnercenter.errors import (
    ExportExpired,
    InvalidRequest,
    LinkRefused,
    MalformedAnswer,
    MixedUpAnswer,
)
from partnercenter.retrying import asked_wait
from partnercenter.schemas.billing_export import (
    ExportOperation,
    Manifest,
    read_manifest,
    read_operation,
)
from partnercenter.schemas.invoices import bare_invoice_id
from partnercenter.schemas.line_items import LineItem, read_line_item
from partnercenter.transport import Transport

_ROOT = "/v1.0/reports/partners/billing"
# Samples name both versions; what is named is asked.
_PLACE = re.compile(
    r"/(?:v1\.0|beta)/reports/partners/billing/(?:operations|manifests)/[A-Za-z0-9_-]{1,100}"
)
PERIODS = ("current", "last")
_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Requested:
    """An export that was accepted. ``place`` is where to look; ``retry_after`` in seconds."""

    place: str
    retry_after: float | None


class BillingExport:
    """Reconciliation and daily rated usage, billed and not yet billed."""

    def __init__(self, transport: Transport, blobs: BlobReader) -> None:
        self._transport = transport
        self._blobs = blobs

    def request_billed(
        self, invoice_id: str, *, usage: bool = False, basic: bool = False
    ) -> Requested:
        """Ask for the lines of an invoice, or for the usage behind them. Raises: as calls do.

        Asking twice makes two exports and costs nothing, so the call is repeated when unsure.
        """
        bare = bare_invoice_id(invoice_id)
        if not bare.isalnum() or not bare.isascii():
            raise InvalidRequest("An invoice is named by letters and digits.")
        body = {"invoiceId": bare, "attributeSet": "basic" if basic else "full"}
        return self._request("billed", body, usage=usage)

    def request_unbilled(
        self, currency: str, period: str = "current", *, usage: bool = False, basic: bool = False
    ) -> Requested:
        """Ask for what is not billed yet, of the period ``current`` or ``last``."""
        if period not in PERIODS or not _CURRENCY.fullmatch(currency.upper()):
            raise InvalidRequest("Unbilled data has a currency, and is of the current or last one.")
        body = {
            "currencyCode": currency.upper(),
            "billingPeriod": period,
            "attributeSet": "basic" if basic else "full",
        }
        return self._request("unbilled", body, usage=usage)

    def operation(self, place: str) -> ExportOperation:
        """Return how far an export is. Raises: ExportExpired; then it is to be asked for again."""
        answer = self._transport.call("GET", self._checked(place), missing=ExportExpired)
        return read_operation(answer.data(), retry_after=asked_wait(answer.headers))

    def manifest(self, operation: ExportOperation, *, partner_tenant: str) -> Manifest:
        """Return the files of a finished export.

        Raises: ExportExpired, LinkRefused, and MixedUpAnswer when they are another partner's.
        """
        manifest = operation.manifest
        if manifest is None:
            path = self._path_of(operation.manifest_address)
            manifest = self._transport.get(path, read=read_manifest, missing=ExportExpired)
        if manifest.partner_tenant_id and manifest.partner_tenant_id != partner_tenant.lower():
            raise MixedUpAnswer("The export is of another partner.")
        return manifest

    def lines(self, manifest: Manifest, *, invoice_id: str = "") -> Iterator[LineItem]:
        """Yield the lines of all files as they come; one file is read at a time, never held whole.

        Nothing may be used before the end was reached: what was read until an error is no invoice.
        Raises: MalformedAnswer, also for a line of another invoice; ExportExpired; TornAnswer.
        """
        wanted = bare_invoice_id(invoice_id).lower()
        for blob in manifest.blobs:
            for row in self._blobs.rows(manifest.root, blob.name, manifest.sas):
                line = read_line_item(row)
                found = bare_invoice_id(line.invoice_id).lower()
                if wanted and found and found != wanted:
                    raise MalformedAnswer("A line belongs to another invoice.")
                yield line

    def _request(self, state: str, body: dict[str, str], *, usage: bool) -> Requested:
        kind = "usage" if usage else "reconciliation"
        answer = self._transport.call(
            "POST", f"{_ROOT}/{kind}/{state}/export", body=body, idempotent=True
        )
        address = answer.headers.get("Location", "")
        if not address:
            raise MalformedAnswer("An export was accepted without a place to look.")
        return Requested(self._path_of(address), asked_wait(answer.headers))

    def _path_of(self, address: str) -> str:
        """Return the path of an address on Graph's own host. Raises: LinkRefused for any other."""
        base = urlsplit(self._transport.base)
        try:
            parts = urlsplit(address)
            own = (parts.scheme, parts.netloc) == (base.scheme, base.netloc)
        except ValueError:
            own = False
        if not own or parts.query or parts.fragment:
            raise LinkRefused("The export is said to be at a place that is not Graph's.")
        return self._checked(parts.path)

    @staticmethod
    def _checked(path: str) -> str:
        if not _PLACE.fullmatch(path):
            raise LinkRefused("The export is said to be at a place that is not Graph's.")
        return path
