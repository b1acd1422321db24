"""Reading an uploaded file to its end and writing down what it would do. Nothing else is done."""

from collections import Counter
from dataclasses import asdict

from django.db import transaction

from organizations.bulk.files import file_rows
from organizations.bulk.models import BulkItem, BulkLink
from organizations.bulk.operations import preview_rows
from organizations.bulk.queries import HARMLESS, said_of_lines
from organizations.directory.importing import import_organizations
from organizations.files.models import UploadedFile
from organizations.files.remarks import Remarks
from organizations.files.storing import drop_parts, table_of
from organizations.linking.link_file import COLUMNS
from organizations.provisioning.operations import Verdict
from organizations.provisioning.order_file import judge_orders
from portal.core.access import Actor
from portal.core.errors import Conflict, InvalidInput, Unavailable
from portal.core.jobs.running import RunningJob
from portal.web.sheets.reading import Remark, Table

State = UploadedFile.State
ASKS = "A tenant has this domain already; the request will ask before anything is linked."


def check_file(running: RunningJob) -> None:
    """Check the file a job is about; called again, it begins anew, and once checked does nothing.

    Raises:
        Unavailable: others import or create organizations at the moment.
    """
    actor = running.actor
    with transaction.atomic():
        file = UploadedFile.objects.visible_to(actor).filter(pk=running.subject_id).first()
    if file is None or file.state != State.CHECKING:
        return
    check = CHECKS[file.kind]
    try:
        check(file, running)
    except InvalidInput as error:
        with running.step():
            file.state, file.refusal = State.REFUSED, error.detail
            file.save(update_fields=["state", "refusal"])
            drop_parts(file, actor)
    except Conflict as error:
        raise Unavailable(error.detail, code=error.code) from error


def _check_organizations(file: UploadedFile, running: RunningJob) -> None:
    actor, remarks = running.actor, Remarks()
    with transaction.atomic():
        table = table_of(file, actor)
        report = import_organizations(
            table.rows,
            actor=actor,
            tell=remarks.add,
            dry_run=True,
            update=file.change_existing,
        )
    with running.step():
        file.counts, file.bad_rows = asdict(report), report.bad_rows
        _conclude(file, table, remarks, actor=actor)


def _check_links(file: UploadedFile, running: RunningJob) -> None:
    actor = running.actor
    with transaction.atomic():
        table = table_of(file, actor)
        bulk = preview_rows(
            file_rows(table.rows(), actor=actor),
            actor=actor,
            source=file.name,
            allow_moves=file.change_existing,
            why=f"From {file.name}",
        )
        remarks = _remarks_on(bulk, actor)
        # At the end of the transaction, not around it: a preview whose lease is lost goes with it.
        with running.step():
            file.bulk = bulk
            there = bulk.skipped.get(HARMLESS, 0)
            file.bad_rows = bulk.to_skip - there
            file.counts = {"linked": bulk.to_link, "moved": bulk.to_move, "unchanged": there}
            drop_parts(file, actor)
            _conclude(file, table, remarks, actor=actor)


def _check_provisioning(file: UploadedFile, running: RunningJob) -> None:
    actor, remarks = running.actor, Remarks()
    counts: Counter[str] = Counter()
    bad: set[int] = set()
    with transaction.atomic():
        table = table_of(file, actor)
        for judged in judge_orders(table.rows(), actor=actor):
            if isinstance(judged, Remark):
                remarks.add(judged)
                bad |= {judged.line} if judged.is_error else set()
                continue
            counts[judged.verdict] += 1
            if judged.verdict == Verdict.ASKS:
                remarks.add(Remark(judged.order.line, ASKS, "domain_prefix", is_error=False))
        with running.step():
            file.counts, file.bad_rows = dict(counts), len(bad)
            _conclude(file, table, remarks, actor=actor)


CHECKS = {
    UploadedFile.Kind.ORGANIZATIONS: _check_organizations,
    UploadedFile.Kind.LINKS: _check_links,
    UploadedFile.Kind.PROVISIONING: _check_provisioning,
}


def _remarks_on(bulk: BulkLink, actor: Actor) -> Remarks:
    """Return what the preview says of the lines it leaves out, and of others there is to know."""
    remarks = Remarks()
    for item in said_of_lines(bulk, actor=actor).iterator():
        column, _, text = item.detail.partition(": ")
        known = column in COLUMNS
        remarks.add(
            Remark(
                item.line or 0,
                text if known else item.detail,
                column if known else "",
                is_error=item.action == BulkItem.Action.SKIP,
            )
        )
    return remarks


def _conclude(file: UploadedFile, table: Table, remarks: Remarks, *, actor: Actor) -> None:
    remarks.save(file, actor)
    file.state = State.CHECKED
    file.guess = table.encoding.describe() if table.encoding.is_guess else ""
    file.unknown_columns = table.unknown
    file.save()
