"""Reading what is not billed yet: ask for an export, look again, read it, write the sums down.

Microsoft takes minutes to make an export. The job keeps its place and gives its worker up between
two looks, so nothing waits behind it. A worker killed while it reads begins that currency again
from nothing; tenants keep the former figure, and its date, until everything was read.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from structlog import get_logger

from organizations.alert.operations import bring_in_line
from partnercenter.client import PartnerCenter
from partnercenter.errors import ExportExpired, PartnerCenterError
from partnercenter.schemas.billing_export import ExportOperation
from portal.core.errors import NotFound, Unavailable
from portal.core.jobs.running import NotYet, RunningJob
from tenants.connections.clients import partner_center_for
from tenants.connections.failures import as_portal_error
from tenants.connections.models import Connection
from tenants.discovery.unbilled import add_unbilled, drop_unbilled, note_unbilled

LOOK_AGAIN = 30.0
"""Seconds to the next look where Microsoft names none."""
LONGEST_WAIT = 600.0
HELD = 5_000
"""Tenants summed up in memory at a time; the rest is in the database."""
Sums = dict[tuple[str, UUID], Decimal]
log = get_logger(__name__)


def read_unbilled(running: RunningJob) -> None:
    """Carry out what `request_unbilled` asked for; the result counts lines and tenants.

    Raises:
        NotFound: the connection is gone.
        Unavailable: Partner Center could not be read.
        NotYet: an export is not ready.
    """
    with transaction.atomic():
        rows = Connection.objects.visible_to(running.actor)
        source: Connection | None = rows.filter(pk=running.subject_id).first()
    if source is None:
        raise NotFound("The connection is gone.")
    center = partner_center_for(source)
    done = list(running.job.payload.get("done", ()))
    for currency in running.job.payload["currencies"]:
        if currency not in done:
            try:
                _read_currency(currency, source=source, center=center, running=running)
            except PartnerCenterError as error:
                raise as_portal_error(error) from error
            done.append(currency)
            _keep(running, done=done, place=None)
    _publish(source, running=running)


def _read_currency(
    currency: str, *, source: Connection, center: PartnerCenter, running: RunningJob
) -> None:
    operation = _finished(currency, center=center, running=running)
    with running.step(note=f"Reading {currency}"):
        drop_unbilled(connection=source, actor=running.actor, currency=currency)
    if operation.has_no_data:
        return
    if operation.status.lower() == "failed":
        _keep(running, place=None)
        raise Unavailable(
            f"Microsoft could not make the export of {currency}: {operation.error_message}",
            code="export_failed",
        )
    try:
        manifest = center.billing_export.manifest(operation, partner_tenant=source.partner_tenant)
        sums: Sums = {}
        lines = running.job.done
        for line in center.billing_export.lines(manifest):
            lines += 1
            _add(sums, line.customer_id, line.currency, line.total)
            if len(sums) >= HELD:
                _flush(sums, source=source, running=running, lines=lines)
        _flush(sums, source=source, running=running, lines=lines)
    except ExportExpired:
        _keep(running, place=None)
        raise


def _finished(currency: str, *, center: PartnerCenter, running: RunningJob) -> ExportOperation:
    """Return the finished export, or end this try: it is asked for, or looked at again later."""
    place = running.job.payload.get("place")
    if not place:
        asked = center.billing_export.request_unbilled(currency)
        _keep(running, place=asked.place, note=f"Microsoft prepares {currency}")
        raise NotYet(seconds=_wait(asked.retry_after))
    try:
        operation = center.billing_export.operation(place)
    except ExportExpired:
        _keep(running, place=None)
        raise
    if not operation.is_done:
        raise NotYet(seconds=_wait(operation.retry_after))
    return operation


def _publish(source: Connection, *, running: RunningJob) -> None:
    at = timezone.now()
    if kept := running.job.payload.get("at"):
        at = datetime.fromisoformat(kept)
    else:
        _keep(running, at=at.isoformat())
    tenants, changed = 0, 1
    while changed:
        with running.step(note="Writing what each tenant is not billed yet"):
            changed = note_unbilled(connection=source, actor=running.actor, at=at)
        tenants += changed
    with running.step(note="", result={"lines": running.job.done, "tenants": tenants}):
        drop_unbilled(connection=source, actor=running.actor)
    bring_in_line(actor=running.actor, step=running.step)
    log.info("unbilled_read", lines=running.job.done, tenants=tenants)


def _add(sums: Sums, customer: str, currency: str, amount: Decimal) -> None:
    try:
        key = (currency, UUID(customer))
    except ValueError:
        return  # no tenant has such an id; the invoice will show the line as nobody's
    sums[key] = sums.get(key, Decimal(0)) + amount


def _flush(sums: Sums, *, source: Connection, running: RunningJob, lines: int) -> None:
    with running.step(done=lines):
        add_unbilled(sums, connection=source, actor=running.actor)
    sums.clear()


def _keep(running: RunningJob, *, note: str | None = None, **changes: Any) -> None:
    """Write down in the job how far it is."""
    running.report(note=note, payload={**running.job.payload, **changes})


def _wait(seconds: float | None) -> float:
    return min(seconds or LOOK_AGAIN, LONGEST_WAIT)
