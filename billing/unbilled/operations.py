"""Asking what Microsoft has not billed yet.

One reading of a connection runs at a time. Microsoft makes an export per currency; a connection's
invoices tell which it is billed in, and before the first the reseller's own currency has to do.
"""

from contextlib import suppress

from django.db import transaction

from billing.invoices.models import Invoice
from portal.core import audit
from portal.core.access import Actor
from portal.core.errors import Conflict
from portal.core.identity.models import Reseller
from portal.core.jobs.kinds import JobKind
from portal.core.jobs.models import Job
from portal.core.jobs.operations import enqueue
from tenants.connections.models import Connection
from tenants.connections.queries import connections

READ_UNBILLED = JobKind("billing.read_unbilled", queue="invoice")


def request_unbilled(source: Connection, *, actor: Actor) -> Job:
    """Ask for what a connection has not billed yet.

    Raises:
        Conflict: that is being read already; ``data["job"]`` is its id.
    """
    actor.require("invoices.import")
    with transaction.atomic():
        job = enqueue(
            READ_UNBILLED,
            actor=actor,
            title=f"Read what is not billed yet from {source.name}",
            subject_id=source.pk,
            dedupe_key=str(source.pk),
            payload={"currencies": currencies_of(source, actor=actor)},
        )
        audit.record(actor, "billing.unbilled_requested", source)
    return job


def read_unbilled_again(source: Connection, *, actor: Actor) -> None:
    """Ask again after an invoice came in: its lines were unbilled, and would count twice.

    A reading under way is left to go on; the next night's sets right what it missed.
    """
    with suppress(Conflict):
        request_unbilled(source, actor=actor)


def request_all_unbilled(*, actor: Actor) -> list[Job]:
    """Ask it of every connection that was discovered once; one under way is left to go on."""
    with transaction.atomic():
        rows = list(connections(actor).filter(discovered_at__isnull=False))
    asked = []
    for row in rows:
        try:
            asked.append(request_unbilled(row, actor=actor))
        except Conflict:
            continue
    return asked


def currencies_of(source: Connection, *, actor: Actor) -> list[str]:
    """Return the currencies a connection is billed in (1 query, 2 before the first invoice)."""
    rows = Invoice.objects.visible_to(actor).filter(
        connection=source, state=Invoice.State.PUBLISHED
    )
    found = sorted(set(rows.order_by().values_list("currency", flat=True).distinct()))
    return found or [Reseller.objects.values_list("currency", flat=True).get(pk=actor.reseller_id)]
