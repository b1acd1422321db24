"""The form of an organization, as the directory and the linking pages show it.

The rules are those of `fields` and `domains`; the form only puts their sentences beside the field.
What resembles the new organization is shown with a box to tick, so nobody makes a duplicate without
having seen the other one.
"""

from collections.abc import Callable
from typing import Any

from django import forms

from organizations.directory.details import (
    LABELS,
    MPN_LENGTH,
    NUMBER_LENGTH,
    PARTNER_LABELS,
    AccountDetails,
    clean_mpn_id,
    clean_number,
    clean_partner_tenant,
)
from organizations.directory.domains import PASTED_LENGTH, clean_domain
from organizations.directory.fields import (
    EMAIL_LENGTH,
    NAME_LENGTH,
    PHONE_EXAMPLE,
    PHONE_LENGTH,
    REGISTRATION_LENGTH,
    clean_country,
    clean_email,
    clean_name,
    clean_phone,
    clean_registration_number,
    country_names,
)
from organizations.directory.models import Account, Organization
from organizations.directory.operations import POSSIBLE_DUPLICATE
from organizations.directory.queries import sub_resellers
from portal.core.access import Actor
from portal.core.errors import PortalError
from portal.core.money import currency_code
from portal.web.pages import add_errors

HELP = {
    "name": "The customer's full name, as it stands on contracts.",
    "primary_domain": "The main domain the customer uses, without http or www: contoso.com",
    "registration_number": "Company or tax number. Leave it empty if you do not have it.",
    "notification_email": "Where notifications for this customer are sent.",
    "contact_phone": f"With the country's calling code, such as {PHONE_EXAMPLE};"
    " without it the number is read as one of the country above.",
    "number": "Your own customer number. Leave it empty for the next free one.",
    "mpn_id": "Of a sub-reseller: its partner location id at Microsoft. Tenants that were sold"
    " through it are shown to it.",
    "microsoft_partner_id": "Of a sub-reseller: the Microsoft ID of its partner tenant.",
}


class RuledField(forms.CharField):
    """A line of text that keeps to one of the directory's rules."""

    def __init__(self, *, rule: Callable[[str], str], **options: Any) -> None:
        super().__init__(**options)
        self.rule = rule

    def to_python(self, value: Any) -> str:
        text: str = super().to_python(value) or ""
        return self.rule(text) if text else ""


class OrganizationForm(forms.Form):
    """What is asked of a new organization. ``cleaned_data`` are arguments of `create_organization`.

    After a refusal because of possible duplicates (`refuse`), ``create_anyway`` is a box to tick;
    until then it is not on the form.
    """

    name = RuledField(
        label=LABELS["name"], help_text=HELP["name"], rule=clean_name, max_length=NAME_LENGTH
    )
    primary_domain = RuledField(
        label=LABELS["primary_domain"],
        help_text=HELP["primary_domain"],
        rule=clean_domain,
        max_length=PASTED_LENGTH,
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    registration_number = RuledField(
        label=LABELS["registration_number"],
        help_text=HELP["registration_number"],
        rule=clean_registration_number,
        max_length=REGISTRATION_LENGTH,
        required=False,
    )
    country = forms.ChoiceField(label=LABELS["country"], required=False)
    notification_email = RuledField(
        label=LABELS["notification_email"],
        help_text=HELP["notification_email"],
        rule=clean_email,
        max_length=EMAIL_LENGTH,
        widget=forms.EmailInput,
    )
    contact_phone = forms.CharField(
        label=LABELS["contact_phone"],
        help_text=HELP["contact_phone"],
        max_length=2 * PHONE_LENGTH,
        widget=forms.TextInput(attrs={"type": "tel"}),
    )
    create_anyway = forms.BooleanField(
        label="Create it anyway",
        help_text="It is another organization than those named above.",
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = country_choices()  # type: ignore[attr-defined]
        self._anyway = self.fields["create_anyway"]
        if not self.is_bound or not self.data.get(self.add_prefix("create_anyway")):
            del self.fields["create_anyway"]

    def clean_contact_phone(self) -> str:
        """Read the number with the country that stands above it."""
        return clean_phone(self.cleaned_data["contact_phone"], self.cleaned_data.get("country", ""))

    def refuse(self, error: PortalError) -> None:
        """Show why the operation refused; offer the tick where it is only a likeness.

        The page itself names what it resembles: ``error.data``.
        """
        if error.code != POSSIBLE_DUPLICATE:
            add_errors(self, error)
            return
        self.fields["create_anyway"] = self._anyway
        self.add_error("create_anyway", f"{_what_is_there(error)} Tick this, or use it.")


def _what_is_there(error: PortalError) -> str:
    if error.data.get("duplicates"):
        return "There is an organization like this already."
    return "It looks like a tenant that is not linked yet."


class NewOrganizationForm(OrganizationForm):
    """The directory's own form: the seed's fields, and the place in the reseller's books."""

    number = RuledField(
        label=LABELS["number"],
        help_text=HELP["number"],
        rule=clean_number,
        max_length=NUMBER_LENGTH,
        required=False,
    )
    kind = forms.ChoiceField(label="Kind", choices=Organization.Kind.choices)
    parent: "forms.ModelChoiceField[Organization]" = forms.ModelChoiceField(
        label="Belongs to",
        help_text="The sub-reseller whose customer this is.",
        queryset=None,
        required=False,
        empty_label="Nobody: a customer of ours",
    )
    mpn_id = RuledField(
        label=PARTNER_LABELS["mpn_id"],
        help_text=HELP["mpn_id"],
        rule=clean_mpn_id,
        max_length=MPN_LENGTH,
        required=False,
    )
    microsoft_partner_id = RuledField(
        label=PARTNER_LABELS["microsoft_partner_id"],
        help_text=HELP["microsoft_partner_id"],
        rule=clean_partner_tenant,
        max_length=40,
        required=False,
    )
    THE_PROVIDERS = ("number", "kind", "mpn_id", "microsoft_partner_id")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {}).setdefault("kind", Organization.Kind.CUSTOMER)
        super().__init__(*args, **kwargs)
        if actor.is_sub_reseller:
            for name in self.THE_PROVIDERS:
                del self.fields[name]
            self.fields["parent"].empty_label = None  # type: ignore[attr-defined]
            self.initial.setdefault("parent", actor.organization_id)
        resellers = sub_resellers(actor)
        if resellers.exists():
            self.fields["parent"].queryset = resellers  # type: ignore[attr-defined]
        else:
            del self.fields["parent"]


class ChangeOrganizationForm(NewOrganizationForm):
    """The same fields for an organization that exists; its likeness to itself is no matter."""

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        kept = [name for name in self.base_fields if name != "create_anyway"]
        kwargs["initial"] = {name: getattr(organization, name) for name in kept}
        super().__init__(*args, **kwargs)
        self.fields.pop("create_anyway", None)
        if kwargs["actor"].is_sub_reseller:
            # It stays where it is; what is sent all the same is checked, not overlooked.
            self.fields["parent"].widget = forms.HiddenInput()
            return
        self.fields["number"].required = True
        self.fields["number"].help_text = "Exports and imports know the organization by it."
        if parents := self.fields.get("parent"):
            rows = parents.queryset  # type: ignore[attr-defined]
            parents.queryset = rows.exclude(pk=organization.pk)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Leave out a place that a sub-reseller's people did not send: they cannot change it."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if "kind" not in self.fields and not values.get("parent"):
            values.pop("parent", None)
        return values


class AccountForm(forms.Form):
    """The commercial side of an organization. ``cleaned_data`` are changes of `change_account`."""

    name = RuledField(label="Name", rule=clean_name, max_length=NAME_LENGTH)
    customer_number = forms.CharField(
        label="Customer number",
        help_text="As your bookkeeping knows this account; exports carry it.",
        max_length=60,
        required=False,
    )
    email = RuledField(
        label="Corporate e-mail",
        rule=clean_email,
        max_length=EMAIL_LENGTH,
        required=False,
        widget=forms.EmailInput,
    )
    country = forms.ChoiceField(label="Country", required=False)
    phone = forms.CharField(
        label="Phone",
        help_text=HELP["contact_phone"],
        max_length=2 * PHONE_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel"}),
    )
    currency = forms.CharField(
        label="Currency",
        help_text="Three letters, such as EUR.",
        max_length=3,
        widget=forms.TextInput(attrs={"autocapitalize": "characters"}),
    )
    address_line1 = forms.CharField(label="Address", max_length=200, required=False)
    address_line2 = forms.CharField(label="Address, second line", max_length=200, required=False)
    postal_code = forms.CharField(label="Postal code", max_length=20, required=False)
    city = forms.CharField(label="City", max_length=100, required=False)
    state = forms.CharField(label="State or province", max_length=60, required=False)

    is_primary = forms.BooleanField(
        label="Primary account",
        help_text="Tenants are linked to it unless another account is chosen. One account is.",
        required=False,
    )

    def __init__(
        self,
        *args: Any,
        account: Account | None = None,
        details: AccountDetails | None = None,
        **kwargs: Any,
    ) -> None:
        shown = account or details
        names = [name for name in self.base_fields if shown and hasattr(shown, name)]
        kwargs["initial"] = {name: getattr(shown, name) for name in names}
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = country_choices()  # type: ignore[attr-defined]
        if account and account.is_primary:
            del self.fields["is_primary"]  # it stays so until another one takes its place

    def clean_currency(self) -> str:
        """Take the code in small letters too."""
        code: str = self.cleaned_data["currency"].upper()
        currency_code(code)
        return code

    def clean_phone(self) -> str:
        """Read the number with the country that stands above it."""
        return clean_phone(self.cleaned_data["phone"], self.cleaned_data.get("country", ""))


def country_choices() -> list[tuple[str, str]]:
    """Return the countries for a select, none first."""
    return [("", "Not known"), *country_names().items()]


def known_country(text: str) -> str:
    """Return the code for what Partner Center sends as a country, or "" if it is none.

    For prefilling a form: a select cannot show what it does not offer.
    """
    try:
        return clean_country(text)
    except forms.ValidationError:
        return ""
