"""What has to be known of the partner and its other accounts; read here, decided by `checks`."""

from organizations.directory.models import Account
from portal.core.access import Actor
from tenants.connections.models import Connection
from tenants.connections.panel import consent_of
from tenants.indirect.queries import indirect_resellers


def partner_domains_of(connection: Connection, *, actor: Actor) -> frozenset[str]:
    """Return the domains known to be the partner's own: of its account, and of who signed in."""
    consent = consent_of(connection, actor=actor)
    signed_in = consent.user_name.rpartition("@")[2].lower() if consent else ""
    own = connection.partner_tenant.lower()
    return frozenset(name for name in (own, signed_in) if "." in name)


def check_reseller(
    mpn_id: str, *, actor: Actor, connection: Connection, is_needed: bool = False
) -> str:
    """Return why a customer cannot be created under a reseller, or "" (1 query, 0 if empty)."""
    if not mpn_id:
        return "Choose the reseller this customer buys through." if is_needed else ""
    row = indirect_resellers(connection, actor=actor).filter(mpn_id=mpn_id).first()
    if row is None:
        return f"Partner Center lists no indirect reseller {mpn_id} for this connection."
    return f"{row.name} cannot be chosen: {row.why_not}." if row.why_not else ""


def taken_username(username: str, account: Account) -> str:
    """Return the sentence that says who has a user name."""
    return f"{account.name} has the username {username} already; choose another."
