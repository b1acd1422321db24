"""By what organizations and accounts can be narrowed down, on the page and in the API.

A value that means nothing is refused, not ignored: a program would take the whole list for the
filtered one.
"""

from typing import Any

import django_filters
from django.db.models import QuerySet

from organizations.directory.fields import country_names
from organizations.directory.models import Account, Organization
from organizations.directory.queries import matching
from portal.web.actors import actor_of

YES_OR_NO = (("true", "true"), ("false", "false"))


def is_true(value: str) -> bool:
    """Read one of `YES_OR_NO`."""
    return value == "true"


def _countries() -> list[tuple[str, str]]:
    return list(country_names().items())


class OrganizationFilter(django_filters.FilterSet):
    """Filters of the organizations page; incomplete ones are a tab of it."""

    country = django_filters.ChoiceFilter(label="Country", choices=_countries)
    kind = django_filters.ChoiceFilter(label="Kind", choices=Organization.Kind.choices)

    class Meta:
        model = Organization
        fields = ("country", "kind")


class OrganizationApiFilter(django_filters.FilterSet):
    """Filters of the API's organizations."""

    search = django_filters.CharFilter(
        method="filter_search",
        label="Part of the name, number or domain; up to two letters: its beginning",
    )
    number = django_filters.CharFilter(label="The exact number")
    primary_domain = django_filters.CharFilter(label="The exact domain, lower case, punycode")
    country = django_filters.ChoiceFilter(label="ISO 3166 code", choices=_countries)
    kind = django_filters.ChoiceFilter(choices=Organization.Kind.choices)
    parent = django_filters.UUIDFilter(
        field_name="parent_id", label="Id of the sub-reseller it belongs to"
    )
    incomplete = django_filters.TypedChoiceFilter(
        field_name="is_complete",
        exclude=True,
        choices=YES_OR_NO,
        coerce=is_true,
        label="Something that people must fill in is missing",
    )

    class Meta:
        model = Organization
        fields = ("search", "number", "primary_domain", "country", "kind", "parent", "incomplete")

    def filter_search(self, rows: Any, _name: str, value: str) -> QuerySet[Organization]:
        found: QuerySet[Organization] = matching(rows, value, actor=actor_of(self.request))
        return found


class AccountApiFilter(django_filters.FilterSet):
    """Filters of the API's accounts."""

    organization = django_filters.UUIDFilter(
        field_name="organization_id", label="Id of its organization"
    )
    customer_number = django_filters.CharFilter(label="The exact customer number")
    is_primary = django_filters.TypedChoiceFilter(
        choices=YES_OR_NO, coerce=is_true, label="Its organization's primary account"
    )

    class Meta:
        model = Account
        fields = ("organization", "customer_number", "is_primary")
