"""Work done for each sign-in of a reseller, one job for each connection."""

from typing import Any

from django.db import transaction

from portal.core.access import Actor
from portal.core.errors import Conflict
from portal.core.jobs.kinds import JobKind
from portal.core.jobs.models import Job
from portal.core.jobs.operations import enqueue
from tenants.connections.models import Consent


def ask_for_each(kind: JobKind, *, actor: Actor, title: str, **which: Any) -> list[Job]:
    """Ask for a job for the connection of every active sign-in that ``which`` (look-ups) names.

    ``title`` has a place for the connection's name. One that is under way is left to go on.
    """
    with transaction.atomic():
        rows = Consent.objects.visible_to(actor).filter(state=Consent.State.ACTIVE, **which)
        found = list(rows.select_related("connection").order_by("pk"))
    asked = []
    for row in found:
        try:
            with transaction.atomic():
                job = enqueue(
                    kind,
                    actor=actor,
                    title=title.format(row.connection.name),
                    subject_id=row.connection_id,
                    dedupe_key=str(row.connection_id),
                )
        except Conflict:
            continue
        asked.append(job)
    return asked
