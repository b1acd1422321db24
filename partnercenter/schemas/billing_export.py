"""What Graph says of a billing export: the operation that makes it, and where its files are.

The place of a finished export came in three spellings so far: the manifest itself, a link to it in
an annotation, or its address as a text. All three are read; addresses are judged by who follows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from partnercenter.errors import MalformedAnswer
from partnercenter.schemas.fields import Fields
from partnercenter.secrecy import Secret

NO_DATA = "5000"
"""Graph's code for an export that failed because there is nothing to export."""
MOST_BLOBS = 100_000


@dataclass(frozen=True, slots=True)
class Blob:
    """One file of an export, named below the manifest's root."""

    name: str
    partition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The files of an export; another ``etag`` means other data.

    ``root`` and ``sas`` open the files for a short time to whoever has them, so neither is printed.
    """

    id: str
    etag: str
    partner_tenant_id: str
    created_at: datetime | None
    root: str = field(repr=False)
    sas: str = field(repr=False)
    blobs: tuple[Blob, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOperation:
    """How far an export is.

    ``status`` is Graph's word: notStarted, running, succeeded, failed. When it has succeeded there
    is either the ``manifest`` or its address; ``retry_after`` is in seconds.
    """

    id: str
    status: str
    error_code: str
    error_message: str
    manifest: Manifest | None
    manifest_address: str = field(repr=False)
    retry_after: float | None
    raw: Mapping[str, Any] = field(repr=False)

    @property
    def is_done(self) -> bool:
        """Whether it has ended, well or badly."""
        return self.status.lower() in ("succeeded", "failed")

    @property
    def has_no_data(self) -> bool:
        """Whether it ended because there is nothing to export, which is an empty result."""
        return self.status.lower() == "failed" and self.error_code == NO_DATA


def read_operation(body: object, *, retry_after: float | None = None) -> ExportOperation:
    """Return an operation.

    Raises: MalformedAnswer without a status, or when it has succeeded and leads nowhere.
    """
    fields = Fields(body)
    status = fields.text("status")
    if not status:
        raise MalformedAnswer("The answer has an export without a status.")
    place = fields.get("resourcelocation")
    manifest = read_manifest(place) if isinstance(place, dict) else None
    address = fields.text("resourcelocation@odata.navigationlink")
    if isinstance(place, str):
        address = place
    if status.lower() == "succeeded" and manifest is None and not address:
        raise MalformedAnswer("The answer has a finished export without a place.")
    error = fields.inner("error") or Fields({})
    return ExportOperation(
        id=fields.text("id"),
        status=status,
        error_code=error.text("code"),
        error_message=error.text("message"),
        manifest=manifest,
        manifest_address=address,
        retry_after=retry_after,
        raw={key: value for key, value in fields.raw.items() if key.lower() != "resourcelocation"},
    )


def read_manifest(body: object) -> Manifest:
    """Return a manifest, in the names of today or those of the beta of 2022.

    Raises: MalformedAnswer without root, or when the files are not as many as it says.
    """
    fields = Fields(body)
    root = fields.text("rootdirectory", "rootfolder")
    if not root:
        raise MalformedAnswer("The answer has a manifest without a folder.")
    blobs = tuple(
        Blob(name=blob.text("name"), partition=blob.text("partitionvalue"))
        for blob in fields.objects("blobs")
    )
    told = fields.amount("blobcount")
    if (told is not None and told != len(blobs)) or not all(blob.name for blob in blobs):
        raise MalformedAnswer("The answer has a manifest that does not name all its files.")
    if len(blobs) > MOST_BLOBS:
        raise MalformedAnswer("The answer has a manifest of too many files.")
    return Manifest(
        id=fields.text("id"),
        etag=fields.text("etag"),
        partner_tenant_id=fields.text("partnertenantid").lower(),
        created_at=fields.moment("createddatetime") or fields.moment("utccreteddatetime"),
        root=Secret(root),
        sas=Secret(fields.text("sastoken", "rootfoldersas").lstrip("?")),
        blobs=blobs,
    )
