"""Asking for invoices to be imported.

One import of a connection runs at a time, whatever its months: two would stage the same invoice,
and Partner Center answers them no faster than one.
"""

from datetime import date

from django.db import transaction
from django.utils import timezone

from billing.invoices.months import write_month
from portal.core import audit
from portal.core.access import Actor
from portal.core.errors import InvalidInput
from portal.core.jobs.kinds import JobKind
from portal.core.jobs.models import Job
from portal.core.jobs.operations import enqueue
from tenants.connections.models import Connection

IMPORT_INVOICES = JobKind("billing.import_invoices", queue="invoice")
IMPORT_AT_ONCE = JobKind(IMPORT_INVOICES.name, queue="invoice", max_attempts=1)
"""For somebody who waits in front of it: a failure is told at once instead of tried again later."""


def import_invoices(
    source: Connection,
    *,
    actor: Actor,
    month: date | None = None,
    kind: JobKind = IMPORT_INVOICES,
) -> Job:
    """Ask for a month's invoices of a connection, or for all that Partner Center lists (None).

    Raises:
        InvalidInput: the month has not begun in the current time zone, the reseller's.
        Conflict: an import of this connection is under way; ``data["job"]`` is its id.
    """
    actor.require("invoices.import")
    if month and month > timezone.localdate():
        raise InvalidInput(
            f"{write_month(month)} has not begun; there are no invoices for it.",
            fields={"month": ["Choose a month that has begun."]},
        )
    what = f"invoices of {write_month(month)}" if month else "all invoices"
    with transaction.atomic():
        job = enqueue(
            kind,
            actor=actor,
            title=f"Import {what} from {source.name}",
            subject_id=source.pk,
            dedupe_key=str(source.pk),
            payload={"month": write_month(month) if month else None},
        )
        audit.record(
            actor,
            "billing.import_requested",
            source,
            after={"month": write_month(month) if month else "all"},
        )
    return job
