"""The form of a connection. The secret goes in and is never shown again."""

from django import forms

from partnercenter.secrecy import Secret
from tenants.connections.clouds import cloud_choices
from tenants.connections.models import Connection


class SecretField(forms.CharField):
    """A text that does not show itself once it was read."""

    def to_python(self, value: object) -> Secret:
        return Secret(super().to_python(value) or "")


class ConnectionForm(forms.Form):
    """What a person enters; the operation decides whether it can be used."""

    name = forms.CharField(
        label="Name",
        max_length=120,
        help_text="How your colleagues will know it, such as “Netherlands, direct”.",
    )
    program = forms.ChoiceField(label="Programme", choices=Connection.Program.choices)
    cloud = forms.ChoiceField(label="Cloud")
    partner_tenant = forms.CharField(
        label="Partner tenant",
        max_length=64,
        help_text="The tenant ID of your Partner Center account (a GUID), or one of its domains.",
    )
    client_id = forms.CharField(
        label="Client ID",
        max_length=64,
        help_text="Partner Center › Account settings › App management.",
    )
    secret = SecretField(
        label="Client secret",
        max_length=512,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Kept encrypted for this connection alone, and never shown again.",
    )

    secret_expires_on = forms.DateField(
        label="Secret ends on",
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text="The registration shows it. You are warned 30, 14 and 3 days before.",
    )
    uses_reseller_address = forms.BooleanField(
        label="Use the reseller's address when a customer's is empty",
        required=False,
        initial=True,
        help_text="For customers of a sub-reseller: their tenant is created with its address.",
    )

    def __init__(
        self, *args: object, connection: Connection | None = None, **kwargs: object
    ) -> None:
        if connection is not None:
            kwargs["initial"] = {
                name: getattr(connection, name)
                for name in (
                    "name",
                    "program",
                    "cloud",
                    "partner_tenant",
                    "client_id",
                    "secret_expires_on",
                    "uses_reseller_address",
                )
            }
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        cloud = self.fields["cloud"]
        assert isinstance(cloud, forms.ChoiceField)
        cloud.choices = cloud_choices()
        if connection is not None:
            self.fields["secret"].required = False
            self.fields["secret"].help_text = "Leave empty to keep the one stored."
