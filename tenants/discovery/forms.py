"""The one form of discovery."""

from django import forms


class MarkMissingForm(forms.Form):
    """Why so many tenants really are gone."""

    reason = forms.CharField(
        label="Reason",
        max_length=500,
        help_text="What you know of it; the history of this discovery keeps it.",
    )
