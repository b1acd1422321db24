"""What of a domain's tenant an actor may know: people of a sub-reseller only of their own.

A tenant is theirs that is linked to an account of theirs, or that Partner Center says was sold
through them and nobody linked. Of every other they hear the same sentence, whether it is the
provider's, another sub-reseller's or a stranger's.
"""

from typing import Final

from organizations.linking.queries import visible_tenants
from portal.core.access import Actor
from tenants.discovery.models import Tenant

NOT_YOURS: Final = (
    "{domain} is taken by a tenant that is not yours, so nothing can be synchronized with it. If it"
    " is this customer's, ask your provider to link it. Otherwise choose another prefix."
)


def sees_tenant(tenant: Tenant, *, actor: Actor) -> bool:
    """Tell whether a tenant is the actor's to see (1 query, none for staff)."""
    return actor.is_staff or visible_tenants(actor).filter(pk=tenant.pk).exists()


def not_yours(domain: str) -> str:
    """Return what somebody of a sub-reseller is told of a domain that is taken, and not by them."""
    return NOT_YOURS.format(domain=domain)
