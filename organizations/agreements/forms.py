"""The form that says who agreed."""

from typing import Any

from django import forms

from organizations.provisioning.agreeing import NAME_LENGTH, PHONE_LENGTH, read_agreed
from organizations.provisioning.asking import Agreed
from portal.core.errors import InvalidInput
from portal.web.pages import add_errors


class AgreementForm(forms.Form):
    """Who accepted the Microsoft Customer Agreement for the customer; ``agreed`` once valid."""

    agreed_first_name = forms.CharField(label="First name", max_length=NAME_LENGTH)
    agreed_last_name = forms.CharField(label="Last name", max_length=NAME_LENGTH)
    agreed_email = forms.CharField(label="E-mail", max_length=254, widget=forms.EmailInput)
    agreed_phone = forms.CharField(
        label="Phone",
        max_length=PHONE_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel"}),
    )
    agreed_on = forms.CharField(
        label="Agreed on", max_length=40, widget=forms.DateInput(attrs={"type": "date"})
    )

    agreed: Agreed | None = None

    def clean(self) -> dict[str, Any]:
        """Judge it as a line of a file is judged."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return values
        try:
            self.agreed = read_agreed(values)
        except InvalidInput as error:
            add_errors(self, error)
        return values
