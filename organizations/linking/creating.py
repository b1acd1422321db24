"""Create and link in the phases that a call to Partner Center asks for.

The call happens between transactions, never inside one. When Partner Center does not answer, what
is stored of the tenant still fills the draft, and the reason goes along to whoever has to know.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from organizations.linking.models import Link
from organizations.linking.operations import create_organization_from_tenant, refuse_linked
from organizations.linking.prefill import billing_address, draft_organization
from portal.core.access import Actor
from portal.core.errors import InvalidInput, PortalError
from tenants.discovery.details import read_details
from tenants.discovery.models import Tenant


@dataclass(frozen=True, slots=True)
class FreshTenant:
    """A tenant as Partner Center has it now; ``failure`` is why that could not be asked."""

    tenant: Tenant
    failure: str = ""


def read_fresh(tenant: Tenant, *, actor: Actor) -> FreshTenant:
    """Ask Partner Center for the tenant's details; its silence is no error here.

    No transaction may be open. A tenant that is linked already is refused before the call.

    Raises:
        Conflict: the tenant is linked.
    """
    actor.require("tenants.link")
    with transaction.atomic():
        refuse_linked(tenant, actor=actor)
    try:
        return FreshTenant(read_details(tenant, actor=actor))
    except PortalError as error:
        return FreshTenant(tenant, failure=error.detail)


def create_from_partner_center(
    tenant: Tenant, *, actor: Actor, values: Mapping[str, str], create_anyway: bool = False
) -> Link:
    """Create an organization and link the tenant; what ``values`` lacks comes from Partner Center.

    No transaction may be open. Raises what `create_organization_from_tenant` raises.
    """
    actor.require("tenants.link")
    fresh = read_fresh(tenant, actor=actor)
    try:
        return create_organization_from_tenant(
            fresh.tenant,
            actor=actor,
            values={**draft_organization(fresh.tenant), **values},
            account=billing_address(fresh.tenant),
            create_anyway=create_anyway,
        )
    except InvalidInput as error:
        if not fresh.failure:
            raise
        raise InvalidInput(
            f"{error.detail} Partner Center could not be asked for them: {fresh.failure}",
            code=error.code,
            fields=error.fields,
        ) from error
