"""The one form of the integration test."""

from django import forms


class RunForm(forms.Form):
    """What a person declares when asking for a run."""

    is_sandbox = forms.BooleanField(
        label="This is a sandbox",
        required=False,
        help_text="Also make a customer and delete it again. Only for an integration sandbox"
        " account: a customer made in production can never be deleted. An account that does not"
        " behave like a sandbox is left alone.",
    )
