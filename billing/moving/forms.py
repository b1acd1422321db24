"""The form of moving: to which organization, from which day, why."""

from typing import Any

from django import forms

from organizations.linking.forms import LinkForm, day_field
from organizations.linking.periods import FROM


class MoveForm(LinkForm):
    """``chosen`` is the organization; ``link`` the live link the person decided on."""

    reason = forms.CharField(
        required=False,
        label="Reason",
        max_length=500,
        help_text="The history of the tenant keeps it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    link = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[FROM] = day_field(
            "Months that begin before this day stay where they are. Empty: everything that is"
            " not closed moves."
        )
