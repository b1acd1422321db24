"""Saying which organization an indirect reseller is: one that exists, or a new one.

What is written is the organization's partner id and partner tenant, so everything that goes by
these follows: under whom tenants land, whose customers they are looked for among, the statement.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from organizations.directory.details import ORGANIZATION_FIELDS
from organizations.directory.models import Organization
from organizations.directory.operations import change_organization, create_organization
from organizations.directory.queries import get_organization
from organizations.indirect.queries import listed_resellers, organization_of, partner_tenant_of
from portal.core.access import Actor
from portal.core.errors import Conflict, InvalidInput
from tenants.connections.models import Connection
from tenants.connections.queries import connections
from tenants.indirect.models import IndirectReseller
from tenants.indirect.operations import request_resellers

NEEDS = "tenants.link"
TAKEN = "partner_taken"


def link_indirect_reseller(
    listed: IndirectReseller, organization: Organization, *, actor: Actor
) -> Organization:
    """Give a sub-reseller the ids of an indirect reseller; again changes nothing.

    Locks the organization.

    Raises:
        InvalidInput: the organization is a customer.
        Conflict: ``partner_taken``: it is another indirect reseller already, or another
            organization is this one; or ``organization_merged``.
    """
    actor.require(NEEDS)
    actor.require("organizations.change")
    with transaction.atomic():
        row: IndirectReseller = listed_resellers(actor).get_visible(actor, pk=listed.pk)
        get_organization(actor, organization.pk)
        rows = Organization.objects.select_for_update(of=("self",), no_key=True)
        locked: Organization = rows.get_visible(actor, pk=organization.pk)
        if not locked.is_sub_reseller:
            said = f"{locked} is a customer. Make it a sub-reseller on its page first."
            raise InvalidInput(said, fields={"organization": [said]})
        tenant = partner_tenant_of(row)
        _refuse_another(locked, row, actor=actor)
        changes = {"mpn_id": row.mpn_id}
        if tenant:
            changes["microsoft_partner_id"] = str(tenant)
        return change_organization(locked, actor=actor, changes=changes)


def create_from_indirect_reseller(
    listed: IndirectReseller,
    *,
    actor: Actor,
    values: Mapping[str, str],
    create_anyway: bool = False,
) -> Organization:
    """Create a sub-reseller out of an indirect reseller, with its ids.

    ``values`` are details of the organization and its number; without a name it gets the one
    Partner Center has. The rest is what `create_organization` asks for.

    Raises:
        InvalidInput: with every field that is wrong.
        Conflict: ``partner_taken``: an organization is it already; or what `create_organization`
            raises.
    """
    actor.require(NEEDS)
    actor.require("organizations.create")
    with transaction.atomic():
        row: IndirectReseller = listed_resellers(actor).get_visible(actor, pk=listed.pk)
        holder = organization_of(row, actor=actor)
        if holder is not None:
            raise _taken(row, holder)
        texts: dict[str, Any] = {
            name: values.get(name, "") for name in (*ORGANIZATION_FIELDS, "number")
        }
        texts["name"] = texts["name"] or row.name
        return create_organization(
            actor=actor,
            kind=Organization.Kind.SUB_RESELLER,
            mpn_id=row.mpn_id,
            microsoft_partner_id=str(partner_tenant_of(row) or ""),
            create_anyway=create_anyway,
            **texts,
        )


def refresh_indirect_resellers(connection: Connection, *, actor: Actor) -> None:
    """Ask for the list of a connection to be read from Partner Center now.

    Raises:
        Conflict: ``direct_connection``; such a connection has no indirect resellers.
    """
    actor.require("discovery.run")
    row: Connection = connections(actor).get_visible(actor, pk=connection.pk)
    if not request_resellers(row, actor=actor):
        raise Conflict(
            f"{row.name} is a direct connection, which has no indirect resellers.",
            code="direct_connection",
        )


def _refuse_another(organization: Organization, row: IndirectReseller, *, actor: Actor) -> None:
    """Raise where either of the two is somebody else already."""
    holder = organization_of(row, actor=actor)
    if holder is not None and holder.pk != organization.pk:
        raise _taken(row, holder)
    tenant = partner_tenant_of(row)
    has_other = organization.mpn_id not in ("", row.mpn_id) or (
        organization.microsoft_partner_id not in (None, tenant) and tenant is not None
    )
    if has_other:
        which = f" ({organization.mpn_id})" if organization.mpn_id else ""
        said = (
            f"{organization} is another indirect reseller already{which}."
            " Change that on its page if it is wrong."
        )
        raise Conflict(said, code=TAKEN, fields={"organization": [said]})


def _taken(row: IndirectReseller, holder: Organization) -> Conflict:
    said = f"{row.name} is {holder} ({holder.number}) already."
    return Conflict(
        said,
        code=TAKEN,
        data={"organization": str(holder.pk)},
        fields={"organization": [said]},
    )
