"""The forms of closing a month and of opening it again."""

from django import forms

KEPT = "The closing keeps it."


class CloseForm(forms.Form):
    """Whether a month is closed although money of it belongs to nobody, and why."""

    accept_unassigned = forms.BooleanField(
        required=False,
        label="Close it although nobody is charged for what is unassigned",
    )
    reason = forms.CharField(
        required=False,
        label="Reason",
        max_length=500,
        help_text=f"Needed when something stays unassigned. {KEPT}",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: object, has_unassigned: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if not has_unassigned:
            del self.fields["accept_unassigned"], self.fields["reason"]


class ReopenForm(forms.Form):
    """Why a month is opened again."""

    reason = forms.CharField(
        label="Reason",
        max_length=500,
        help_text=KEPT,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
