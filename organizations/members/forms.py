"""The form that gives somebody a role."""

from typing import Any

from django import forms

from organizations.directory.models import Organization
from organizations.directory.queries import organizations
from portal.core.access import Actor, Role


class MemberForm(forms.Form):
    """A person, a role, and for customer roles the organization."""

    email = forms.EmailField(label="E-mail address")
    full_name = forms.CharField(label="Name", max_length=200)
    role = forms.ChoiceField(label="Role", choices=Role.choices)
    organization = forms.CharField(
        label="Organization number",
        required=False,
        max_length=40,
        help_text="For customer roles only: whose people they are.",
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])

    def clean_organization(self) -> Organization | None:
        number = self.cleaned_data["organization"].strip()
        if not number:
            return None
        found: Organization | None = organizations(self.actor).filter(number=number).first()
        if found is None:
            raise forms.ValidationError(f"No organization has the number {number}.")
        return found
