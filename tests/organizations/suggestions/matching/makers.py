"""Short ways to write organizations and tenants down."""

from uuid import UUID, uuid5

from organizations.suggestions.matching import Match, Matcher, OrganizationFacts, TenantFacts

SPACE = UUID("5f9a0c1e-5a3c-4b43-9d0e-2d4f3b9f7c11")


def key_of(number: str) -> UUID:
    return uuid5(SPACE, number)


def organization(name: str, number: str = "", **facts: str) -> OrganizationFacts:
    """Return an organization; without a number its name is one."""
    number = number or name
    return OrganizationFacts(key=key_of(number), number=number, name=name, **facts)


def tenant(name: str, *, former: tuple[str, ...] = (), **facts: str) -> TenantFacts:
    """Return a tenant; ``former`` are numbers of organizations."""
    return TenantFacts(
        key=key_of(f"tenant {name}"), name=name, former=tuple(map(key_of, former)), **facts
    )


FILLING = tuple(
    organization(f"{word} {trade} Ltd", domain=f"{word.lower()}{trade.lower()}.example.com")
    for word in ("Wexford", "Brindle", "Quarry", "Harrow", "Lindal", "Osprey", "Tamsin", "Verity")
    for trade in ("Solutions", "Consulting", "Logistics", "Energy", "Labs")
)
"""Others on the list, so that words such as "labs" are as common as they are."""


def match(facts: TenantFacts, *organizations: OrganizationFacts) -> list[Match]:
    """Match a tenant with these organizations and some others."""
    return Matcher([*organizations, *FILLING]).match(facts)


def best(facts: TenantFacts, *organizations: OrganizationFacts) -> Match:
    """Return the best match, which there has to be."""
    found = match(facts, *organizations)
    assert found, f"nothing was found for {facts}"
    return found[0]
