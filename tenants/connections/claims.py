"""One Microsoft partner tenant, one reseller of the installation (C12).

A tenant is claimed when Microsoft has let the reseller in, not when its id is typed: an id is no
secret, so whoever typed one first could keep its owner out, and would learn from a refusal who else
is here. Whoever holds working credentials may learn that much.
"""

from collections.abc import Iterable

from django.db import connection as database
from django.db import transaction
from structlog import get_logger

from partnercenter.client import PartnerCenter
from partnercenter.schemas.fields import as_guid
from partnercenter.token_claims import read_claims
from portal.core.errors import Conflict
from tenants.connections.models import Connection, PartnerClaim

CLAIM = """
    INSERT INTO tenants_partnerclaim (id, reseller_id, connection_id, partner_tenant, claimed_at)
    SELECT gen_random_uuid(), %s, %s, given, now() FROM unnest(%s::text[]) given ORDER BY given
    ON CONFLICT (partner_tenant) DO NOTHING
"""
log = get_logger(__name__)


def prove_partner(connection: Connection, center: PartnerCenter) -> None:
    """Claim the partner tenant that a client just signed in to. Signs in if it has not.

    Raises:
        Conflict: another reseller, or another connection of this one, has it.
        PartnerCenterError: signing in failed.
    """
    claims = read_claims(center.tokens.token()) or {}
    claim_partner(connection, [connection.partner_tenant, as_guid(claims.get("tid")) or ""])


def claim_partner(connection: Connection, names: Iterable[str]) -> None:
    """Claim a partner tenant under every name it goes by (its id, a domain); again is a no-op.

    Raises:
        Conflict: ``partner_elsewhere`` in words that name nobody, and the operator is told in the
            log; ``taken`` where it is another connection of the same reseller.
    """
    wanted = sorted({name.lower() for name in names if name})
    with transaction.atomic(), database.cursor() as cursor:
        cursor.execute(CLAIM, [connection.reseller_id, connection.pk, wanted])
        own = dict(
            PartnerClaim.objects.filter(
                reseller_id=connection.reseller_id, partner_tenant__in=wanted
            ).values_list("partner_tenant", "connection_id")
        )
    if {*own.values()} - {connection.pk}:
        raise Conflict("This partner tenant is connected already.", code="taken")
    if len(own) < len(wanted):
        log.error(
            "partner_tenant_held_elsewhere",
            reseller=connection.reseller_id,
            connection=str(connection.pk),
            partner_tenant=connection.partner_tenant,
        )
        raise Conflict(
            "This partner tenant cannot be connected here. Ask the operator of this installation;"
            " the attempt is in its log.",
            code="partner_elsewhere",
        )


def release_partner(connection: Connection) -> None:
    """Give up what a connection claimed, because it is to lead elsewhere."""
    PartnerClaim.objects.filter(
        reseller_id=connection.reseller_id, connection_id=connection.pk
    ).delete()
