"""By what alerts can be narrowed down, in the page and in the API."""

from typing import Any
from uuid import UUID

import django_filters
from django.db.models import QuerySet

from organizations.alert.facts import KINDS
from organizations.alert.models import Condition
from organizations.alert.queries import search_conditions
from portal.notify.queries import readers
from portal.web.actors import actor_of
from tenants.connections.queries import connections

KIND_CHOICES = [(kind.name, kind.label) for kind in KINDS.values()]
ME, NOBODY = "me", "nobody"


def _connections_of(request: Any) -> Any:
    return connections(actor_of(request))


class ConditionFilter(django_filters.FilterSet):
    """State and search are the page's tabs and box; the API has them too (`ApiConditionFilter`)."""

    kind = django_filters.ChoiceFilter(label="Kind", choices=KIND_CHOICES)
    connection = django_filters.ModelChoiceFilter(queryset=_connections_of, label="Connection")
    owner = django_filters.ChoiceFilter(label="Owner", method="filter_owner", choices=())

    class Meta:
        model = Condition
        fields = ("kind", "connection", "owner")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        actor = actor_of(self.request)
        people = [(str(one.pk), one.label) for one in readers(actor, needs="alerts.manage")]
        self.filters["owner"].extra["choices"] = [
            (ME, "Me"),
            (NOBODY, "Nobody yet"),
            *people,
        ]

    def filter_owner(self, rows: Any, _name: str, value: str) -> QuerySet[Condition]:
        found: QuerySet[Condition]
        if value == NOBODY:
            found = rows.filter(assignee=None)
        elif value == ME:
            found = rows.filter(assignee=actor_of(self.request).membership_id)
        else:
            found = rows.filter(assignee=UUID(value))
        return found


class ApiConditionFilter(django_filters.FilterSet):
    """What programs ask for."""

    search = django_filters.CharFilter(method="filter_search", label="Part of the name or domain")
    kind = django_filters.ChoiceFilter(choices=KIND_CHOICES)
    state = django_filters.ChoiceFilter(choices=Condition.State.choices)
    connection = django_filters.UUIDFilter(field_name="connection_id")
    tenant = django_filters.UUIDFilter(field_name="tenant_id")
    owner = django_filters.UUIDFilter(field_name="assignee_id", label="Id of a member")

    class Meta:
        model = Condition
        fields = ("search", "kind", "state", "connection", "tenant", "owner")

    def filter_search(self, rows: Any, _name: str, value: str) -> QuerySet[Condition]:
        found: QuerySet[Condition] = search_conditions(rows, value)
        return found
