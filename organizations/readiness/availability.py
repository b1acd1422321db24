"""Whether a domain prefix is still free, asked while somebody types.

Microsoft answers for one name at a time, and what is free now may be taken a moment later: creating
a customer asks again. So this is a hint, limited in how often it may be had.
"""

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import transaction

from organizations.linking.models import Link
from organizations.linking.queries import visible_tenants
from organizations.readiness import checks
from organizations.readiness.naming import full_domain
from organizations.readiness.partner import connection_to_ask, partner_domains_of
from partnercenter.errors import PartnerCenterError
from portal.core.access import Actor, past_scope
from portal.core.errors import PortalError
from portal.core.limits import Limit, take
from portal.core.rows import ScopedQuerySet
from tenants.connections.clients import partner_center_for
from tenants.connections.models import Connection

LONGEST: Final = 253
NO_DOMAIN: Final = "Enter a prefix, or the whole domain of a tenant that exists."


@dataclass(frozen=True, slots=True)
class Availability:
    """What is known of a domain.

    ``state``: free, yours, taken, invalid, or unknown (it could not be checked); empty where
    nothing was entered.
    """

    state: str
    domain: str
    sentence: str

    @property
    def tone(self) -> str:
        """The colour of it on pages."""
        return {"free": "good", "yours": "info", "taken": "warn", "invalid": "bad"}.get(
            self.state, "idle"
        )


def check_availability(domain_prefix: str, *, actor: Actor, connection: Connection) -> Availability:
    """Say whether a prefix is free, one of your tenants', or somebody else's.

    Calls Partner Center, so no transaction may be open. What Microsoft does not answer is no error:
    then it could not be checked, and that is said.

    Raises:
        NotAllowed: the actor may not provision.
        NotFound: the connection is not the actor's.
    """
    actor.require("tenants.provision")
    with transaction.atomic():
        row = connection_to_ask(connection, actor=actor)
        own = partner_domains_of(row, actor=actor)
        typed = domain_prefix[:LONGEST].strip().lower()
        if not typed:
            return Availability("", "", "")
        domain = full_domain(typed, cloud=row.cloud)
        wrong = checks.check_domain_prefix(typed, own)
        if wrong or not domain:
            return Availability("invalid", domain or typed, wrong or NO_DOMAIN)
        yours = _own_tenant(domain, actor=actor)
    if yours:
        return Availability("yours", domain, yours)
    try:
        with past_scope(actor):
            return _ask(row, domain, actor=actor)
    except (PartnerCenterError, PortalError):
        return Availability("unknown", domain, f"{domain} could not be checked now.")


def _ask(connection: Connection, domain: str, *, actor: Actor) -> Availability:
    who = actor.membership_id or actor.label
    name = f"{actor.reseller_id}:domains:{who}"
    allowance = take([Limit(name, settings.LIMIT_DOMAIN_CHECKS)])
    if allowance is not None and not allowance.allowed:
        seconds = allowance.reset_seconds
        said = f"{domain} was not checked: too many names in a short time. Wait {seconds} seconds."
        return Availability("unknown", domain, said)
    if partner_center_for(connection).domains.is_taken(domain):
        said = f"{domain} is taken, and not by a tenant you have here."
        return Availability("taken", domain, said)
    return Availability("free", domain, f"{domain} is free.")


def _own_tenant(domain: str, *, actor: Actor) -> str:
    tenant = visible_tenants(actor).filter(domain=domain).order_by("pk").first()
    if tenant is None:
        return ""
    links: ScopedQuerySet[Link] = Link.objects.visible_to(actor)
    link = links.filter(tenant=tenant, ends_at=None).select_related("account").first()
    whose = f", linked to {link.account.name}" if link else ", linked to nobody"
    return f"{domain} is taken by your tenant {tenant.name}{whose}."
