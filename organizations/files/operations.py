"""Uploading a file, running what its preview showed, and letting it go.

Nothing of a file is done before somebody has seen what it would do: uploading it asks a worker to
read it, and only what was checked can be run.
"""

from collections.abc import Iterable
from typing import cast

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from organizations.bulk.models import BulkLink
from organizations.bulk.operations import discard_bulk, run_bulk
from organizations.files.models import FILE_LASTS, UploadedFile
from organizations.files.storing import store_parts
from portal.core.access import Actor
from portal.core.errors import Conflict, InvalidInput
from portal.core.jobs.kinds import JobKind
from portal.core.jobs.operations import enqueue
from portal.web.sheets.encodings import AUTOMATIC, CHOICES

CHECK_FILE = JobKind("organizations.check_file", "default", max_attempts=5)
RUN_FILE = JobKind("organizations.run_file", "default", max_attempts=5)
NAME_LENGTH = 255
MEGABYTE = 1_000_000
Kind, State = UploadedFile.Kind, UploadedFile.State


def upload_file(
    content: Iterable[bytes],
    *,
    actor: Actor,
    kind: str,
    name: str,
    size: int,
    encoding: str = AUTOMATIC,
    change_existing: bool = False,
) -> UploadedFile:
    """Keep a file and ask for it to be read; nothing it says is done yet.

    ``content`` are its bytes, ``size`` of them in all. ``change_existing``: of organizations, give
    those that exist the file's values; of links, move tenants that are linked elsewhere.

    Raises:
        InvalidInput: no such kind or encoding, an empty file, or one beyond the limit.
    """
    _require_for(kind, change_existing, actor=actor)
    if encoding not in CHOICES:
        raise InvalidInput(
            "There is no such encoding here.", fields={"encoding": ["Choose one of the list."]}
        )
    if not size:
        raise InvalidInput("The file is empty.", fields={"file": ["Choose a file with rows."]})
    if size > settings.UPLOAD_BYTES:
        most = settings.UPLOAD_BYTES / MEGABYTE
        text = (
            f"The file has {size / MEGABYTE:,.1f} MB; {most:,.1f} MB are taken here. Split it"
            + (
                "."
                if kind == Kind.PROVISIONING
                else f", or import it with manage.py import_{kind}, which takes any size."
            )
        )
        raise InvalidInput(text, code="too_large", fields={"file": [text]})
    with transaction.atomic():
        file = UploadedFile(
            reseller_id=actor.reseller_id,
            kind=kind,
            name=_clean_name(name, kind),
            size=size,
            encoding=encoding,
            change_existing=change_existing,
            asked_by=actor.label[:250],
        )
        file.save(force_insert=True)
        store_parts(file, content)
        file.job = enqueue(CHECK_FILE, actor=actor, title=f"Read {file.name}", subject_id=file.pk)
        file.save(update_fields=["job"])
    return file


def run_file(file: UploadedFile, *, actor: Actor, skip_bad_rows: bool = False) -> UploadedFile:
    """Ask for what a file's preview showed to be done.

    Raises:
        Conflict: ``not_checked``, ``file_expired``; or ``bad_rows`` unless they are to be skipped;
            or ``nothing_to_do``.
    """
    with transaction.atomic():
        row = lock_file(file, actor=actor)
        _require_for(row.kind, row.change_existing, actor=actor)
        if row.state != State.CHECKED:
            raise Conflict(
                f"{row.name} is {row.get_state_display().lower()}; only a preview can be run.",
                code="not_checked",
            )
        if row.is_expired:
            raise Conflict(
                "This preview is older than a day, and much may have changed since."
                " Upload the file again.",
                code="file_expired",
            )
        if row.bad_rows and not skip_bad_rows:
            raise Conflict(
                f"{row.bad_rows:,} rows cannot be used. Mend them and upload the file again, or say"
                " that they are to be skipped.",
                code="bad_rows",
                fields={"skip_bad_rows": ["Tick this to leave them out."]},
            )
        row.state, row.skip_bad_rows = State.RUNNING, skip_bad_rows
        if row.kind == Kind.LINKS:
            if row.bulk is None:
                raise Conflict("Its preview is gone. Upload the file again.", code="file_expired")
            row.bulk = run_bulk(row.bulk, actor=actor)
        else:
            verb = "Provision the accounts of" if row.kind == Kind.PROVISIONING else "Import"
            title = f"{verb} {row.name}"
            row.job = enqueue(RUN_FILE, actor=actor, title=title, subject_id=row.pk)
        row.save(update_fields=["state", "skip_bad_rows", "job", "bulk"])
    return row


def discard_file(file: UploadedFile, *, actor: Actor) -> None:
    """Delete a file that nobody is going to run, with what it says.

    Raises:
        Conflict: it was run, or is being read.
    """
    with transaction.atomic():
        row = lock_file(file, actor=actor)
        _require_for(row.kind, row.change_existing, actor=actor)
        busy = row.state == State.CHECKING and row.job is not None and row.job.is_open
        if busy or row.state in (State.RUNNING, State.DONE):
            raise Conflict(
                f"{row.name} is {row.get_state_display().lower()}; it cannot be taken back.",
                code="not_checked",
            )
        bulk = row.bulk
        row.delete()
        if bulk is not None and bulk.state == BulkLink.State.DRAFT:
            discard_bulk(bulk, actor=actor)


def forget_files(*, actor: Actor) -> int:
    """Delete the files that can no longer be run, and return how many."""
    old = UploadedFile.objects.visible_to(actor).filter(
        state__in=[State.CHECKED, State.REFUSED, State.CHECKING],
        created_at__lt=timezone.now() - FILE_LASTS,
    )
    gone = 0
    with transaction.atomic():
        found = list(old.select_related("job"))
    for row in found:
        if row.job is None or not row.job.is_open:
            discard_file(row, actor=actor)
            gone += 1
    return gone


def lock_file(file: UploadedFile, *, actor: Actor) -> UploadedFile:
    """Return a file as it stands, locked until the transaction ends."""
    rows = UploadedFile.objects.select_related("job", "bulk")
    locked = rows.select_for_update(of=("self",), no_key=True)
    return cast(UploadedFile, locked.get_visible(actor, pk=file.pk))


def _require_for(kind: str, change_existing: bool, *, actor: Actor) -> None:
    if kind == Kind.LINKS:
        actor.require("tenants.link")
        if change_existing:
            actor.require("tenants.unlink")
    elif kind == Kind.ORGANIZATIONS:
        actor.require("organizations.create")
        if change_existing:
            actor.require("organizations.change")
    elif kind == Kind.PROVISIONING:
        actor.require("tenants.provision")
    else:
        choices = " or ".join(Kind.values)
        raise InvalidInput("There are no such files.", fields={"kind": [f"Use {choices}."]})


def _clean_name(name: str, kind: str) -> str:
    """Return a file's name without its folder and what cannot be seen."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(character for character in last if character.isprintable()).strip()
    return (shown or f"{kind}.csv")[-NAME_LENGTH:]
