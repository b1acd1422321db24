"""Carrying out what a file's preview showed: all of it in one transaction, or nothing.

A file of organizations is imported again from its bytes, by the same rules that made the preview. A
worker that is killed leaves nothing behind, and the next one begins anew. Links run as the bulk
link they became.
"""

from dataclasses import asdict

from django.db import transaction
from django.utils import timezone

from organizations.directory.importing import ImportReport, import_organizations
from organizations.files.models import UploadedFile
from organizations.files.operations import lock_file
from organizations.files.remarks import Remarks
from organizations.files.storing import drop_parts, table_of
from portal.core import audit
from portal.core.errors import Conflict, Unavailable
from portal.core.jobs.running import RunningJob

State = UploadedFile.State


def run_organizations(running: RunningJob) -> None:
    """Import the organizations of the file a job is about; done once, it does nothing more.

    Raises:
        Unavailable: others import or create organizations at the moment.
    """
    actor = running.actor
    with transaction.atomic():
        found = UploadedFile.objects.visible_to(actor).filter(pk=running.subject_id).first()
    if found is None or found.state != State.RUNNING:
        return
    try:
        with transaction.atomic():
            file = lock_file(found, actor=actor)
            if file.state != State.RUNNING:
                return
            remarks = Remarks()
            report = import_organizations(
                table_of(file, actor).rows,
                actor=actor,
                tell=remarks.add,
                reason=f"Imported from {file.name}",
                skip_bad_rows=file.skip_bad_rows,
                update=file.change_existing,
            )
            # The fence at the end: whoever has lost the job loses the import with it.
            with running.step(done=report.created + report.changed):
                _conclude(file, report, remarks, running)
    except Conflict as error:
        raise Unavailable(error.detail, code=error.code) from error


def _conclude(
    file: UploadedFile, report: ImportReport, remarks: Remarks, running: RunningJob
) -> None:
    actor = running.actor
    remarks.save(file, actor)
    file.counts, file.bad_rows = asdict(report), report.bad_rows
    if report.written:
        file.state, file.done_at, file.refusal = State.DONE, timezone.now(), ""
        drop_parts(file, actor)
        audit.record(actor, "organizations.file_imported", file, after=file.counts)
    else:
        file.state = State.CHECKED
        file.refusal = (
            "Nothing was imported: since the preview, rows have become unusable. They are below."
        )
    file.save()
