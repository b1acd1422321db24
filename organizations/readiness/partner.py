"""What has to be known of the partner and its other accounts; read here, decided by `checks`."""

from organizations.directory.models import Account
from organizations.directory.queries import sub_resellers
from portal.core.access import Actor, past_scope
from portal.core.rows import ScopedQuerySet
from tenants.connections.models import Connection
from tenants.connections.panel import consent_of
from tenants.connections.queries import connection_with_secret, connections
from tenants.indirect.models import IndirectReseller
from tenants.indirect.queries import indirect_resellers


def connection_to_ask(connection: Connection, *, actor: Actor) -> Connection:
    """Return a connection an actor may see, with the secret it takes to ask Microsoft something.

    Raises:
        NotFound: it is not the actor's to see.
    """
    if not actor.is_staff:
        connections(actor).get_visible(actor, pk=connection.pk)
    with past_scope(actor) as reader:
        return connection_with_secret(connection, actor=reader)


def partner_domains_of(connection: Connection, *, actor: Actor) -> frozenset[str]:
    """Return the domains known to be the partner's own: of its account, and of who signed in."""
    with past_scope(actor) as reader:
        consent = consent_of(connection, actor=reader)
    signed_in = consent.user_name.rpartition("@")[2].lower() if consent else ""
    own = connection.partner_tenant.lower()
    return frozenset(name for name in (own, signed_in) if "." in name)


def check_reseller(
    mpn_id: str, *, actor: Actor, connection: Connection, is_needed: bool = False
) -> str:
    """Return why a customer cannot be created under a reseller, or "" (1 query, 0 if empty)."""
    if not mpn_id:
        return _why_needed(actor) if is_needed else ""
    row = resellers_to_choose(connection, actor=actor).filter(mpn_id=mpn_id).first()
    if row is None:
        return f"Partner Center lists no indirect reseller {mpn_id} for this connection."
    return f"{row.name} cannot be chosen: {row.why_not}." if row.why_not else ""


def _why_needed(actor: Actor) -> str:
    if actor.is_sub_reseller:
        return "Your provider has not entered your MPN ID yet; no customer is created without it."
    return "Choose the reseller this customer buys through."


def resellers_to_choose(
    connection: Connection, *, actor: Actor
) -> "ScopedQuerySet[IndirectReseller]":
    """Return the indirect resellers an actor may name: staff all, a sub-reseller its own tree's."""
    rows = indirect_resellers(connection, actor=actor)
    if not actor.is_sub_reseller:
        return rows
    own = sub_resellers(actor).exclude(mpn_id="").order_by()
    return rows.filter(mpn_id__in=own.values("mpn_id"))


def own_mpn_id(account: Account, *, actor: Actor) -> str:
    """Return the MPN id a sub-reseller sells an account under, "" for everybody else's actors.

    That of the sub-reseller the account belongs to, or of the nearest above it that has one and is
    the actor's to see (1 query).
    """
    if not actor.is_sub_reseller:
        return ""
    tree = {row.pk: row for row in sub_resellers(actor)}
    organization = account.organization
    own = organization.pk if organization.is_sub_reseller else organization.parent_id
    while (row := tree.pop(own, None)) is not None:
        if row.mpn_id:
            return row.mpn_id
        own = row.parent_id
    return ""


def taken_username(username: str, account: Account, *, actor: Actor) -> str:
    """Return the sentence that says who has a user name, as far as that is the actor's to know."""
    if Account.objects.visible_to(actor).filter(pk=account.pk).exists():
        return f"{account.name} has the username {username} already; choose another."
    return f"The username {username} is taken already; choose another."
