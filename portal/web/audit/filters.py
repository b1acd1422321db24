"""Filters of the audit list."""

import django_filters
from django import forms

from portal.core.audit.actions import ACTIONS
from portal.core.audit.models import AuditEvent


class AuditFilter(django_filters.FilterSet):
    """What happened, and when."""

    action = django_filters.ChoiceFilter(
        label="Action",
        choices=[(name, text.replace("{subject}", "…")) for name, text in ACTIONS.items()],
    )
    since = django_filters.DateFilter(
        label="From",
        field_name="at",
        lookup_expr="date__gte",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    until = django_filters.DateFilter(
        label="To",
        field_name="at",
        lookup_expr="date__lte",
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    class Meta:
        model = AuditEvent
        fields = ("action",)
