"""Linking very many tenants at once, with one audit event each.

Against copying the rows of the links, ready made, into a plain table.
"""

from collections.abc import Sequence
from functools import partial
from statistics import median

from django.db import transaction

from bench.floor import columns_of, copy_in, copy_out, make_table, names_in
from bench.ground import Ground
from bench.results import BenchError, Check, Result
from bench.seeding import Reseller, add_organizations, add_tenants, make_reseller, settle
from bench.timing import seconds_of
from organizations.directory.models import Organization
from organizations.linking.batch import Outcome, Pair, link_tenants
from organizations.linking.models import Link
from portal.core.access import acting
from portal.core.audit.models import AuditEvent
from tenants.discovery.models import Tenant

LEAST_PER_SECOND = 3_000
LINKS = Link._meta.db_table


def measure(ground: Ground) -> Result:
    """Measure lots of links, each of tenants nobody has linked yet."""
    links, repeats = ground.sizes.links, ground.sizes.repeats
    reseller = make_reseller()
    add_organizations(ground, reseller, max(links // 5, 1))
    add_tenants(ground, reseller, links * repeats)
    settle(ground)
    pairs = unlinked_pairs(reseller)
    lots = [pairs[at * links : (at + 1) * links] for at in range(repeats)]
    seconds = median(seconds_of(partial(link_all, reseller, lot)) for lot in lots)
    _prove(reseller, links * repeats)
    copied = median(_copies(ground, reseller, links, times=max(repeats, 2)))
    return Result(
        name="bulk_link",
        n=links,
        seconds=seconds,
        reference="the same rows copied into a plain table",
        reference_seconds=copied,
        checks=(Check("links a second", links / seconds, LEAST_PER_SECOND, at_least=True),),
        more={"links_per_second": links / seconds, "copied_per_second": links / copied},
    )


def unlinked_pairs(reseller: Reseller) -> list[Pair]:
    """Return every unlinked tenant with an organization, all organizations in turn."""
    with acting(reseller.actor), transaction.atomic():
        organizations = list(
            Organization.objects.visible_to(reseller.actor).values_list("pk", flat=True)
        )
        tenants = list(
            Tenant.objects.visible_to(reseller.actor)
            .filter(is_linked=False)
            .order_by("microsoft_id")
            .values_list("pk", flat=True)
        )
    return [
        Pair(tenant, organizations[at % len(organizations)]) for at, tenant in enumerate(tenants)
    ]


def link_all(reseller: Reseller, pairs: Sequence[Pair]) -> None:
    """Link the pairs in bulk.

    Raises:
        BenchError: one of them was not linked.
    """
    with acting(reseller.actor):
        for result in link_tenants(pairs, actor=reseller.actor, why="Measured"):
            if result.outcome != Outcome.LINKED:
                raise BenchError(f"A tenant was not linked: {result.detail}")


def _prove(reseller: Reseller, links: int) -> None:
    with acting(reseller.actor), transaction.atomic():
        live = Link.objects.visible_to(reseller.actor).filter(ends_at=None).count()
        told = AuditEvent.objects.filter(action="organizations.tenant_linked").count()
    if (live, told) != (links, links):
        raise BenchError(f"Of {links:,} links {live:,} hold and {told:,} are in the audit.")


def _copies(ground: Ground, reseller: Reseller, links: int, *, times: int) -> list[float]:
    with ground.admin() as admin, ground.floor() as floor:
        columns = columns_of(admin, LINKS)
        query = f"SELECT {names_in(columns)} FROM {LINKS}"
        rows = copy_out(admin, f"{query} WHERE reseller_id = {reseller.id} LIMIT {links}")
        make_table(floor, "links", columns)
        return [seconds_of(lambda: copy_in(floor, "links", rows)) for _ in range(times)]
