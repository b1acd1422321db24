"""First passwords and letters of the cast."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from organizations.directory.models import Account, Organization
from organizations.passwords.keys import key_digest, link_key
from organizations.passwords.models import FirstPassword, PasswordLink, PasswordSettings
from portal.core.encryption import seal
from portal.notify.models import LetterTemplate
from tenants.connections.models import Connection

KIND = "accounts.welcome"
"""The letter that the matrix words, tries out and puts back."""


@dataclass(frozen=True, slots=True)
class Passwords:
    """A first password that was sent to an address the account does not have any more."""

    password: FirstPassword
    link: PasswordLink

    def ids(self) -> dict[str, str]:
        return {"first_password": str(self.password.pk), "key": link_key(self.link)}


def make_password(
    connection: Connection, organization: Organization, *, canary: str, recipient: str
) -> Passwords:
    """Add a first password and its link (inside a transaction of the reseller)."""
    own = {"reseller_id": connection.reseller_id}
    now, later = timezone.now(), timezone.now() + timedelta(days=3)
    account = Account.objects.get(organization=organization, is_primary=True)
    password = FirstPassword(
        **own,
        account=account,
        connection=connection,
        microsoft_id=uuid4(),
        request_id=uuid4(),
        username=f"{canary}-user"[:120],
        domain=f"{canary}.onmicrosoft.com"[:253],
        recipient=recipient,
        state=FirstPassword.State.SENT,
        kept_at=now,
        expires_at=later,
        sent_at=now,
        links=1,
    )
    password.password_sealed = seal(f"{canary} first password", password.seal())
    password.save(force_insert=True)
    link = PasswordLink(
        **own, password=password, number=1, version=1, made_at=now, expires_at=later
    )
    link.digest = key_digest(link_key(link))
    link.save(force_insert=True)
    return Passwords(password, link)


def make_passwords(connection: Connection, organization: Organization, *, canary: str) -> Passwords:
    """Add one of each (inside a transaction of the reseller)."""
    return make_password(
        connection, organization, canary=canary, recipient=f"first@{canary}.example.com"
    )


def make_wording(connection: Connection, *, canary: str) -> None:
    """Add the reseller's own wording of the letter, and how it hands over."""
    own = {"reseller_id": connection.reseller_id}
    PasswordSettings.objects.create(**own, own_address=f"own@{canary}.example.com")
    LetterTemplate.objects.create(
        **own,
        kind=KIND,
        language="en",
        to="{#Accounts.Email#}",
        subject=f"{canary} subject",
        body=f"{canary} text",
        changed_by=f"{canary} person",
    )
