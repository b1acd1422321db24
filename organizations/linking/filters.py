"""By what tenants and links can be narrowed down, in the page and in the API.

A value that means nothing is refused rather than ignored: an ignored filter answers with
everything, which a program takes for the filtered list.
"""

from typing import Any, cast
from uuid import UUID

import django_filters
from django.db.models import QuerySet

from organizations.directory.fields import clean_country
from organizations.directory.forms import RuledField
from organizations.directory.models import Organization
from organizations.linking.models import Link
from organizations.linking.queries import tenants_of_organization
from organizations.suggestions.models import Level
from organizations.suggestions.queries import ANY, NONE, with_suggestion
from portal.core.access import Actor
from portal.web.actors import actor_of
from tenants.connections.queries import connections
from tenants.discovery.models import Tenant
from tenants.discovery.queries import search_tenants

YES_OR_NO = (("true", "true"), ("false", "false"))


def is_true(value: str) -> bool:
    """Read one of `YES_OR_NO`."""
    return value == "true"


def organization_named(text: str, *, actor: Actor) -> Organization | None:
    """Return the visible organization with this id or this number."""
    rows = Organization.objects.visible_to(actor)
    try:
        found = rows.filter(pk=UUID(text)).first()
    except ValueError:
        found = None
    return cast("Organization | None", found or rows.filter(number=text).first())


def _connections_of(request: Any) -> Any:
    return connections(actor_of(request))


class CountryField(RuledField):
    """A country by name or code. A choice of all 250 costs more to write than a page of tenants."""

    def __init__(self, **options: Any) -> None:
        super().__init__(rule=clean_country, max_length=100, **options)


class CountryFilter(django_filters.Filter):
    """Tenants of one country."""

    field_class = CountryField


SUGGESTED = ((ANY, "Any"), *Level.choices, (NONE, "None"))


class TenantPageFilter(django_filters.FilterSet):
    """Filters of the tenants page; linked and listed are its tabs."""

    connection = django_filters.ModelChoiceFilter(queryset=_connections_of, label="Connection")
    country = CountryFilter(label="Country", help_text="Its name, or its code such as NL.")
    suggestion = django_filters.ChoiceFilter(
        choices=SUGGESTED, method="filter_suggestion", label="Suggestion"
    )

    class Meta:
        model = Tenant
        fields = ("connection", "country", "suggestion")

    def filter_suggestion(self, rows: Any, _name: str, value: str) -> QuerySet[Tenant]:
        return with_suggestion(rows, value, actor=actor_of(self.request))


class TenantFilter(django_filters.FilterSet):
    """Filters of the API's tenants."""

    search = django_filters.CharFilter(
        method="filter_search", label="Part of the name, domain or Microsoft id"
    )
    linked = django_filters.TypedChoiceFilter(
        field_name="is_linked", choices=YES_OR_NO, coerce=is_true, label="Linked"
    )
    ignored = django_filters.TypedChoiceFilter(
        field_name="is_ignored", choices=YES_OR_NO, coerce=is_true, label="Left out on purpose"
    )
    status = django_filters.ChoiceFilter(choices=Tenant.Status.choices)
    connection = django_filters.UUIDFilter(field_name="connection_id")
    country = django_filters.CharFilter(method="filter_country", label="ISO 3166 code")
    organization = django_filters.CharFilter(
        method="filter_organization", label="Id or number of an organization"
    )
    suggestion = django_filters.ChoiceFilter(
        choices=SUGGESTED,
        method="filter_suggestion",
        label="Not linked, and the best suggestion has this level",
    )

    class Meta:
        model = Tenant
        fields = (
            "search",
            "linked",
            "ignored",
            "status",
            "connection",
            "country",
            "organization",
            "suggestion",
        )

    def filter_suggestion(self, rows: Any, _name: str, value: str) -> QuerySet[Tenant]:
        return with_suggestion(rows, value, actor=actor_of(self.request))

    def filter_search(self, rows: Any, _name: str, value: str) -> QuerySet[Tenant]:
        found: QuerySet[Tenant] = search_tenants(rows, value, actor=actor_of(self.request))
        return found

    def filter_country(self, rows: Any, _name: str, value: str) -> QuerySet[Tenant]:
        found: QuerySet[Tenant] = rows.filter(country=value.upper())
        return found

    def filter_organization(self, rows: Any, _name: str, value: str) -> QuerySet[Tenant]:
        actor = actor_of(self.request)
        organization = organization_named(value, actor=actor)
        if organization is None:
            return cast("QuerySet[Tenant]", rows.none())
        return tenants_of_organization(rows, actor=actor, organization_id=organization.pk)


class LinkFilter(django_filters.FilterSet):
    """Filters of the API's links."""

    tenant = django_filters.UUIDFilter(field_name="tenant_id")
    organization = django_filters.CharFilter(
        method="filter_organization", label="Id or number of an organization"
    )
    live = django_filters.TypedChoiceFilter(
        choices=YES_OR_NO, coerce=is_true, method="filter_live", label="Holds now"
    )

    class Meta:
        model = Link
        fields = ("tenant", "organization", "live")

    def filter_organization(self, rows: Any, _name: str, value: str) -> QuerySet[Link]:
        organization = organization_named(value, actor=actor_of(self.request))
        found: QuerySet[Link] = (
            rows.filter(organization=organization) if organization else rows.none()
        )
        return found

    def filter_live(self, rows: Any, _name: str, value: bool) -> QuerySet[Link]:
        found: QuerySet[Link] = rows.filter(ends_at__isnull=value)
        return found
