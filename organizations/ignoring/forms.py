"""The forms of ignoring: why, and until when."""

from django import forms

from organizations.ignoring.models import IgnoredTenant
from organizations.ignoring.operations import REASON_LENGTH


class IgnoreForm(forms.Form):
    """What is decided. ``cleaned_data`` are arguments of `ignore_tenant`."""

    kind = forms.ChoiceField(
        label="What it is",
        choices=[("", "Choose"), *IgnoredTenant.Kind.choices],
    )
    reason = forms.CharField(
        label="Reason",
        max_length=REASON_LENGTH,
        help_text="The history of the tenant keeps it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    until = forms.DateField(
        label="Ignore until",
        required=False,
        help_text="On this day it comes back. A lost customer, or another reason, needs one within"
        " a year.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class UnignoreForm(forms.Form):
    """Why a tenant comes back."""

    reason = forms.CharField(
        label="Reason",
        required=False,
        max_length=REASON_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
