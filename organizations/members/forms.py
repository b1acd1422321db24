"""The form that gives somebody a role."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import TextField, Value
from django.db.models.functions import Lower

from organizations.directory.fields import EMAIL_LENGTH, NAME_LENGTH, clean_email
from organizations.directory.models import Organization
from organizations.directory.queries import organizations
from portal.core.access import CUSTOMER_ROLES, SUB_RESELLER_ROLES, Actor, Role


class MemberForm(forms.Form):
    """Address, name, role and, for people of customers and sub-resellers, their organization.

    ``organization`` is the id the combobox chose; ``organization_text`` what was typed: all there
    is without JavaScript. ``cleaned_data["organization"]`` is the row, or None for staff.
    """

    email = forms.CharField(
        label="E-mail address",
        max_length=EMAIL_LENGTH,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    full_name = forms.CharField(label="Name", max_length=NAME_LENGTH, required=False)
    role = forms.ChoiceField(label="Role", choices=Role.choices, initial=Role.OPERATOR)
    organization = forms.CharField(required=False, widget=forms.HiddenInput)
    organization_text = forms.CharField(
        label="Organization", max_length=NAME_LENGTH, required=False
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._actor = actor

    def clean_email(self) -> str:
        """Apply the rule of every address."""
        return clean_email(self.cleaned_data["email"])

    def clean(self) -> dict[str, Any]:
        """Find the organization, which such roles need and staff cannot have."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        chosen, text = values.get("organization", ""), values.get("organization_text", "")
        values["organization"] = None
        if values.get("role") not in CUSTOMER_ROLES | SUB_RESELLER_ROLES:
            if chosen or text:
                self.add_error(
                    "organization_text", "Only roles of customers and sub-resellers have one."
                )
            return values
        if not chosen and not text:
            self.add_error("organization_text", "Choose the organization this person belongs to.")
            return values
        values["organization"] = self._find(chosen, text)
        if values["organization"] is None:
            self.add_error("organization_text", f"No organization is “{text or chosen}”; pick one.")
        return values

    def _find(self, chosen: str, text: str) -> Organization | None:
        """Return what was picked, else the one organization with this very number or name."""
        rows = organizations(self._actor)
        if chosen:
            try:
                return rows.filter(pk=chosen).first()
            except ValidationError:
                return None
        numbered = rows.filter(number=text).first()
        if numbered:
            return numbered
        named = list(rows.filter(name_key=Lower(Value(text, TextField())))[:2])
        return named[0] if len(named) == 1 else None
