"""Short ways to keep a first password, to have letters carried, and to open a link."""

import re
from typing import Any
from uuid import uuid4

from django.core import mail
from django.db import transaction
from django.test import Client

from organizations.directory.models import Account, Organization
from organizations.passwords.keeping import keep_password
from organizations.passwords.models import FirstPassword, PasswordLink
from organizations.passwords.operations import send_welcome
from organizations.passwords.recipients import Recipient, recipient_for
from portal.core.access import acting, system_actor
from portal.core.audit.models import AuditEvent
from portal.core.identity.models import Reseller
from portal.notify.letters.operations import save_letter
from portal.notify.models import Delivery
from tests.organizations.alert.telling import send
from tests.organizations.linking.scene import Scene, at_work

PASSWORD = "SECRET-CANARY first-pass{#Accounts.Email#}<b>"
LINK = re.compile(r"https?://[^/\s]+(/welcome/[0-9a-f]+/)")
CODE = re.compile(r"^(\d{8})$", re.MULTILINE)


def account_of(organization: Organization) -> Account:
    with at_work(system_actor(organization.reseller_id, "tests")):
        found: Account = Account.objects.select_related("organization").get(
            organization=organization, is_primary=True
        )
        return found


def change_account(account: Account, **values: Any) -> None:
    """Change an account as an import or another program would, past the operation."""
    with at_work(system_actor(account.reseller_id, "tests")):
        Account.objects.filter(pk=account.pk).update(**values)


def to_of(account: Account) -> Recipient:
    with at_work(system_actor(account.reseller_id, "tests")) as actor:
        return recipient_for(Account.objects.get(pk=account.pk), actor=actor)


def keep(scene: Scene, *, password: str = PASSWORD, **options: Any) -> FirstPassword:
    """Keep a first password for the scene's organization, as provisioning does."""
    account = options.pop("account", None) or account_of(scene.organization)
    recipient = options.pop("recipient", None)
    with at_work(system_actor(scene.reseller.pk, "provisioning")) as actor:
        return keep_password(
            account,
            actor=actor,
            request_id=options.pop("request_id", None) or uuid4(),
            connection=scene.connection,
            tenant_id=scene.tenant.microsoft_id,
            username="admin",
            domain="northbakery.onmicrosoft.com",
            password=password,
            recipient=to_of(account).address if recipient is None else recipient,
        )


def welcome(row: FirstPassword) -> Delivery:
    with at_work(system_actor(row.reseller_id, "provisioning")) as actor:
        return send_welcome(row, actor=actor)


def sent(scene: Scene, **options: Any) -> FirstPassword:
    """Keep a password and have its letter carried."""
    row = keep(scene, **options)
    welcome(row)
    send(scene.reseller)
    return fresh(row)


def fresh(row: FirstPassword) -> FirstPassword:
    with at_work(system_actor(row.reseller_id, "tests")):
        found: FirstPassword = FirstPassword.objects.get(pk=row.pk)
        return found


def letters(reseller: Reseller) -> list[Delivery]:
    with at_work(system_actor(reseller.pk, "tests")):
        return list(Delivery.objects.filter(about_id__isnull=False).order_by("created_at", "id"))


def links(row: FirstPassword) -> list[PasswordLink]:
    with at_work(system_actor(row.reseller_id, "tests")):
        return list(PasswordLink.objects.filter(password=row).order_by("number"))


def events(reseller: Reseller) -> list[str]:
    """Return what the audit says of first passwords, in order."""
    with at_work(system_actor(reseller.pk, "tests")):
        rows = AuditEvent.objects.filter(action__startswith="organizations.password_")
        return list(rows.order_by("sequence").values_list("action", flat=True))


def word(scene: Scene, **text: str) -> None:
    """Word the welcome as the reseller's system would."""
    kept = {
        "language": "en",
        "to": "{#Accounts.Email#}",
        "subject": "Welcome",
        "body": "{#Tenant.PasswordLink#}",
        **text,
    }
    with acting(system_actor(scene.reseller.pk, "tests")) as actor:
        save_letter("accounts.welcome", actor=actor, **kept)


def link_in(message: Any) -> str:
    """Return the path of the link in a mail."""
    found = LINK.search(message.body)
    assert found, message.body
    return found[1]


def code_in(message: Any) -> str:
    found = CODE.search(message.body)
    assert found, message.body
    return found[1]


def ask_code(scene: Scene, path: str, browser: Client | None = None) -> str:
    """Ask for a code as the receiver does, and return it from the mail."""
    answer = (browser or Client()).post(path, {})
    assert answer.status_code == 200, answer.content
    send(scene.reseller)
    return code_in(mail.outbox[-1])


def open_link(scene: Scene, path: str) -> str:
    """Go all the way and return the page that shows the password."""
    answer = Client().post(path, {"code": ask_code(scene, path)})
    assert answer.status_code == 200, answer.content
    return str(answer.content.decode())


def expire_now(row: FirstPassword, **moments: Any) -> None:
    with acting(system_actor(row.reseller_id, "tests")), transaction.atomic():
        FirstPassword.objects.filter(pk=row.pk).update(**moments)
