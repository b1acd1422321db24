"""Reading indirect resellers with the organization each of them is, or may be.

Partner Center names a partner id for each location of a reseller and one partner tenant for all of
them. An organization has one of both: a row whose partner id nobody has is still known by its
partner tenant. Who is known by neither is compared by name with the sub-resellers that have no
partner id yet; they are few, so that is done for a page of rows while it is read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from organizations.directory.models import Organization
from organizations.directory.queries import sub_resellers
from organizations.suggestions.matching import Level, Matcher, OrganizationFacts, TenantFacts
from organizations.suggestions.words import sentence_of
from portal.core.access import Actor
from portal.core.jobs.models import Job
from portal.core.rows import ScopedQuerySet
from tenants.connections.models import Connection
from tenants.indirect.models import IndirectReseller
from tenants.indirect.operations import READ_RESELLERS

MOST_COMPARED = 1_000
"""So many organizations without a partner id are compared with a page; beyond, nothing is
suggested, and a person chooses."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What an indirect reseller is here: an organization by one of its ids, or perhaps one.

    ``by_location`` tells that only the partner tenant is the organization's: the row is another
    location of it.
    """

    organization: Organization | None = None
    by_location: bool = False
    suggestion: Organization | None = None
    reason: str = ""


def listed_resellers(actor: Actor) -> "ScopedQuerySet[IndirectReseller]":
    """Return the indirect resellers of every connection the actor may see."""
    rows: ScopedQuerySet[IndirectReseller] = IndirectReseller.objects.visible_to(actor)
    return rows.select_related("connection")


def partner_tenant_of(row: IndirectReseller) -> UUID | None:
    """Return the partner tenant as an id; None where Partner Center sent something else."""
    try:
        return UUID(row.partner_tenant)
    except ValueError:
        return None


def attach_standings(rows: Sequence[IndirectReseller], *, actor: Actor) -> None:
    """Set ``standing`` on every row of a page (2 queries; 1 if all are known, 0 for none)."""
    if not rows:
        return
    known = _known(rows, actor=actor)
    open_rows = [row for row in rows if _of(row, known) is None]
    suggested = _suggested(open_rows, actor=actor)
    for row in rows:
        found = _of(row, known)
        row.standing = found or suggested.get(row.pk, Standing())  # type: ignore[attr-defined]


def organization_of(row: IndirectReseller, *, actor: Actor) -> Organization | None:
    """Return the organization an indirect reseller is known to be (1 query)."""
    found = _of(row, _known([row], actor=actor))
    return found.organization if found else None


def last_reading(connection: Connection, *, actor: Actor) -> Job | None:
    """Return the newest job that read the list of a connection (1 query)."""
    rows: ScopedQuerySet[Job] = Job.objects.visible_to(actor)
    of_it = rows.filter(kind=READ_RESELLERS.name, subject_id=connection.pk)
    return of_it.order_by("-created_at").first()


def _known(rows: Sequence[IndirectReseller], *, actor: Actor) -> dict[str | UUID, Organization]:
    tenants = {found for row in rows if (found := partner_tenant_of(row))}
    asked = Q(mpn_id__in=[row.mpn_id for row in rows]) | Q(microsoft_partner_id__in=tenants)
    known: dict[str | UUID, Organization] = {}
    for organization in sub_resellers(actor).filter(asked):
        if organization.mpn_id:
            known[organization.mpn_id] = organization
        if organization.microsoft_partner_id:
            known[organization.microsoft_partner_id] = organization
    return known


def _of(row: IndirectReseller, known: dict[str | UUID, Organization]) -> Standing | None:
    if organization := known.get(row.mpn_id):
        return Standing(organization)
    tenant = partner_tenant_of(row)
    if tenant and (organization := known.get(tenant)):
        # One that has no partner id yet may take this one; else it is another location's.
        return Standing(organization, by_location=True)
    return None


def _suggested(rows: Sequence[IndirectReseller], *, actor: Actor) -> dict[UUID, Standing]:
    if not rows:
        return {}
    free = sub_resellers(actor).filter(mpn_id="", microsoft_partner_id=None)
    found = list(free[: MOST_COMPARED + 1])
    if not found or len(found) > MOST_COMPARED:
        return {}
    by_id = {organization.pk: organization for organization in found}
    matcher = Matcher(_facts(organization) for organization in found)
    told = {}
    for row in rows:
        facts = TenantFacts(row.pk, row.name, country=row.location)
        for match in matcher.match(facts, limit=1):
            if match.level == Level.POSSIBLE:
                continue  # one press links it: what is only alike in part is left to a person
            reason = sentence_of([each.text for each in match.reasons])
            told[row.pk] = Standing(suggestion=by_id[match.organization], reason=reason)
    return told


def _facts(organization: Organization) -> OrganizationFacts:
    return OrganizationFacts(
        organization.pk,
        organization.number,
        organization.name,
        domain=organization.primary_domain,
        country=organization.country,
    )
