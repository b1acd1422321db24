"""The synchronization options of an account with Microsoft, one set for each connection.

They are custom fields of the account (ACC-01), made by *Get services definitions*, so pages, the
API, exports and imports know them already. What may be entered is decided here.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Final

from django.db import transaction

from organizations.directory.models import Account
from organizations.fields.models import FieldValue
from organizations.fields.operations import set_values
from organizations.fields.queries import keys_of_connection, values_of
from organizations.fields.specs import Entity, FieldSpec
from organizations.readiness import checks
from organizations.readiness.partner import (
    check_reseller,
    own_mpn_id,
    partner_domains_of,
    taken_username,
)
from portal.core.access import Actor, for_everybody, past_scope
from portal.core.errors import InvalidInput, NotReady
from tenants.connections.models import Connection
from tenants.connections.queries import connections
from tenants.countries.operations import want_countries

GROUP: Final = "Microsoft Cloud Services"
NOT_VALID: Final = "Some synchronization options are not valid."
HELP: Final[Mapping[str, str]] = {
    "username": "The user name of the tenant's global administrator, such as admin. It is not used"
    " where an existing tenant is linked.",
    "domain_prefix": "The part in front of .onmicrosoft.com. For an existing tenant also its domain"
    " alias, which needs to contain also the suffix .com.",
    "reseller_mpn_id": "The indirect reseller this customer buys through.",
}


@dataclass(frozen=True, slots=True)
class SyncOptions:
    """What a person decides for one account and connection; empty text where nothing is."""

    username: str = ""
    domain_prefix: str = ""
    reseller_mpn_id: str = ""


OPTION_NAMES: Final = tuple(field.name for field in fields(SyncOptions))


def microsoft_fields(connection: Connection) -> tuple[FieldSpec, ...]:
    """Return the custom fields Microsoft Cloud Services needs of accounts through a connection."""
    found = [
        FieldSpec(Entity.ACCOUNT, "username", "Username", help=HELP["username"], is_distinct=True),
        FieldSpec(Entity.ACCOUNT, "domain_prefix", "Domain prefix", help=HELP["domain_prefix"]),
    ]
    if connection.shows_reseller_mpn:
        label = "Reseller (MPN ID)"
        found.append(
            FieldSpec(Entity.ACCOUNT, "reseller_mpn_id", label, help=HELP["reseller_mpn_id"])
        )
    return tuple(found)


def read_options(account: Account, *, actor: Actor, connection: Connection) -> SyncOptions:
    """Return the options of an account (1 query); all empty before the definitions were fetched.

    Where no reseller is chosen, somebody of a sub-reseller reads its own (2 queries).
    """
    known = values_of(account, actor=actor, connection=connection)
    found = SyncOptions(**{name: known.get(name, "") for name in OPTION_NAMES})
    return _with_own_reseller(found, account, actor=actor, connection=connection)


def has_definitions(connection: Connection, *, actor: Actor) -> bool:
    """Tell whether the services definitions of a connection were fetched (1 query)."""
    return bool(keys_of_connection(Entity.ACCOUNT, connection, actor=actor))


def username_holder(
    username: str, *, actor: Actor, connection: Connection, account: Account
) -> Account | None:
    """Return another account that has a username through this connection (1 query, 0 if empty).

    It may be one that the actor does not see: `taken_username` says of it what may be said.
    """
    name = username.strip()
    if not name:
        return None
    with past_scope(actor) as reader:
        rows = FieldValue.objects.visible_to(reader).filter(
            definition__connection_id=connection.pk,
            definition__vendor_key="username",
            text__in={name, name.lower()},
            account__isnull=False,
        )
        found = rows.exclude(account_id=account.pk).select_related("account").first()
        return found.account if found else None


def save_options(
    account: Account, *, actor: Actor, connection: Connection, options: SyncOptions
) -> SyncOptions:
    """Store the options of an account for a connection; empty ones may stay to be filled in later.

    Two accounts that take the same username meet at the connection, which is locked. The same
    options again change nothing.

    Raises:
        InvalidInput: an option cannot be used, a username is another account's (PRV-05), or a
            reseller is not verified or asked for; with the reason beside its field.
        NotReady: ``definitions_missing``; nobody got the services definitions yet.
    """
    actor.require("tenants.provision")
    wanted = SyncOptions(
        options.username.strip().lower(),
        options.domain_prefix.strip().lower(),
        options.reseller_mpn_id.strip(),
    )
    with transaction.atomic():
        row = _lock(connection, actor=actor)
        account = _visible(account, actor=actor)
        wanted = _with_own_reseller(wanted, account, actor=actor, connection=row)
        keys = keys_of_connection(Entity.ACCOUNT, row, actor=actor)
        if not keys:
            raise definitions_missing(row)
        wrong = refusals(account, wanted, actor=actor, connection=row)
        if wrong:
            raise InvalidInput(NOT_VALID, fields=wrong)
        values = {keys[name]: text for name, text in asdict(wanted).items() if name in keys}
        try:
            with past_scope(actor) as writer:
                set_values(account, actor=writer, values=values)
        except InvalidInput as error:
            # Who holds the username may be out of the actor's sight; the database sees it.
            named = {key: name for name, key in keys.items()}
            fields = {named.get(key, key): said for key, said in error.fields.items()}
            raise InvalidInput(NOT_VALID, fields=fields) from error
        with for_everybody(actor, "country rules") as reader:
            want_countries([account.country], actor=reader, connection=row)
    return wanted


def _with_own_reseller(
    options: SyncOptions, account: Account, *, actor: Actor, connection: Connection
) -> SyncOptions:
    if options.reseller_mpn_id or not connection.shows_reseller_mpn:
        return options
    return replace(options, reseller_mpn_id=own_mpn_id(account, actor=actor))


def refusals(
    account: Account, options: SyncOptions, *, actor: Actor, connection: Connection
) -> dict[str, list[str]]:
    """Return what of the options cannot be stored, by field; what is empty is none of it."""
    own = partner_domains_of(connection, actor=actor)
    found = {}
    if options.username:
        found["username"] = checks.check_username(options.username)
        other = username_holder(
            options.username, actor=actor, connection=connection, account=account
        )
        if other and not found["username"]:
            found["username"] = taken_username(options.username, other, actor=actor)
    if options.domain_prefix:
        found["domain_prefix"] = checks.check_domain_prefix(options.domain_prefix, own)
    if options.reseller_mpn_id:
        found["reseller_mpn_id"] = (
            check_reseller(options.reseller_mpn_id, actor=actor, connection=connection)
            if connection.shows_reseller_mpn
            else "Only indirect connections have resellers."
        )
    return {name: [text] for name, text in found.items() if text}


def definitions_missing(connection: Connection) -> NotReady:
    """Return the refusal to store options that have no place yet."""
    return NotReady(
        f"The services definitions of {connection.name} are not here yet. An administrator gets"
        " them on the connection's page.",
        code="definitions_missing",
    )


def _lock(connection: Connection, *, actor: Actor) -> Connection:
    seen: Connection = connections(actor).get_visible(actor, pk=connection.pk)
    with past_scope(actor) as reader:
        rows = connections(reader).select_for_update(of=("self",), no_key=True)
        row: Connection = rows.get_visible(reader, pk=seen.pk)
    return row


def _visible(account: Account, *, actor: Actor) -> Account:
    row: Account = Account.objects.select_related("organization").get_visible(actor, pk=account.pk)
    return row
