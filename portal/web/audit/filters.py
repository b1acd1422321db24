"""Filters of the audit list."""

from datetime import UTC, datetime
from typing import Any

import django_filters
from django import forms
from django_filters.fields import IsoDateTimeField

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


class MomentField(IsoDateTimeField):
    """A moment in any offset, as UTC: PostgreSQL knows fewer offsets than ISO 8601 can write."""

    def to_python(self, value: Any) -> datetime | None:
        moment: datetime | None = super().to_python(value)
        try:
            return moment and moment.astimezone(UTC)
        except OverflowError:
            raise forms.ValidationError("This moment is out of range.") from None


class MomentFilter(django_filters.IsoDateTimeFilter):
    field_class = MomentField


class AuditEventFilter(django_filters.FilterSet):
    """What programs look for: about what, and when."""

    action = django_filters.CharFilter()
    subject_type = django_filters.CharFilter()
    subject_id = django_filters.CharFilter()
    organization_id = django_filters.UUIDFilter()
    correlation_id = django_filters.CharFilter()
    at__gte = MomentFilter(field_name="at", lookup_expr="gte")
    at__lt = MomentFilter(field_name="at", lookup_expr="lt")

    class Meta:
        model = AuditEvent
        fields = ()
