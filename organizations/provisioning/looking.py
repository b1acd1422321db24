"""Asking Microsoft whose a domain is."""

from dataclasses import dataclass
from typing import Final

from organizations.provisioning.journal import Halted, State, Work
from organizations.provisioning.seeing import not_yours
from organizations.readiness.naming import prefix_of
from partnercenter.errors import PartnerCenterError
from partnercenter.schemas.customers import Customer, CustomerSummary
from portal.core.errors import PortalError

ALIKE: Final = 5
"""So many customers of the same name are asked for their other domains."""
ELSEWHERE: Final = (
    "{domain} belongs to a tenant that is not among your customers, so nothing can be synchronized"
    " with it yet. If it is this customer's, send the relationship request; once it is accepted and"
    " the tenant discovered, ask again. Otherwise choose another prefix."
)
NOBODY: Final = (
    "No tenant has the domain {domain}. Enter a prefix of letters and digits to create one."
)


@dataclass(frozen=True, slots=True)
class Found:
    """Whose a domain is: nobody's, or a customer's that is ours, or somebody's we cannot see."""

    is_taken: bool
    customer: CustomerSummary | None = None


def look(work: Work) -> Found:
    """Ask whose the domain is; nothing changes by it. Raises: PartnerCenterError."""
    domain = work.request.domain
    if not work.center.domains.is_taken(domain):
        return Found(is_taken=False)
    return Found(is_taken=True, customer=customer_with(work, domain) or _known_by_alias(work))


def customer_with(work: Work, domain: str) -> CustomerSummary | None:
    """Return the customer of ours whose domain it is, None when none has it (1 call)."""
    for customer in work.center.customers.search("Domain", domain):
        if customer.domain.lower() == domain:
            return customer
    return None


def in_full(work: Work, customer: CustomerSummary) -> Customer:
    """Return a customer with all it says of itself (1 call)."""
    return work.center.customers.get(customer.id)


def refuse_unreachable(work: Work, *, outcome: str = "") -> Halted:
    """Return the refusal of a domain that somebody else has, with the way to reach them.

    People of a sub-reseller hear the same of the provider's tenants and of strangers'.
    """
    theirs = not work.asker.is_staff
    domain = work.request.domain
    words = not_yours(domain) if theirs else ELSEWHERE.format(domain=domain)
    return Halted(
        State.FAILED,
        code="domain_elsewhere",
        words=words,
        fields={"domain": [words]},
        outcome=outcome,
        invitation="" if theirs else invitation(work),
    )


def refuse_nobodys(work: Work) -> Halted | None:
    """Return the refusal of a free domain under which nothing can be made, None for a prefix."""
    domain = work.request.domain
    if prefix_of(domain, cloud=work.connection.cloud):
        return None
    words = NOBODY.format(domain=domain)
    return Halted(State.FAILED, code="domain_unknown", words=words, fields={"domain": [words]})


def invitation(work: Work) -> str:
    """Return the relationship-request link; "" where nobody signed in, or it is not to be had."""
    try:
        return work.as_user.relationships.request_link()
    except (PartnerCenterError, PortalError):
        return ""


def _known_by_alias(work: Work) -> CustomerSummary | None:
    """Return the customer that has the domain beside its main one, among those of the same name."""
    name = work.request.account.organization.name
    for number, candidate in enumerate(work.center.customers.search("CompanyName", name)):
        if number >= ALIKE:
            break
        customer = in_full(work, candidate)
        if work.request.domain in (one.lower() for one in customer.custom_domains):
            return candidate
    return None
