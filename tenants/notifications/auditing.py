"""Reading the audit of Partner Center: what changed about customers since we last read it.

There is no event for a customer that the partner makes itself, so the audit is read every quarter
of an hour. It can be asked for by whole days only and its records come late and in any order;
therefore a day more than needed is read each time, and a record counts once, by its id. A record is
a hint like an event: the customer it names is asked for.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from partnercenter.client import PartnerCenter
from partnercenter.event_subjects import CUSTOMER, EventSubject
from partnercenter.resources.audit import DAYS_KEPT
from partnercenter.schemas.audit import AuditRecord
from portal.core.jobs.running import RunningJob
from tenants.connections.models import Connection
from tenants.discovery.models import Source
from tenants.notifications.looks import wish
from tenants.notifications.models import AuditCursor

OVERLAP = timedelta(days=1)
OLDEST = timedelta(days=DAYS_KEPT - 1)
RESOURCE = "customer"
OPERATIONS = frozenset(
    {
        "addcustomer",
        "deletecustomer",
        "removepartnercustomerrelationship",
        "resellerrelationshipacceptedbycustomer",
        "updatecustomerpartnercontractcompanyname",
    }
)
"""Beside every operation on the resource itself; in the client's spelling."""

SEE = """
    INSERT INTO tenants_seenrecord (id, reseller_id, connection_id, record_hash, happened_at)
    SELECT gen_random_uuid(), %s, %s, given.hash, given.happened_at
    FROM unnest(%s::text[], %s::timestamptz[]) AS given (hash, happened_at)
    ORDER BY given.hash ON CONFLICT DO NOTHING
    RETURNING record_hash
"""


def read_audit(running: RunningJob, connection: Connection, client: PartnerCenter) -> None:
    """Read what is new and want its customers to be looked at.

    Raises: PartnerCenterError; what was read counts as read. LeaseLost.
    """
    began = timezone.now()
    with transaction.atomic():
        since = read_from(_read_until(connection), now=began)
    for page in client.audit.pages(since.date()):
        with running.step(note=f"Page {page.number} of the audit"):
            _take_in(connection, page.items, since=since)
    with running.step(note="Looking at what changed"):
        _write_cursor(connection, began)


def read_from(until: datetime | None, *, now: datetime) -> datetime:
    """Return the moment from which on records are read; never one that Microsoft refuses.

    ``until``: when it was last read; None for never, then only the overlap is.
    """
    return max((until or now) - OVERLAP, now - OLDEST)


def is_about_customer(record: AuditRecord) -> bool:
    """Tell whether a record says that something about a customer may be other than it was."""
    if not record.customer_id or record.status == "failed":
        return False
    return record.resource_type == RESOURCE or record.operation in OPERATIONS


def record_hash(record: AuditRecord) -> str:
    """Return what a record is known by: its id, or all of it where it has none."""
    text = record.id or json.dumps(record.raw, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _take_in(connection: Connection, records: Iterable[AuditRecord], *, since: datetime) -> None:
    """Want the customers of records that were not read before to be looked at."""
    given = {
        record_hash(record): record
        for record in records
        if is_about_customer(record) and _moment(record, since) >= since
    }
    if not given:
        return
    moments = [_moment(record, since) for record in given.values()]
    with database.cursor() as cursor:
        cursor.execute(SEE, [connection.reseller_id, connection.pk, list(given), moments])
        new = [given[key] for (key,) in cursor.fetchall()]
    subjects = [EventSubject(CUSTOMER, record.customer_id) for record in new]
    wish(connection, subjects, source=Source.AUDIT)


def _moment(record: AuditRecord, since: datetime) -> datetime:
    """Return when it happened; a record that does not say counts as new."""
    happened = record.happened
    if happened is None:
        return since
    return happened if happened.tzinfo else happened.replace(tzinfo=UTC)


def _read_until(connection: Connection) -> datetime | None:
    rows = AuditCursor.objects.filter(
        reseller_id=connection.reseller_id, connection_id=connection.pk
    )
    return rows.values_list("read_until", flat=True).first() or connection.discovered_at


def _write_cursor(connection: Connection, began: datetime) -> None:
    AuditCursor.objects.update_or_create(
        reseller_id=connection.reseller_id,
        connection_id=connection.pk,
        defaults={"read_until": began, "polled_at": timezone.now()},
    )
