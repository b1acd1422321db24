"""The first password of a new tenant: kept sealed, made anew when it was lost, and sent."""

import secrets
import string
from typing import Final

from organizations.passwords.keeping import keep_password
from organizations.passwords.models import FirstPassword
from organizations.passwords.operations import send_welcome
from organizations.provisioning.models import ProvisioningRequest
from partnercenter.secrecy import Secret
from portal.core.access import Actor

_LENGTH: Final = 16
_KINDS: Final = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "-_.!")


def keep(row: ProvisioningRequest, password: Secret, *, actor: Actor) -> None:
    """Seal a password in the transaction that writes down whose it is."""
    if row.microsoft_id is None:
        raise LookupError("There is no tenant whose password it is.")
    keep_password(
        row.account,
        actor=actor,
        request_id=row.pk,
        connection=row.connection,
        tenant_id=row.microsoft_id,
        username=row.user_name,
        domain=row.domain,
        password=password,
        recipient=row.recipient,
    )
    row.has_password = True


def send(row: ProvisioningRequest, *, actor: Actor) -> None:
    """Have the welcome letter sent, once however often this is called; in a transaction."""
    kept = FirstPassword.objects.get_visible(actor, request_id=row.pk)
    send_welcome(kept, actor=actor)


def make_password() -> Secret:
    """Return a password that Microsoft's rules take: 16 characters, of every kind some."""
    letters = "".join(_KINDS)
    while True:
        made = "".join(secrets.choice(letters) for _ in range(_LENGTH))
        if all(any(letter in kind for letter in made) for kind in _KINDS):
            return Secret(made)
