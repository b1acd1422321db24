"""Where each field that Microsoft looks at is changed."""

from typing import Final

from django.urls import reverse

from organizations.directory.models import Account
from organizations.readiness.sending import SentAddress
from portal.core.access import Actor
from tenants.connections.models import Connection

_OPTIONS: Final = frozenset({"username", "domain_prefix", "reseller_mpn_id"})
_SENT: Final = frozenset({"country", "state", "city", "postal_code", "address_line1"})
_ORGANIZATION: Final = frozenset({"registration_number"})


def field_address(
    field: str, *, account: Account, connection: Connection, sent: SentAddress, actor: Actor
) -> str:
    """Return the address of the page a field is changed on, down to the field itself.

    A field of the billing address leads to the account whose address is sent. Empty where the
    field is not the actor's to change (0 queries).
    """
    if field in _OPTIONS:
        given = [account.pk, connection.pk]
        return f"{reverse('synchronizing:sync_options', args=given)}#id_{field}"
    if not actor.may("organizations.change"):
        return ""
    if field in _ORGANIZATION:
        page = reverse("directory:organization_edit", args=[account.organization_id])
    else:
        holder = sent.account if field in _SENT else account
        page = reverse("directory:account_edit", args=[holder.pk])
    return f"{page}#id_{field}"
