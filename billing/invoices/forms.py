"""The form that asks for an import."""

from datetime import date, timedelta
from typing import Any

from django import forms

from billing.invoices.filters import MonthField
from billing.invoices.months import write_month
from tenants.connections.models import Connection


class ImportForm(forms.Form):
    """Which connection, which month. An empty month asks for all that Partner Center lists."""

    connection = forms.ModelChoiceField(
        queryset=Connection._base_manager.none(), label="Connection", empty_label=None
    )
    month = MonthField(
        label="Month",
        required=False,
        help_text=(
            "Year and month, such as 2026-05. Microsoft sends a month's invoice early in the"
            " next one. Leave it empty to import every month Partner Center lists."
        ),
        widget=forms.TextInput(attrs={"placeholder": "YYYY-MM", "inputmode": "numeric"}),
    )

    def __init__(
        self, data: Any = None, *, sources: Any, today: date, connection: str = ""
    ) -> None:
        last_month = write_month(today.replace(day=1) - timedelta(days=1))
        super().__init__(data, initial={"month": last_month, "connection": connection})
        self.fields["connection"].queryset = sources  # type: ignore[attr-defined]
