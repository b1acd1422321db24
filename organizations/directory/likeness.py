"""What an organization that is about to be made looks like: ones there are, and tenants unlinked.

A duplicate is far cheaper to prevent than to merge (UNL-04). Candidates come from indexes alone,
the equal ones and the twenty nearest by name; how alike two names really are is then decided here,
by the words that are left without legal forms, accents and word order. So it costs five queries,
and the same at any number of rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cleanco import basename
from django.db import connection
from rapidfuzz.distance import OSA

from organizations.directory.queries import (
    CLOSEST_IDS,
    RESEMBLANCES,
    TERM_LENGTH,
    Resemblance,
    organizations,
    similar_organizations,
)
from organizations.suggestions.matching.names import read_name
from portal.core.access import Actor
from tenants.discovery.models import Tenant
from tenants.discovery.queries import search_tenants

CANDIDATES = 20
SHORTEST_NAME = 3
SLIP_LENGTH = 6
"""Shorter names differ by one letter without being one."""
OURS_AT_MICROSOFT = ".onmicrosoft.com"
SAME, OTHERWISE, SLIP = "same name", "same name, written otherwise", "almost the same name"


@dataclass(frozen=True, slots=True)
class TenantResemblance:
    """A tenant nobody has linked that may be the organization's, and why."""

    tenant: Tenant
    reason: str


@dataclass(frozen=True, slots=True)
class Lookalikes:
    """What resembles an organization, best first; empty where nothing does."""

    organizations: tuple[Resemblance, ...] = ()
    tenants: tuple[TenantResemblance, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.organizations or self.tenants)

    def as_data(self) -> dict[str, Any]:
        """Return it as a refusal carries it."""
        return {
            "duplicates": [
                {
                    "id": str(found.organization.pk),
                    "number": found.organization.number,
                    "name": found.organization.name,
                    "reason": found.reason,
                }
                for found in self.organizations
            ],
            "tenants": [
                {
                    "id": str(found.tenant.pk),
                    "microsoft_id": str(found.tenant.microsoft_id),
                    "name": found.tenant.name,
                    "domain": found.tenant.domain,
                    "reason": found.reason,
                }
                for found in self.tenants
            ],
        }


def find_lookalikes(
    actor: Actor,
    *,
    name: str = "",
    primary_domain: str = "",
    registration_number: str = "",
    tenants: bool = True,
) -> Lookalikes:
    """Return what resembles an organization with these values (5 queries at most).

    ``tenants``: look among those that wait for a link too; who makes an organization out of one
    need not be told of another.
    """
    exact = similar_organizations(
        actor, name=name, primary_domain=primary_domain, registration_number=registration_number
    )
    known = {found.organization.pk for found in exact}
    near = [found for found in _near_by_name(actor, name) if found.organization.pk not in known]
    return Lookalikes(
        organizations=tuple((exact + near)[:RESEMBLANCES]),
        tenants=tuple(_tenants(actor, name, primary_domain)) if tenants else (),
    )


def compare_names(one: str, other: str) -> str:
    """Return how alike two names are, in words; nothing if they are two names (pure).

    Numerals tell companies apart, and so does every word: "Contoso Nordic" is not "Contoso Labs".
    """
    ours, theirs = read_name(one), read_name(other)
    if not ours.key or _numbers(ours.core) != _numbers(theirs.core):
        return ""
    if ours.key == theirs.key:
        return SAME if one.casefold() == other.casefold() else OTHERWISE
    shorter = min(len(ours.joined), len(theirs.joined))
    is_slip = shorter >= SLIP_LENGTH and OSA.distance(ours.joined, theirs.joined) == 1
    return SLIP if is_slip else ""


def _numbers(words: Iterable[str]) -> list[str]:
    return [word for word in words if any(map(str.isdigit, word))]


def _near_by_name(actor: Actor, name: str) -> list[Resemblance]:
    term = _bare(name)
    if len(term) < SHORTEST_NAME or not actor.is_staff:
        return []
    with connection.cursor() as cursor:
        cursor.execute(CLOSEST_IDS, [term, CANDIDATES])
        ids: list[UUID] = [row[0] for row in cursor.fetchall()]
    rows = organizations(actor).in_bulk(ids)
    return [
        Resemblance(rows[pk], said)
        for pk in ids
        if pk in rows and (said := compare_names(name, rows[pk].name))
    ]


def _tenants(actor: Actor, name: str, primary_domain: str) -> Iterable[TenantResemblance]:
    """Yield tenants that wait for a link and have the domain or the name (2 queries)."""
    waiting = Tenant.objects.visible_to(actor).filter(is_linked=False, is_ignored=False)
    seen: set[UUID] = set()
    if primary_domain:
        label = primary_domain.partition(".")[0]
        domains = [primary_domain, f"{label}{OURS_AT_MICROSOFT}"]
        rows = waiting.filter(domain__in=domains).order_by("domain", "id")[:RESEMBLANCES]
        for row in rows:
            seen.add(row.pk)
            yield TenantResemblance(row, f"its domain is {row.domain}")
    term = _bare(name)
    if len(term) < SHORTEST_NAME or not actor.is_staff:
        return
    rows = search_tenants(waiting, term, actor=actor).order_by("name", "id")[:CANDIDATES]
    found = [(row, said) for row in rows if (said := compare_names(name, row.name))]
    for row, said in found[:RESEMBLANCES]:
        if row.pk not in seen:
            yield TenantResemblance(row, said)


def _bare(name: str) -> str:
    """Return a name without its legal form, written as it is: what an index is asked for."""
    text = " ".join(name.replace("\x00", "").split())[:TERM_LENGTH]
    return (basename(text) or text) if text else ""
