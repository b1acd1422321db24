"""Importing invoices from Partner Center: read page by page, stage, prove, publish.

No transaction is open while Microsoft is asked. Each page is one fenced step that stores its lines
together with the place to go on from, so a killed import resumes between two pages. An invoice that
was imported before is read and compared first; only a changed one is written again. Newer periods
of new commerce are not on the API this reads.

Lines of the kind "usage" are left out on purpose: they tell day by day what the billing lines of
the same invoice charge, and would count the money twice.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction

from billing.invoices.billed import write_billed
from billing.invoices.copying import DIGEST_SIZE, Batch, digest_of, write_rows
from billing.invoices.models import Invoice
from billing.invoices.months import month_of_header, read_month, write_month
from billing.invoices.place import KEY, Place
from billing.invoices.publishing import publish, refuse_closed
from billing.invoices.staging import (
    add_batches,
    open_staged,
    read_header,
    same_bill,
    staged_invoice,
    sweep_staged,
)
from billing.unbilled.operations import read_unbilled_again
from organizations.alert.operations import bring_in_line
from partnercenter.client import PartnerCenter
from partnercenter.errors import AnswerRefused, PartnerCenterError, RequestRefused
from partnercenter.readahead import read_ahead
from partnercenter.schemas.invoices import Invoice as Header
from portal.core.books import closed_until
from portal.core.errors import InvalidInput, NotFound, PortalError, Unavailable
from portal.core.jobs.running import RunningJob
from tenants.connections.clients import partner_center_for
from tenants.connections.failures import as_portal_error
from tenants.connections.models import Connection
from tenants.connections.operations import note_failure, note_success

PAGE_LINES = 2_000
STEP_LINES = 4_000
"""Lines stored in one transaction: what a killed import reads again at most."""

BILLING_LINES = "billing_line_items"
USUAL_PROVIDER = {True: "office", False: "one_time"}
"""What an invoice without a list of its kinds is asked for: by whether it is of the older kind."""


@dataclass(slots=True)
class Import:
    """One run of the job: where it reads from, and what it has done so far."""

    running: RunningJob
    source: Connection
    center: PartnerCenter
    month: date | None
    place: Place | None
    done: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)

    def payload(self, place: Place | None) -> dict[str, Any]:
        month = write_month(self.month) if self.month else None
        return {"month": month, KEY: place.to_dict() if place else None}

    def step(self, note: str, place: Place | None) -> Any:
        """Open a fenced transaction that also says how far we are."""
        self.place = place
        return self.running.step(done=self.done, note=note, payload=self.payload(place))


def run_import(running: RunningJob) -> None:
    """Import what the job asks for; its result counts the invoices by what became of them.

    An invoice that is refused does not keep the others out; the job then ends with its reason.

    Raises:
        NotFound: the connection is gone, or Partner Center lists no invoice of the month.
        Unavailable: Partner Center could not be read; says of which invoice.
        InvalidInput: an invoice is not what its lines say; nothing of it is published.
    """
    run = _begin(running)
    try:
        headers = _wanted(run)
    except PartnerCenterError as error:
        failure = as_portal_error(error)
        note_failure(run.source, failure)
        raise failure from error
    note_success(run.source)
    sweep_staged(run.source, running=running, but=run.place.invoice_id if run.place else None)
    refused = []
    for position, header in enumerate(headers, start=1):
        try:
            _import_invoice(run, header, note=f"{header.id} ({position} of {len(headers)})")
        except PortalError as error:
            if error.transient:
                raise
            refused.append(error)
    write_billed(run.source, month=run.month, running=running)
    if run.outcomes["imported"] or run.outcomes["new_versions"]:
        read_unbilled_again(run.source, actor=running.actor)
    bring_in_line(actor=running.actor, step=running.step)
    running.report(done=run.done, note="", result=dict(run.outcomes))
    if refused:
        raise refused[0] if len(refused) == 1 else _together(refused)


def _begin(running: RunningJob) -> Import:
    with transaction.atomic():
        source = Connection.objects.visible_to(running.actor).filter(pk=running.subject_id).first()
    if source is None:
        raise NotFound("The connection is gone.")
    payload = running.job.payload
    place = Place.from_dict(payload[KEY]) if payload.get(KEY) else None
    month = read_month(payload["month"]) if payload.get("month") else None
    return Import(running, source, partner_center_for(source), month, place)


def _wanted(run: Import) -> list[Header]:
    """Return the invoices to import, oldest first, those without a date last."""
    listed = [(month_of_header(header), header) for header in run.center.invoices.list()]
    if run.month is None:
        listed.sort(key=lambda pair: (pair[0] is None, pair[0] or date.max, pair[1].id))
        return [header for _, header in listed]
    wanted = [header for month, header in listed if month == run.month]
    if not wanted:
        months = sorted({write_month(month) for month, _ in listed if month})
        raise NotFound(
            f"Partner Center lists no invoice for {write_month(run.month)} on {run.source.name}."
            + (f" It lists {', '.join(months[-12:])}." if months else " It lists none at all."),
            code="no_invoice",
        )
    return sorted(wanted, key=lambda header: header.id)


def _together(refused: list[PortalError]) -> InvalidInput:
    return InvalidInput(" ".join(error.detail for error in refused), code="several_refused")


def _import_invoice(run: Import, header: Header, *, note: str) -> None:
    try:
        draft = read_header(header)
        current = _published(run, header)
        if current and same_bill(draft, current) and _same_lines(run, header, current, note=note):
            run.outcomes["unchanged"] += 1
            return
        _refuse_closed(run, draft, current)
        _stage_and_publish(run, header, draft, note=note)
    except PartnerCenterError as error:
        failure = as_portal_error(error)
        if not failure.transient:
            sweep_staged(run.source, running=run.running)
        raise Unavailable(
            f"Invoice {header.id}: {failure.detail}", transient=failure.transient, code=failure.code
        ) from error
    except PortalError:
        sweep_staged(run.source, running=run.running)
        raise
    run.outcomes["new_versions" if current else "imported"] += 1


def _refuse_closed(run: Import, draft: Invoice, current: Invoice | None) -> None:
    """Refuse what publishing would refuse, before a million lines are read for nothing."""
    with transaction.atomic():
        closed = closed_until(run.running.actor)
    for invoice in (draft, *([current] if current else [])):
        refuse_closed(invoice.number, invoice.month, closed)


def _published(run: Import, header: Header) -> Invoice | None:
    with transaction.atomic():
        rows = Invoice.objects.visible_to(run.running.actor).filter(connection=run.source)
        found: Invoice | None = rows.filter(
            number=header.id[:60], state=Invoice.State.PUBLISHED
        ).first()
    return found


def _same_lines(run: Import, header: Header, current: Invoice, *, note: str) -> bool:
    """Read an invoice again and tell whether it has the lines it had."""
    lines, digest = 0, 0
    for kind in _kinds(header, current):
        for page in run.center.invoices.line_items(header.id, *kind, size=PAGE_LINES):
            lines += len(page.items)
            digest = (digest + digest_of(page.items)) % DIGEST_SIZE
            run.running.report(note=f"Comparing {note}")
    run.done += lines
    return lines == current.lines and f"{digest:032x}" == current.digest


def _stage_and_publish(run: Import, header: Header, draft: Invoice, *, note: str) -> None:
    staged = _resumed(run, draft)
    if staged is None:
        sweep_staged(run.source, running=run.running)
        staged = _opened(run, draft, note=note)
        _fill(run, header, staged, note=note)
    else:
        try:
            _fill(run, header, staged, note=note)
        except (RequestRefused, AnswerRefused):
            # Microsoft's places in a list expire; the invoice is read from the start instead.
            sweep_staged(run.source, running=run.running)
            staged = _opened(run, read_header(header), note=note)
            _fill(run, header, staged, note=note)
    place = run.place
    assert place is not None
    with run.step(f"Publishing {note}", None):
        publish(staged, actor=run.running.actor, lines=place.lines, digest=place.digest)


def _resumed(run: Import, draft: Invoice) -> Invoice | None:
    """Return what an earlier attempt of this job staged, if it still is the same bill."""
    if run.place is None:
        return None
    staged = staged_invoice(run.source, running=run.running, invoice_id=run.place.invoice_id)
    if staged is None or staged.number != draft.number or not same_bill(staged, draft):
        return None
    run.done += run.place.lines
    return staged


def _opened(run: Import, draft: Invoice, *, note: str) -> Invoice:
    with run.step(f"Reading {note}", Place(str(draft.pk))):
        return open_staged(draft, source=run.source, running=run.running)


def _fill(run: Import, header: Header, staged: Invoice, *, note: str) -> None:
    """Store every page from the run's place on; the last one leaves the place behind them all."""
    assert run.place is not None
    for place, batches in read_ahead(_batches(run.center, header, staged, run.place)):
        run.done += sum(batch.count for batch in batches)
        with run.step(f"Reading {note}", place):
            add_batches(batches)


def _batches(
    center: PartnerCenter, header: Header, staged: Invoice, place: Place
) -> Iterator[tuple[Place, list[Batch]]]:
    """Yield pages ready to be stored, some at a time, each lot with the place behind it.

    Runs in the reading thread and so leaves the database alone.
    """
    waiting: list[Batch] = []
    for number, kind in list(enumerate(_kinds(header, staged)))[place.kind :]:
        after = place.after if number == place.kind else None
        for page in center.invoices.line_items(header.id, *kind, size=PAGE_LINES, after=after):
            batch = write_rows(
                page.items,
                reseller_id=staged.reseller_id,
                invoice_id=staged.pk,
                invoice=staged.number,
                currency=staged.currency,
                first=place.lines + 1,
            )
            place = place.passed(batch, kind=number, after=page.after)
            waiting.append(batch)
            if sum(ready.count for ready in waiting) >= STEP_LINES:
                yield place, waiting
                waiting = []
    yield place, waiting


def _kinds(header: Header, invoice: Invoice) -> list[tuple[str, str]]:
    """Return providers and type of the lines that make up an invoice's total, each once."""
    named = [
        detail.provider
        for detail in header.details
        if detail.line_item_type.lower() == BILLING_LINES and detail.provider.lower() != "none"
    ]
    if "all" in named:
        named = ["all"]
    providers = dict.fromkeys(named) or {USUAL_PROVIDER[invoice.is_legacy]: None}
    return [(provider, BILLING_LINES) for provider in providers]
