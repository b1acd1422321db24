"""One run: every unlinked tenant against every organization, and what differs is written.

The matching is pure and knows all organizations at once; tenants come and go in steps, so memory
does not grow with them. Each step is one fenced transaction that also says where the next begins,
so a run that was killed goes on there. Nothing is matched while a transaction is open.

What changed while a round ran is looked at in one more; should that not be enough, because people
change things without end, the next run is asked for by the clock and not at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from organizations.directory.models import Organization
from organizations.directory.queries import organizations
from organizations.linking.models import Link
from organizations.suggestions.applying import link_certain
from organizations.suggestions.asking import state_of
from organizations.suggestions.matching import Match, Matcher, OrganizationFacts, TenantFacts
from organizations.suggestions.models import SuggestionState
from organizations.suggestions.preferring import Partners, read_partners
from organizations.suggestions.queries import waiting_tenants
from organizations.suggestions.storing import StoredStep, settle_linked
from portal.core.access import Actor
from portal.core.jobs.running import RunningJob
from tenants.discovery.models import Tenant
from tenants.discovery.queries import tally_of

STEP = 500
ORGANIZATIONS_STEP = 2_000
ROUNDS = 2
COUNTS = ("tenants", "written", "removed", "linked")


@dataclass(slots=True)
class _Place:
    """Where a run is: kept with the job, so that it can be gone on with."""

    round: int = 0
    began: str = ""
    after: str = ""
    matched: bool = False

    def write(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("round", "began", "after", "matched")}


def suggest(running: RunningJob) -> None:
    """Carry out a run; called again, it goes on where it was.

    ``result`` of the job: ``tenants`` looked at, suggestions ``written`` and ``removed``, and
    tenants handed to a bulk link to be ``linked`` by themselves.

    Raises:
        LeaseLost: another worker has the job now.
    """
    running.actor.require("tenants.link")
    place = _Place(**running.job.payload)
    counts = dict.fromkeys(COUNTS, 0) | running.job.result
    while True:
        if not place.round:
            _begin(running, place, round=1)
        if not place.matched:
            _match_all(running, place, counts)
        with transaction.atomic():
            state = state_of(running.actor)
        if state.applies_certain:
            with running.step(note="Linking what is certain"):
                bulk = link_certain(running.actor)
            counts["linked"] += bulk.planned if bulk else 0
            running.report(result=counts)
        _end(running, place)
        if place.round >= ROUNDS or not _is_due(running.actor):
            return
        _begin(running, place, round=place.round + 1)


def _begin(running: RunningJob, place: _Place, *, round: int) -> None:
    """Take the mark of what changed away: everything committed until now is about to be read."""
    place.round, place.after, place.matched = round, "", False
    place.began = timezone.now().isoformat()
    with transaction.atomic():
        total = tally_of(running.actor).unlinked
    with running.step(done=0, total=total, note="Reading organizations", payload=place.write()):
        SuggestionState.objects.filter(reseller_id=running.actor.reseller_id).update(is_due=False)
    while True:
        with running.step():
            if not settle_linked(running.actor):
                return


def _match_all(running: RunningJob, place: _Place, counts: dict[str, int]) -> None:
    matcher, partners = None, Partners()
    while step := _tenants_after(running.actor, place.after):
        if matcher is None:
            owners: dict[UUID, UUID] = {}
            matcher = Matcher(_organization_facts(running.actor, owners))
            partners = read_partners(running.actor, owners)
        with transaction.atomic():
            stored = StoredStep([tenant.key for tenant in step], actor=running.actor)
        found = _matches(matcher, partners, stored, step)
        place.after = str(step[-1].key)
        counts["tenants"] += len(step)
        done = running.job.done + len(step)
        with running.step(
            done=done, note="Comparing tenants", payload=place.write(), result=counts
        ):
            changed = stored.write(found)
        counts["written"] += changed.written
        counts["removed"] += changed.removed
    place.matched = True
    running.report(payload=place.write(), result=counts)


def _matches(
    matcher: Matcher, partners: Partners, stored: StoredStep, step: Sequence[TenantFacts]
) -> dict[UUID, Sequence[Match]]:
    found: dict[UUID, Sequence[Match]] = {}
    for tenant in step:
        limit = stored.candidates_wanted(tenant.key)
        matches = matcher.match(tenant, limit=partners.wanted(tenant.partner, limit))
        found[tenant.key] = partners.prefer(tenant.partner, matches, limit)
    return found


def _end(running: RunningJob, place: _Place) -> None:
    with running.step(note="Up to date"):
        SuggestionState.objects.update_or_create(
            reseller_id=running.actor.reseller_id,
            defaults={"looked_at": datetime.fromisoformat(place.began)},
        )


def _is_due(actor: Actor) -> bool:
    with transaction.atomic():
        return state_of(actor).is_due


def _organization_facts(actor: Actor, owners: dict[UUID, UUID]) -> Iterator[OrganizationFacts]:
    """Yield every organization, each 2,000 in a short transaction; ``owners``: whose each is."""
    after: UUID | None = None
    while True:
        with transaction.atomic():
            rows = organizations(actor).order_by("pk")
            step: list[Organization] = list(
                (rows.filter(pk__gt=after) if after else rows)[:ORGANIZATIONS_STEP]
            )
        for row in step:
            if row.sub_reseller_id:
                owners[row.pk] = row.sub_reseller_id
            yield OrganizationFacts(
                key=row.pk,
                number=row.number,
                name=row.name,
                domain=row.primary_domain,
                registration_number=row.registration_number,
                country=row.country,
                email=row.notification_email,
            )
        if len(step) < ORGANIZATIONS_STEP:
            return
        after = step[-1].pk


def _tenants_after(actor: Actor, after: str) -> list[TenantFacts]:
    """Return the next step of tenants with what they were linked to before (2 queries)."""
    with transaction.atomic():
        rows = waiting_tenants(actor).order_by("pk")
        step: list[Tenant] = list((rows.filter(pk__gt=UUID(after)) if after else rows)[:STEP])
        former = _former_organizations([row.pk for row in step], actor=actor)
    return [
        TenantFacts(
            key=row.pk,
            name=row.name,
            domain=row.domain,
            country=row.country,
            email=row.email,
            registration_number=row.registration_number,
            former=former.get(row.pk, ()),
            partner=row.associated_partner,
        )
        for row in step
    ]


def _former_organizations(
    tenant_ids: list[UUID], *, actor: Actor
) -> Mapping[UUID, tuple[UUID, ...]]:
    """Return the organizations tenants belonged to, newest first; a link undone never counted."""
    if not tenant_ids:
        return {}
    rows = Link.objects.visible_to(actor).filter(
        tenant__in=tenant_ids, ends_at__isnull=False, undone=False
    )
    found: dict[UUID, tuple[UUID, ...]] = {}
    for tenant_id, organization_id in rows.order_by("-ends_at").values_list(
        "tenant_id", "organization_id"
    ):
        earlier = found.get(tenant_id, ())
        if organization_id not in earlier:
            found[tenant_id] = (*earlier, organization_id)
    return found
