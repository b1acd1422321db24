"""Links between everything there is, made in bulk, for measurements that begin with them."""

from collections.abc import Sequence

from django.db import transaction

from bench.results import BenchError
from bench.seeding import Reseller
from organizations.directory.models import Organization
from organizations.linking.batch import Outcome, Pair, link_tenants
from portal.core.access import acting
from tenants.discovery.models import Tenant


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
