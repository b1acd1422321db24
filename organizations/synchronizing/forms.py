"""The form of the sync options. Its fields are arguments of `SyncOptions`."""

from typing import Any

from django import forms

from organizations.readiness.partner import resellers_to_choose
from organizations.synchronizing.options import HELP, SyncOptions
from portal.core.access import Actor
from tenants.connections.models import Connection
from tenants.indirect.models import IndirectReseller

LONGEST = 253
_PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class SyncOptionsForm(forms.Form):
    """What a person decides; the operation says what can be used.

    ``refused`` are the indirect resellers that cannot be chosen, each with its reason.
    """

    username = forms.CharField(
        label="Username",
        required=False,
        max_length=LONGEST,
        help_text=HELP["username"],
        widget=forms.TextInput(attrs=_PLAIN),
    )
    domain_prefix = forms.CharField(
        label="Domain prefix",
        required=False,
        max_length=LONGEST,
        help_text=HELP["domain_prefix"],
        widget=forms.TextInput(attrs=_PLAIN),
    )
    reseller_mpn_id = forms.ChoiceField(
        label="Reseller (MPN ID)", required=False, help_text=HELP["reseller_mpn_id"]
    )

    def __init__(
        self, *args: Any, actor: Actor, connection: Connection, options: SyncOptions, **kwargs: Any
    ) -> None:
        kwargs["initial"] = {name: getattr(options, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)
        self.refused: list[IndirectReseller] = []
        if not connection.shows_reseller_mpn:
            del self.fields["reseller_mpn_id"]
            return
        rows = list(resellers_to_choose(connection, actor=actor))
        self.refused = [row for row in rows if not row.is_verified]
        choices = [(row.mpn_id, str(row)) for row in rows if row.is_verified]
        if not actor.is_sub_reseller:
            choices.insert(0, ("", "None"))
        stored = options.reseller_mpn_id
        if stored and stored not in dict(choices):
            choices.append((stored, f"{stored} (cannot be chosen any more)"))
        self.fields["reseller_mpn_id"].choices = choices  # type: ignore[attr-defined]

    @property
    def options(self) -> SyncOptions:
        """What was entered, once the form is valid."""
        return SyncOptions(**self.cleaned_data)


class SuggestedAddressForm(forms.Form):
    """An address Microsoft suggested, on its way into the account; the operation checks it."""

    address_line1 = forms.CharField(max_length=200, widget=forms.HiddenInput)
    address_line2 = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)
    city = forms.CharField(max_length=100, required=False, widget=forms.HiddenInput)
    state = forms.CharField(max_length=60, required=False, widget=forms.HiddenInput)
    postal_code = forms.CharField(max_length=20, required=False, widget=forms.HiddenInput)
    country = forms.CharField(max_length=2, widget=forms.HiddenInput)
