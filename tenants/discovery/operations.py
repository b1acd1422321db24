"""Asking for discoveries, deciding about held ones, and what other floors write onto tenants.

Tenants name no organization and no invoice. What lists of tenants show of the floors above is
written down to them here: linking says who is linked, ignoring who is left out, billing what was
billed last.
"""

from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.db import connection as database
from django.db import transaction
from django.utils import timezone
from structlog import get_logger

from partnercenter.schemas.customers import CustomerSummary
from portal.core import audit
from portal.core.access import Actor
from portal.core.errors import Conflict, InvalidInput, NotFound
from portal.core.jobs.kinds import JobKind
from portal.core.jobs.models import Job
from portal.core.jobs.operations import enqueue
from tenants.connections.models import Connection
from tenants.connections.queries import connections
from tenants.discovery.details import read_details
from tenants.discovery.discovering import complete
from tenants.discovery.listing import listed
from tenants.discovery.models import DiscoveryRun, Source, Tenant
from tenants.discovery.queries import is_newest
from tenants.discovery.storing import store_tenants

__all__ = [
    "DISCOVERY",
    "DISCOVERY_AT_ONCE",
    "mark_ignored",
    "mark_linked",
    "mark_missing_anyway",
    "note_billing",
    "read_details",
    "request_discoveries",
    "request_discovery",
    "sight_tenants",
]

DISCOVERY = JobKind("tenants.discover", "sync", max_attempts=5)
DISCOVERY_AT_ONCE = JobKind(DISCOVERY.name, DISCOVERY.queue, max_attempts=1)
"""For somebody who waits in front of it: a failure is told at once instead of tried again later."""

log = get_logger(__name__)

NOTE_BILLING = """
    UPDATE tenants_tenant t SET billed_amount = billed.amount,
        billed_currency = billed.currency, billed_month = billed.month
    FROM (
        SELECT t.id, given.amount, given.currency, given.month
        FROM unnest(%s::uuid[], %s::numeric[], %s::text[], %s::date[])
            AS given (microsoft_id, amount, currency, month)
        JOIN tenants_tenant t
            ON t.reseller_id = %s AND t.microsoft_id = given.microsoft_id
        WHERE (t.billed_amount, t.billed_currency, t.billed_month)
            IS DISTINCT FROM (given.amount, given.currency, given.month)
        ORDER BY t.microsoft_id FOR NO KEY UPDATE OF t
    ) billed
    WHERE t.id = billed.id
"""

MARK_LINKED = """
    UPDATE tenants_tenant t SET is_linked = %(linked)s,
        is_ignored = t.is_ignored AND NOT %(linked)s
    FROM (
        SELECT id FROM tenants_tenant
        WHERE reseller_id = %(reseller)s AND id = ANY (%(ids)s::uuid[])
          AND is_linked <> %(linked)s
        ORDER BY microsoft_id FOR NO KEY UPDATE
    ) chosen
    WHERE t.id = chosen.id
"""

MARK_IGNORED = """
    UPDATE tenants_tenant t SET is_ignored = %(ignored)s
    FROM (
        SELECT id FROM tenants_tenant
        WHERE reseller_id = %(reseller)s AND id = ANY (%(ids)s::uuid[])
          AND is_ignored <> %(ignored)s
        ORDER BY microsoft_id FOR NO KEY UPDATE
    ) chosen
    WHERE t.id = chosen.id
"""


def request_discovery(
    connection: Connection, *, actor: Actor, kind: JobKind = DISCOVERY
) -> DiscoveryRun:
    """Ask for a discovery of a connection; a worker carries it out.

    Raises:
        Conflict: one is under way; the sentence says who asked for it and when, ``data`` has the
            ids of its ``job`` and ``discovery_run``.
    """
    actor.require("discovery.run")
    with transaction.atomic():
        row: Connection = connections(actor).get_visible(actor, pk=connection.pk)
        run = DiscoveryRun(pk=uuid4(), reseller_id=actor.reseller_id, connection=row)
        try:
            run.job = enqueue(
                kind,
                actor=actor,
                title=f"Discover tenants of {row.name}",
                subject_id=run.pk,
                dedupe_key=str(row.pk),
            )
        except Conflict as conflict:
            raise _under_way(row, job_id=conflict.data["job"], actor=actor) from None
        run.save(force_insert=True)
        audit.record(actor, "tenants.discovery_requested", row)
    return run


def request_discoveries(*, actor: Actor) -> list[DiscoveryRun]:
    """Ask for a discovery of every connection of a reseller; one under way is left to go on."""
    with transaction.atomic():
        rows = list(connections(actor))
    asked = []
    for row in rows:
        try:
            asked.append(request_discovery(row, actor=actor))
        except Conflict as conflict:
            log.info("discovery_under_way", connection=str(row.pk), **conflict.data)
    return asked


def mark_missing_anyway(run: DiscoveryRun, *, actor: Actor, reason: str) -> DiscoveryRun:
    """Mark the tenants missing that a run held back, because a person knows they are gone.

    Raises:
        InvalidInput: no reason was given.
        Conflict: the run holds nothing back any more, or a newer discovery was asked for.
    """
    actor.require("connections.manage")
    reason = reason.replace("\x00", "").strip()
    if not reason:
        text = "Say why these tenants are really gone; the history keeps it."
        raise InvalidInput(text, fields={"reason": [text]})
    with transaction.atomic():
        row: DiscoveryRun | None = (
            DiscoveryRun.objects.visible_to(actor)
            .select_for_update(of=("self", "job"))
            .select_related("job", "connection")
            .filter(pk=run.pk)
            .first()
        )
        if row is None:
            raise NotFound
        if not row.is_held or row.job.state != Job.State.NEEDS_PERSON:
            raise Conflict("This discovery holds nothing back.", code="not_held")
        if not is_newest(row, actor=actor):
            raise Conflict(
                f"{row.connection.name} was asked to be discovered again since; decide about the"
                " newest discovery.",
                code="superseded",
            )
        complete(row, actor=actor, reason=reason)
        Job.objects.filter(pk=row.job.pk).update(state=Job.State.DONE, error="", error_code="")
        row.job.refresh_from_db()
    return row


def mark_linked(tenant_ids: Collection[UUID], *, actor: Actor, linked: bool) -> int:
    """Write whether tenants have a live link, in one statement; returns how many changed.

    For linking, in the transaction that begins or ends the links. Takes the tenants in the order
    of their Microsoft ids, then their rows of the tally: lock everything else before. What is
    linked is not ignored any more; whoever links ends the ignoring too.
    """
    values: dict[str, Any] = {
        "linked": linked,
        "reseller": actor.reseller_id,
        "ids": list(tenant_ids),
    }
    with database.cursor() as cursor:
        cursor.execute(MARK_LINKED, values)
        return int(cursor.rowcount)


def mark_ignored(tenant_ids: Collection[UUID], *, actor: Actor, ignored: bool) -> int:
    """Write whether tenants are left out of what is not linked; returns how many changed.

    For ignoring, in the transaction that begins or ends it, with the same order of locks as
    `mark_linked`. The database refuses to ignore what is linked.
    """
    values: dict[str, Any] = {
        "ignored": ignored,
        "reseller": actor.reseller_id,
        "ids": list(tenant_ids),
    }
    with database.cursor() as cursor:
        cursor.execute(MARK_IGNORED, values)
        return int(cursor.rowcount)


def note_billing(
    rows: Iterable[tuple[UUID, Decimal | None, str, date | None]], *, actor: Actor
) -> int:
    """Write what tenants were billed last, in one statement; returns how many changed.

    Rows are Microsoft id, amount (None: nothing), currency and the month's first day. A tenant that
    is not known is passed over.
    """
    columns = [list(column) for column in zip(*rows, strict=True)]
    if not columns:
        return 0
    with database.cursor() as cursor:
        cursor.execute(NOTE_BILLING, [*columns, actor.reseller_id])
        return int(cursor.rowcount)


def sight_tenants(
    rows: Iterable[tuple[UUID, str, str]],
    *,
    connection: Connection,
    actor: Actor,
    job: Job | None = None,
) -> int:
    """Make tenants of customers that were only seen on an invoice; returns how many were new.

    Rows are Microsoft id, name and domain. Tenants already known are left as they are: an invoice
    of last month says nothing about today's list. With the ``job`` that met them they are in the
    history of discoveries too.
    """
    given = {
        microsoft_id: CustomerSummary(str(microsoft_id), name, domain, "", {})
        for microsoft_id, name, domain in rows
    }
    named = listed(given.values())
    stored = store_tenants(connection, named, current=False)
    if job is not None and stored.created:
        DiscoveryRun.objects.create(
            reseller_id=actor.reseller_id,
            connection=connection,
            job=job,
            source=Source.INVOICE,
            found=len(named),
            created=stored.created,
            mended=named.mended,
            completed_at=timezone.now(),
        )
    return stored.created


def store_customer(customer: CustomerSummary, *, connection: Connection, actor: Actor) -> Tenant:
    """Store one customer that Partner Center has now, as a discovery would, and return its tenant.

    In the caller's transaction; the same customer again changes nothing.
    """
    store_tenants(connection, listed([customer]))
    row: Tenant = Tenant.objects.select_related("connection").get_visible(
        actor, microsoft_id=customer.id
    )
    return row


def _under_way(connection: Connection, *, job_id: str, actor: Actor) -> Conflict:
    job: Job = Job.objects.get_visible(actor, pk=job_id)
    return Conflict(
        f"{connection.name} is being discovered already: {job.asked_by} asked for it on"
        f" {job.created_at:%Y-%m-%d at %H:%M} UTC.",
        code="job_open",
        data={"job": str(job.pk), "discovery_run": str(job.subject_id)},
    )
