"""By what suggestions can be narrowed down in the API."""

from typing import Any

import django_filters
from django.db.models import QuerySet

from organizations.linking.filters import organization_named
from organizations.suggestions.models import Level, LinkSuggestion
from portal.web.actors import actor_of


class LinkSuggestionFilter(django_filters.FilterSet):
    """Filters of the API's suggestions."""

    tenant = django_filters.UUIDFilter(field_name="tenant_id")
    organization = django_filters.CharFilter(
        method="filter_organization", label="Id or number of an organization"
    )
    level = django_filters.ChoiceFilter(choices=Level.choices)
    state = django_filters.ChoiceFilter(choices=LinkSuggestion.State.choices)
    rank = django_filters.NumberFilter(label="1 is the best open one of a tenant")

    class Meta:
        model = LinkSuggestion
        fields = ("tenant", "organization", "level", "state", "rank")

    def filter_organization(self, rows: Any, _name: str, value: str) -> QuerySet[LinkSuggestion]:
        organization = organization_named(value, actor=actor_of(self.request))
        found: QuerySet[LinkSuggestion] = (
            rows.filter(organization=organization) if organization else rows.none()
        )
        return found
