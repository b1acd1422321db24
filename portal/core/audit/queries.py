"""Reading the audit trail."""

from django.db import models

from portal.core.access import Actor
from portal.core.audit.actions import ACTIONS
from portal.core.audit.models import AuditEvent
from portal.core.rows import ScopedQuerySet


def events(actor: Actor) -> "ScopedQuerySet[AuditEvent]":
    """Return what the actor may read of the trail, newest first."""
    actor.require("audit.view")
    rows: ScopedQuerySet[AuditEvent] = AuditEvent.objects.visible_to(actor).order_by("-sequence")
    return rows


def history_of(subject: models.Model, actor: Actor, *, limit: int = 50) -> list[AuditEvent]:
    """Return the newest events about one row, for its own page (1 query)."""
    rows = AuditEvent.objects.visible_to(actor).filter(
        subject_type=subject._meta.label_lower, subject_id=str(subject.pk)
    )
    return list(rows.order_by("-sequence")[:limit])


def sentence(event: AuditEvent) -> str:
    """Return what happened in words, without the actor's name in front."""
    return ACTIONS.get(event.action, event.action).replace("{subject}", event.subject_label)
