"""Carrying out what a file's preview showed.

A file of organizations is imported again from its bytes, by the same rules that made the preview,
in one transaction: a worker that is killed leaves nothing behind, and the next one begins anew. Of
accounts to provision each line asks for a request of its own. Links run as the bulk link they
became.
"""

from collections import Counter
from dataclasses import asdict

from django.db import transaction
from django.utils import timezone

from organizations.directory.importing import ImportReport, import_organizations
from organizations.files.models import UploadedFile
from organizations.files.operations import lock_file
from organizations.files.remarks import Remarks
from organizations.files.storing import drop_parts, table_of
from organizations.provisioning.operations import Verdict, request_provisioning
from organizations.provisioning.order_file import Order, orders_of, remarks_on
from portal.core import audit
from portal.core.access import Actor
from portal.core.errors import Conflict, PortalError, Unavailable
from portal.core.jobs.running import RunningJob
from portal.web.sheets.reading import Remark

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


def run_provisioning(running: RunningJob) -> None:
    """Ask for the tenants of the file a job is about, line by line, each once.

    A worker that is killed leaves the requests it asked for; the next one finds them by their keys.
    Each request is work of its own, so what Microsoft refuses is told with the request.
    """
    actor = running.actor
    with transaction.atomic():
        found = UploadedFile.objects.visible_to(actor).filter(pk=running.subject_id).first()
    if found is None or found.state != State.RUNNING:
        return
    with transaction.atomic():
        orders = list(orders_of(table_of(found, actor).rows(), actor=actor))
    remarks, counts, bad = Remarks(), Counter[str](), set[int]()
    for number, order in enumerate(orders, start=1):
        said: list[Remark] = []
        if isinstance(order, Remark):
            said = [order]
        else:
            with running.step(done=number, total=len(orders)):
                try:
                    counts[_ask(found, order, actor=actor)] += 1
                except PortalError as error:
                    said = remarks_on(order, error)
        for remark in said:
            remarks.add(remark)
            bad |= {remark.line} if remark.is_error else set()
    with running.step(done=len(orders), total=len(orders)):
        file = lock_file(found, actor=actor)
        remarks.save(file, actor)
        file.counts, file.bad_rows = dict(counts), len(bad)
        file.state, file.done_at, file.refusal = State.DONE, timezone.now(), ""
        drop_parts(file, actor)
        audit.record(actor, "organizations.file_provisioned", file, after=file.counts)
        file.save()


def _ask(file: UploadedFile, order: Order, *, actor: Actor) -> str:
    """Ask for the tenant of one line, and say which count it belongs to."""
    source = file.name
    with transaction.atomic():
        row = request_provisioning(
            order.account,
            actor=actor,
            key=f"file:{file.pk}:{order.line}",
            source=source,
            agreed=order.agreed,
            **order.wish,
        )
    if row.source != source:
        return str(Verdict.THERE)
    return str(Verdict.ASKS if row.state == row.State.ASKING else Verdict.PROVISIONS)


RUNS = {
    UploadedFile.Kind.ORGANIZATIONS: run_organizations,
    UploadedFile.Kind.PROVISIONING: run_provisioning,
}


def run_rows(running: RunningJob) -> None:
    """Carry out the file a job is about, by what it holds."""
    with transaction.atomic():
        rows = UploadedFile.objects.visible_to(running.actor).filter(pk=running.subject_id)
        kind = rows.values_list("kind", flat=True).first()
    if kind in RUNS:
        RUNS[kind](running)


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
