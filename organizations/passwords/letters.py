"""The two letters of this capability: the welcome, and the code that opens its link."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from organizations.directory.models import Account
from organizations.directory.queries import accounts, get_account
from organizations.passwords.keys import CODE_MINUTES, code_of, link_url
from organizations.passwords.models import FirstPassword, PasswordLink
from organizations.passwords.names import CODE, WELCOME
from organizations.passwords.operations import note_sent, renew_link
from organizations.passwords.queries import settings_of
from organizations.passwords.recipients import EMAIL, PARENT_EMAIL, own_address, parent_address
from organizations.passwords.texts import (
    CODE_TEXT,
    CODE_TEXTS,
    WELCOME_TEXT,
    WELCOME_TEXTS,
)
from portal.core.access import Actor
from portal.core.encryption import unseal
from portal.core.identity.models import Reseller
from portal.notify.letters.kinds import Choice, LetterKind, MergeField

CHOICES: Final = 50
NAME, DOMAIN, USERNAME = "Accounts.Name", "Tenant.Domain", "Tenant.Username"
LINK, HOURS, PASSWORD = "Tenant.PasswordLink", "Tenant.LinkHours", "Tenant.Password"
RESELLER = "Reseller.Name"
CODE_FIELD, MINUTES = "Code.Number", "Code.Minutes"
EXAMPLE_DOMAIN = "contoso.onmicrosoft.com"
EXAMPLE_LINK = "https://portal.example.com/welcome/…"


def may_carry(actor: Actor) -> bool:
    """Tell whether the reseller lets the password into the mail."""
    return settings_of(actor).in_mail


@sensitive_variables()
def welcome_values(password_id: UUID, *, actor: Actor) -> Mapping[str, str] | None:
    """Return what the welcome says; None once the password is wiped.

    The password is opened only for a reseller that lets it into the mail.
    """
    rows = FirstPassword.objects.visible_to(actor).select_related("account__organization")
    row = rows.filter(pk=password_id).first()
    link = renew_link(row, actor=actor) if row and not row.is_wiped else None
    if row is None or link is None:
        return None
    values = {
        **_account_values(row.account, actor=actor),
        DOMAIN: row.domain,
        USERNAME: row.username,
        LINK: link_url(link),
    }
    if may_carry(actor):
        values[PASSWORD] = unseal(row.password_sealed, row.seal())
    return values


def welcome_sample(account_id: UUID, *, actor: Actor) -> Mapping[str, str]:
    """Return what the welcome would say to an account; tenant, link and password are examples."""
    account = get_account(actor, account_id)
    examples = {field.name: field.example for field in WELCOME_LETTER.fields}
    return {**examples, **_account_values(account, actor=actor)}


@sensitive_variables()
def code_values(link_id: UUID, *, actor: Actor) -> Mapping[str, str] | None:
    """Return what the code's letter says; None once the code is no longer good for anything."""
    rows = PasswordLink.objects.visible_to(actor).select_related("password__account__organization")
    link = rows.filter(pk=link_id).first()
    if link is None or link.password.is_wiped or link.code_until is None:
        return None
    return {
        **_account_values(link.password.account, actor=actor),
        DOMAIN: link.password.domain,
        CODE_FIELD: code_of(link),
        MINUTES: str(CODE_MINUTES),
    }


def code_sample(account_id: UUID, *, actor: Actor) -> Mapping[str, str]:
    """Return what the code's letter would say to an account; the code is an example."""
    account = get_account(actor, account_id)
    examples = {field.name: field.example for field in CODE_LETTER.fields}
    return {**examples, **_account_values(account, actor=actor)}


def account_choices(actor: Actor) -> Sequence[Choice]:
    """Return the accounts that a letter can be looked at with, by name (1 query)."""
    rows = accounts(actor).filter(organization__merged_into=None)
    return [
        Choice(row.pk, f"{row.name} ({row.organization.number})")
        for row in rows.order_by("name", "id")[:CHOICES]
    ]


def _account_values(account: Account, *, actor: Actor) -> dict[str, str]:
    reseller = Reseller.objects.values_list("name", flat=True).get(pk=actor.reseller_id)
    return {
        NAME: account.name,
        EMAIL: own_address(account).address,
        PARENT_EMAIL: parent_address(account, actor=actor).address,
        RESELLER: reseller,
        HOURS: str(settings.WELCOME_LINK_HOURS),
    }


_NAME = MergeField(NAME, "The account's name", "Contoso GmbH")
_EMAIL = MergeField(
    EMAIL, "The account's corporate e-mail: the end customer", "it@contoso.example", is_address=True
)
_PARENT = MergeField(
    PARENT_EMAIL,
    "The e-mail of the account's reseller: that of the sub-reseller it belongs to, else your own",
    "partner@reseller.example",
    is_address=True,
)
_DOMAIN = MergeField(DOMAIN, "The domain of the new tenant", EXAMPLE_DOMAIN)
_RESELLER = MergeField(RESELLER, "Your own name", "Lantern Cloud")

WELCOME_LETTER = LetterKind(
    name=WELCOME,
    label="Welcome Office 365 customer",
    description="Sent when a tenant has been created. Its link shows the first password once, after"
    " a code by mail or a sign-in.",
    fields=(
        _NAME,
        _EMAIL,
        _PARENT,
        _RESELLER,
        _DOMAIN,
        MergeField(USERNAME, "The name the administrator signs in with", "admin"),
        MergeField(LINK, "The link that shows the first password once", EXAMPLE_LINK, is_link=True),
        MergeField(HOURS, "For how many hours the link opens", "72"),
        MergeField(
            PASSWORD,
            "The first password itself; only while you let it into the mail",
            "(the password)",
            is_secret=True,
        ),
    ),
    values=welcome_values,
    default_to="{#Accounts.Email#}",
    default_subject=WELCOME_TEXT[0],
    default_body=WELCOME_TEXT[1],
    translations=WELCOME_TEXTS,
    choices=account_choices,
    sample=welcome_sample,
    allows_secrets=may_carry,
    fixed_recipient=True,
    sent=note_sent,
)
CODE_LETTER = LetterKind(
    name=CODE,
    label="Code for a first password",
    description="Sent when somebody opens the link of the welcome and asks for a code.",
    fields=(
        _NAME,
        _RESELLER,
        _DOMAIN,
        MergeField(CODE_FIELD, "The code to enter", "12345678"),
        MergeField(MINUTES, "For how many minutes the code is good", str(CODE_MINUTES)),
    ),
    values=code_values,
    default_to="{#Accounts.Email#}",
    default_subject=CODE_TEXT[0],
    default_body=CODE_TEXT[1],
    translations=CODE_TEXTS,
    choices=account_choices,
    sample=code_sample,
    fixed_recipient=True,
    goes_to="Whom the welcome went to",
)
LETTERS: Final = (WELCOME_LETTER, CODE_LETTER)
