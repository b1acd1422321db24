"""The forms of first passwords: how they are handed over, and why one goes elsewhere."""

from django import forms

from organizations.passwords.operations import REASON_LENGTH


class HandingForm(forms.Form):
    """How the reseller hands first passwords over."""

    in_mail = forms.BooleanField(
        label="Let the letter carry the password itself",
        required=False,
        help_text="Off: the letter carries a link that shows it once. On: {#Tenant.Password#} may"
        " stand in the letter, and whoever reads the mail on its way reads the password.",
    )
    own_address = forms.CharField(
        label="Your own address",
        required=False,
        max_length=254,
        help_text="Where {#Accounts.ParentAccountEmail#} leads for accounts that belong to no"
        " sub-reseller. Empty: your first administrator.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )


class RedirectForm(forms.Form):
    """Why a first password goes to another address than was decided."""

    reason = forms.CharField(
        label="Reason",
        max_length=REASON_LENGTH,
        help_text="The audit keeps it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
