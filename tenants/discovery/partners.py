"""Through which indirect reseller each customer of an indirect provider was sold (IND-06).

The list of customers does not say it, and asking for each customer by itself would meet Microsoft's
limits; but the list can be asked for one reseller at a time. Which resellers there are, Partner
Center tells a signed-in user. Who is not signed in still has what the floors above know: they name
the partners they have, as followers of discoveries do.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection as database
from django.db import transaction
from structlog import get_logger

from partnercenter.client import PartnerCenter
from partnercenter.errors import PartnerCenterError
from partnercenter.schemas.customers import Customer
from portal.core.access import Actor
from portal.core.errors import PortalError
from portal.core.jobs.running import RunningJob
from tenants.connections.models import Connection
from tenants.discovery.listing import PARTNER_LENGTH, storable
from tenants.discovery.models import Tenant

log = get_logger(__name__)

# Somebody's customer that another location of the same partner was named for keeps that one.
ASSOCIATE = """
    UPDATE tenants_tenant SET associated_partner = %(partner)s, changed_at = now()
    WHERE id IN (
        SELECT id FROM tenants_tenant
        WHERE reseller_id = %(reseller)s AND connection_id = %(connection)s
          AND microsoft_id = ANY (%(customers)s::uuid[])
          AND NOT associated_partner = ANY (%(partners)s)
        ORDER BY microsoft_id FOR NO KEY UPDATE)
"""
DISSOCIATE = """
    UPDATE tenants_tenant SET associated_partner = '', changed_at = now()
    WHERE id IN (
        SELECT id FROM tenants_tenant
        WHERE reseller_id = %(reseller)s AND connection_id = %(connection)s
          AND associated_partner = ANY (%(partners)s) AND associated_partner <> ''
          AND NOT microsoft_id = ANY (%(customers)s::uuid[])
        ORDER BY microsoft_id FOR NO KEY UPDATE)
"""


@dataclass(frozen=True, slots=True)
class Partner:
    """An indirect reseller: its partner tenant, and the partner id of each of its locations."""

    tenant_id: str
    mpn_ids: tuple[str, ...]


Namer = Callable[[Actor], Iterable[Partner]]
_namers: list[Namer] = []


def name_partners(namer: Namer) -> None:
    """Have ``namer`` asked which partners are known; one of each."""
    if namer not in _namers:
        _namers.append(namer)


def associate_tenants(running: RunningJob, connection: Connection, center: PartnerCenter) -> int:
    """Write to each tenant through whom it was sold, and return how many changed.

    A reseller whose customers cannot be read leaves its tenants as they are: what was discovered is
    true without. No transaction may be open.

    Raises:
        LeaseLost: another worker has the job now.
    """
    changed = 0
    for partner in _partners(running.actor, center, connection):
        try:
            rows = center.customers.of_indirect_reseller(partner.tenant_id)
            customers = [customer.id for customer in rows]
        except (PartnerCenterError, PortalError) as error:
            log.info("partner_not_read", partner=partner.tenant_id, reason=type(error).__name__)
            continue
        with running.step(note="Asking through whom customers were sold"):
            changed += _write(connection, partner, customers)
    return changed


def note_partner(connection: Connection, customer: Customer) -> None:
    """Write through whom one customer was sold, as its own resource says it (1 statement)."""
    rows = Tenant.objects.filter(reseller_id=connection.reseller_id, connection=connection)
    partner = storable(customer.associated_partner_id, PARTNER_LENGTH)
    rows.filter(microsoft_id=customer.id).exclude(associated_partner=partner).update(
        associated_partner=partner
    )


def _partners(actor: Actor, center: PartnerCenter, connection: Connection) -> list[Partner]:
    """Return every partner that has a partner id, by tenant; Partner Center's word first."""
    ids: dict[str, set[str]] = {}
    try:
        for found in center.relationships.indirect_resellers():
            ids.setdefault(found.id, set()).add(found.mpn_id)
    except (PartnerCenterError, PortalError) as error:
        log.info("partners_not_read", connection=str(connection.pk), reason=type(error).__name__)
    for namer in _namers:
        with transaction.atomic():
            partners = namer(actor)
        for known in partners:
            ids.setdefault(known.tenant_id.lower(), set()).update(known.mpn_ids)
    return [
        Partner(tenant, tuple(sorted(filter(None, mpn_ids))))
        for tenant, mpn_ids in sorted(ids.items())
        if any(mpn_ids)
    ]


def _write(connection: Connection, partner: Partner, customers: list[str]) -> int:
    values: dict[str, Any] = {
        "reseller": connection.reseller_id,
        "connection": connection.pk,
        "partner": partner.mpn_ids[0],
        "partners": list(partner.mpn_ids),
        "customers": customers,
    }
    with database.cursor() as cursor:
        changed = 0
        for statement in (ASSOCIATE, DISSOCIATE):
            cursor.execute(statement, values)
            changed += cursor.rowcount
    return changed
