"""The audit page: who did what, newest first."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.core.audit.models import AuditEvent
from portal.core.audit.queries import events, sentence
from portal.web.audit.filters import AuditFilter
from portal.web.lists import Column, Empty, ListPage
from portal.web.pages import Page


class AuditListPage(ListPage):
    """The reseller's trail."""

    capability = "audit.view"
    model = AuditEvent
    title, one, many = "Audit", "event", "events"
    columns = (
        Column("what", "What happened"),
        Column("reason", "Why", hidden_on_phone=True),
        Column("at", "When", sort="sequence"),
    )
    row_template = "audit/event_row.html"
    default_sort = "-sequence"
    search_label, search_fields = "Search people and subjects", ("actor_label", "subject_label")
    filterset_class = AuditFilter

    def get_rows(self) -> QuerySet[Any]:
        return events(self.actor)

    def empty(self) -> Empty:
        return Empty("Nothing has happened yet", "Every change is written here with its author.")


class AuditEventPage(Page):
    """One event with what it changed."""

    capability = "audit.view"

    def get(self, request: HttpRequest, event_id: UUID) -> HttpResponse:
        event = AuditEvent.objects.get_visible(self.actor, pk=event_id)
        names = sorted({*event.before, *event.after})
        changes = [(name, event.before.get(name), event.after.get(name)) for name in names]
        context = {
            "title": f"Event {event.sequence}",
            "event": event,
            "sentence": sentence(event),
            "changes": changes,
        }
        return render(request, "audit/event_detail.html", context)
