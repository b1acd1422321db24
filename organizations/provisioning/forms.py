"""The form that asks for a tenant."""

from typing import Any
from uuid import uuid4

from django import forms

from organizations.directory.models import Account
from organizations.directory.queries import accounts
from organizations.provisioning.asking import Agreed
from portal.core.access import Actor
from tenants.connections.models import Connection
from tenants.connections.queries import connections

AGREED_FIELDS = ("agreed_first_name", "agreed_last_name", "agreed_email", "agreed_on")


class RequestForm(forms.Form):
    """An account by its organization's number, and what its tenant is to be called.

    ``token`` is the idempotency key of this very form: sent twice, it asks once.
    """

    number = forms.CharField(
        label="Organization number", max_length=40, help_text="Its primary account is provisioned."
    )
    connection = forms.ChoiceField(label="Partner Center connection")
    username = forms.CharField(
        label="Username",
        max_length=64,
        initial="admin",
        help_text="Of the tenant's global administrator. Not used for a tenant that exists.",
    )
    domain = forms.CharField(
        label="Domain prefix",
        max_length=253,
        help_text="The part before .onmicrosoft.com. For a tenant that exists, its prefix, or its"
        " domain alias with the suffix, such as .com.",
    )
    reseller_mpn_id = forms.CharField(
        label="Reseller (MPN ID)",
        max_length=20,
        required=False,
        help_text="Only for indirect connections.",
    )
    agreed_first_name = forms.CharField(
        label="First name of who agreed",
        max_length=50,
        required=False,
        help_text="Who accepted the Microsoft Customer Agreement for the customer, if you know.",
    )
    agreed_last_name = forms.CharField(label="Last name", max_length=50, required=False)
    agreed_email = forms.EmailField(label="E-mail", required=False)
    agreed_on = forms.DateField(
        label="Agreed on",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    token = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, data: Any = None, *, actor: Actor, **options: Any) -> None:
        super().__init__(data, **options)
        self._actor = actor
        self.initial.setdefault("token", str(uuid4()))
        self._connections: dict[str, Connection] = {
            str(row.pk): row for row in connections(actor).order_by("name")
        }
        choice = self.fields["connection"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(key, row.name) for key, row in self._connections.items()]

    def clean_number(self) -> Account:
        """Return the account meant; a foreign number is refused as an unknown one."""
        rows = accounts(self._actor).filter(
            organization__number=self.cleaned_data["number"].strip(),
            organization__merged_into=None,
            is_primary=True,
        )
        found: Account | None = rows.first()
        if found is None:
            raise forms.ValidationError("No organization with an account has this number.")
        return found

    def clean(self) -> dict[str, Any]:
        """Ask for all of who agreed, or for nothing of it."""
        values = super().clean() or {}
        given = [name for name in AGREED_FIELDS if values.get(name)]
        for name in AGREED_FIELDS:
            if given and not values.get(name) and name not in self.errors:
                self.add_error(name, "Say this too, or leave all of who agreed empty.")
        return values

    def arguments(self) -> dict[str, Any]:
        """Return what `operations.request_provisioning` takes beside the account."""
        values = self.cleaned_data
        agreed = None
        if values["agreed_on"]:
            agreed = Agreed(
                first_name=values["agreed_first_name"],
                last_name=values["agreed_last_name"],
                email=values["agreed_email"],
                agreed_on=values["agreed_on"],
            )
        return {
            "connection": self._connections[values["connection"]],
            "username": values["username"],
            "domain": values["domain"],
            "reseller_mpn_id": values["reseller_mpn_id"],
            "key": values["token"],
            "agreed": agreed,
        }
