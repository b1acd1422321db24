"""The forms of bulk links: to which organization, from which level on, and why it is undone."""

from typing import Any

from django import forms

from organizations.linking.forms import LinkForm
from organizations.suggestions.models import Level

WHY_LENGTH = 500


class BulkLinkForm(LinkForm):
    """The one organization that all chosen tenants are linked to."""

    why = forms.CharField(
        required=False,
        max_length=WHY_LENGTH,
        label="Note",
        help_text="The history of every tenant keeps it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.wants_new:
            self.add_error("organization_text", "Choose an organization that is there already.")
        return cleaned


class BulkSuggestionsForm(forms.Form):
    """How good a suggestion has to be."""

    level = forms.ChoiceField(
        label="Accept suggestions that are",
        choices=[
            (Level.CERTAIN, "Certain"),
            (Level.LIKELY, "Likely or certain"),
            (Level.POSSIBLE, "Possible, likely or certain"),
        ],
    )


class UndoBulkForm(forms.Form):
    """Why a bulk link is taken back."""

    reason = forms.CharField(
        label="Reason",
        max_length=WHY_LENGTH,
        help_text="The history of every tenant keeps it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
