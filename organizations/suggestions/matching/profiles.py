"""An organization and a tenant, read once, in the form in which they are compared."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from organizations.suggestions.matching.addresses import (
    Domain,
    Mail,
    read_domain,
    read_mail,
    read_prefix,
    without_endings,
)
from organizations.suggestions.matching.facts import OrganizationFacts, TenantFacts
from organizations.suggestions.matching.names import Name, read_name
from organizations.suggestions.matching.numbers import read_number

SHORTEST_LOCAL = 4


@dataclass(frozen=True, slots=True)
class OrganizationProfile:
    """What an organization is compared by; ``written`` is its name as people see it."""

    key: UUID
    written: str
    name: Name
    domain: Domain | None
    mail: Mail | None
    number: str
    country: str


@dataclass(frozen=True, slots=True)
class TenantProfile:
    """What a tenant is compared by; ``prefixes`` are readings of its onmicrosoft.com name."""

    key: UUID
    name: Name
    domain: Domain | None
    prefixes: tuple[str, ...]
    mail: Mail | None
    number: str
    country: str
    former: tuple[UUID, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """Return what its own domain or prefix calls it."""
        return (self.domain.label,) if self.domain else self.prefixes


def read_organization(facts: OrganizationFacts) -> OrganizationProfile:
    """Read an organization."""
    country = facts.country.strip().upper()
    return OrganizationProfile(
        key=facts.key,
        written=facts.name.strip(),
        name=read_name(facts.name),
        domain=read_domain(facts.domain),
        mail=read_mail(facts.email),
        number=read_number(facts.registration_number, country),
        country=country,
    )


def read_tenant(facts: TenantFacts) -> TenantProfile:
    """Read a tenant."""
    country = facts.country.strip().upper()
    prefix = read_prefix(facts.domain)
    return TenantProfile(
        key=facts.key,
        name=read_name(facts.name),
        domain=read_domain(facts.domain),
        prefixes=without_endings(prefix) if prefix else (),
        mail=read_mail(facts.email),
        number=read_number(facts.registration_number, country),
        country=country,
        former=facts.former,
    )


def organization_labels(profile: OrganizationProfile) -> Iterator[str]:
    """Go through every one-word spelling an organization may be found by; some repeat."""
    yield from profile.name.labels
    yield from (initials for initials in profile.name.initials if len(initials) > 2)
    yield from organization_addresses(profile)


def organization_addresses(profile: OrganizationProfile) -> Iterator[str]:
    """Go through what the addresses of an organization call it."""
    if profile.domain:
        yield profile.domain.label
    yield from _mail_labels(profile.mail)


def tenant_labels(profile: TenantProfile) -> Iterator[str]:
    """Go through every one-word spelling a tenant may be found by; some repeat."""
    yield from profile.name.labels
    yield from tenant_addresses(profile)


def tenant_addresses(profile: TenantProfile) -> Iterator[str]:
    """Go through what the addresses of a tenant call it."""
    yield from profile.labels
    yield from _mail_labels(profile.mail)


def _mail_labels(mail: Mail | None) -> Iterator[str]:
    if mail and mail.domain:
        yield mail.domain.label
    if mail and len(mail.local) >= SHORTEST_LOCAL:
        yield mail.local
