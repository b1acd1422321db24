"""Whom the first password of an account's tenant goes to, by the *To* of its letter.

``{#Accounts.Email#}`` is the account's own address. ``{#Accounts.ParentAccountEmail#}`` is the
reseller of the account: of an organization that belongs to a sub-reseller the address of that
sub-reseller's primary account, of any other the reseller's own, which is the one it entered for
this or else that of its first administrator. What leads anywhere else is held, with the reason.
"""

from dataclasses import dataclass

from babel.languages import get_official_languages

from organizations.directory.models import Account, Organization
from organizations.passwords.names import WELCOME
from organizations.passwords.queries import settings_of
from portal.core.access import Actor, Role, past_scope
from portal.core.identity.models import Membership
from portal.notify.letters.addresses import is_address, joined, resolve_to
from portal.notify.letters.kinds import LetterKind
from portal.notify.letters.languages import LANGUAGES
from portal.notify.letters.merging import parts_of
from portal.notify.letters.models import LetterTemplate
from portal.notify.letters.queries import get_kind, text_for

EMAIL, PARENT_EMAIL = "Accounts.Email", "Accounts.ParentAccountEmail"
DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Recipient:
    """One address, or several joined with commas; or why there is none. And in which language."""

    address: str = ""
    held_because: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """An address, or why there is none."""

    address: str = ""
    why_none: str = ""


def recipient_for(account: Account, *, actor: Actor) -> Recipient:
    """Return whom "Welcome Office 365 customer" would go to now (a few queries).

    For the caller to freeze when a tenant is ordered: a later change of an address, or of the
    letter, must not lead the credentials elsewhere (D13). The letter is the reseller's, so it is
    read past the scope of somebody who works for a sub-reseller.
    """
    with past_scope(actor) as reader:
        return _recipient(account, actor=reader)


def _recipient(account: Account, *, actor: Actor) -> Recipient:
    kind = get_kind(WELCOME)
    language = language_for(account, kind, actor=actor)
    to = text_for(kind, language, actor=actor).to
    fields = kind.offered(actor)
    addresses = {
        EMAIL.lower(): own_address(account),
        PARENT_EMAIL.lower(): parent_address(account, actor=actor),
    }
    for part in parts_of(to):
        found = addresses.get(part.field or "")
        if found and not found.address:
            return Recipient(held_because=found.why_none, language=language)
    values = {name: found.address for name, found in addresses.items()}
    resolved = resolve_to(to, values, fields)
    return Recipient(joined(resolved.addresses), resolved.held_because, language)


def language_for(account: Account, kind: LetterKind, *, actor: Actor) -> str:
    """Return the language to write in: that of the country, if the reseller wrote the letter in it.

    A country with several official languages says nothing. "" is the reseller's own language.
    """
    country = account.country or account.organization.country
    found = get_official_languages(country, de_facto=True) if country else ()
    codes = {code.partition("_")[0] for code in found} & set(LANGUAGES)
    if len(found) != 1 or len(codes) != 1:
        return ""
    (code,) = codes
    rows = LetterTemplate.objects.visible_to(actor).filter(kind=kind.name, language=code)
    return code if rows.exists() else ""


def own_address(account: Account) -> Address:
    """Return the corporate e-mail of an account."""
    if not account.email:
        return Address(why_none=f"The account {account} has no e-mail address.")
    return _plain(account.email, f"the account {account}")


def parent_address(account: Account, *, actor: Actor) -> Address:
    """Return the address of an account's reseller: see the module (up to 20 queries for a chain).

    The whole chain is walked, so that a loop in it is found and not written to.
    """
    organization = account.organization
    if organization.parent_id is None:
        return _resellers_own(actor)
    parent = _visible(organization.parent_id, actor)
    why = _why_not(parent, organization) or _loop(organization, actor)
    if why or parent is None:
        return Address(why_none=why)
    primary = Account.objects.visible_to(actor).filter(organization=parent, is_primary=True).first()
    if primary is None or not primary.email:
        return Address(why_none=f"{parent} is the reseller, and its account has no e-mail address.")
    return _plain(primary.email, f"the account of {parent}")


def _resellers_own(actor: Actor) -> Address:
    entered = settings_of(actor).own_address
    if entered:
        return _plain(entered, "the reseller")
    rows = Membership.objects.visible_to(actor).filter(role=Role.ADMIN, organization_id=None)
    first = rows.order_by("created_at", "id").first()
    if first is None:
        return Address(why_none="The reseller has no address of its own and no administrator.")
    return _plain(first.email, "the reseller's first administrator")


def _why_not(parent: Organization | None, child: Organization) -> str:
    if parent is None:
        return f"The sub-reseller that {child} belongs to cannot be found."
    if parent.merged_into_id:
        return f"{child} belongs to {parent}, which was merged into another organization."
    if parent.kind != Organization.Kind.SUB_RESELLER:
        return f"{child} belongs to {parent}, which is not a sub-reseller."
    return ""


def _loop(organization: Organization, actor: Actor) -> str:
    """Say why the chain above an organization leads nowhere; "" if it ends."""
    seen, above = {organization.pk}, organization.parent_id
    while above is not None:
        if above in seen or len(seen) > DEEPEST:
            return f"The organizations above {organization} belong to each other in a circle."
        seen.add(above)
        row = _visible(above, actor)
        if row is None:
            return f"The sub-resellers above {organization} cannot all be found."
        above = row.parent_id
    return ""


def _visible(pk: object, actor: Actor) -> Organization | None:
    row: Organization | None = Organization.objects.visible_to(actor).filter(pk=pk).first()
    return row


def _plain(address: str, whose: str) -> Address:
    if not is_address(address):
        return Address(why_none=f"The address of {whose} is not one plain mail address.")
    return Address(address)
