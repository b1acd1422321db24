"""Reading uploaded files."""

from uuid import UUID

from organizations.files.models import FileRemark, UploadedFile
from portal.core.access import Actor
from portal.core.rows import ScopedQuerySet


def files(actor: Actor) -> "ScopedQuerySet[UploadedFile]":
    """Return the files the actor may see, each with its job and, of links, its bulk link."""
    rows: ScopedQuerySet[UploadedFile] = UploadedFile.objects.visible_to(actor)
    return rows.select_related("job", "bulk", "bulk__job")


def get_file(actor: Actor, file_id: UUID) -> UploadedFile:
    """Return one file, or raise `NotFound` alike for foreign and unknown ones."""
    rows: ScopedQuerySet[UploadedFile] = UploadedFile.objects.select_related(
        "job", "bulk", "bulk__job"
    )
    return rows.get_visible(actor, pk=file_id)


def remarks_of(file: UploadedFile, actor: Actor) -> "ScopedQuerySet[FileRemark]":
    """Return what there is to say of a file's rows, in the order of its lines."""
    rows: ScopedQuerySet[FileRemark] = FileRemark.objects.visible_to(actor)
    return rows.filter(file=file).order_by("position")
