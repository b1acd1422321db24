"""Creating the organizations of a step and linking their tenants: both, or neither, for each.

Locks are taken in the order of everything that links and creates: the books, the tenants by their
keys, their rows of the tally and what the alert says of them, the counter of numbers, the end of
the audit chain.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from organizations.bulk.models import BulkItem, BulkLink
from organizations.bulk.outcomes import Done
from organizations.bulk.verdicts import NO_TENANT, Verdict, situation_with
from organizations.directory.batch import NewOrganization, create_organizations
from organizations.directory.details import OrganizationDetails
from organizations.directory.numbering import hold_counter
from organizations.directory.resembling import resemblances
from organizations.linking.batch import Outcome, Pair, link_tenants
from organizations.linking.models import Link
from organizations.linking.prefill import billing_address
from organizations.linking.writing import tell_linked, tell_unlinked
from portal.core.access import Actor
from portal.core.books import hold_books
from portal.core.errors import Conflict, Unavailable
from tenants.discovery.models import Tenant


def create_and_link(items: Sequence[BulkItem], bulk: BulkLink, *, actor: Actor) -> list[Done]:
    """Create what the items' drafts say and link their tenants; in the caller's transaction.

    Whose tenant was linked meanwhile, or whose draft resembles an organization that has come since
    the preview, is refused with the reason.

    Raises:
        Unavailable: others create or import organizations and hold the counter of numbers.
    """
    hold_books(actor)
    tenants = _locked({item.tenant_key for item in items}, actor=actor)
    situation = situation_with(tenants, [], actor=actor)
    done: list[Done] = []
    free: list[BulkItem] = []
    for item in items:
        tenant = tenants.get(item.tenant_key)
        verdict = situation.judge_free(tenant) if tenant else NO_TENANT
        if verdict:
            done.append(refused(item, verdict))
        else:
            free.append(item)
    return done + _create(free, tenants, bulk, actor=actor)


def refused(item: BulkItem, verdict: Verdict) -> Done:
    """Return the outcome of an item that something kept from being done."""
    return Done(item, BulkItem.Outcome.REFUSED, verdict.code, verdict.detail)


def _create(
    free: list[BulkItem], tenants: dict[UUID, Tenant], bulk: BulkLink, *, actor: Actor
) -> list[Done]:
    if not free:
        return []
    tell_linked([item.tenant_key for item in free], actor=actor)
    _hold_counter(actor)
    details = [OrganizationDetails(**item.draft) for item in free]
    alike = resemblances(details, actor=actor)
    fresh = [
        (item, own)
        for at, (item, own) in enumerate(zip(free, details, strict=True))
        if at not in alike
    ]
    if alike:
        not_meant = [free[at].tenant_key for at in alike]
        tell_unlinked(not_meant, actor=actor, why="Not linked: there is an organization like it")
    rows = create_organizations(
        [NewOrganization(own, billing_address(tenants[item.tenant_key])) for item, own in fresh],
        actor=actor,
        reason=bulk.why,
    )
    pairs = [Pair(item.tenant_key, row.pk) for (item, _), row in zip(fresh, rows, strict=True)]
    results = link_tenants(pairs, actor=actor, how=Link.How.CREATED, why=bulk.why)
    done = []
    for (item, _), row, result in zip(fresh, rows, results, strict=True):
        if result.outcome != Outcome.LINKED:
            raise AssertionError(f"A locked and free tenant was not linked: {result.detail}")
        done.append(
            Done(
                item,
                BulkItem.Outcome.CREATED,
                link_id=result.link_id,
                organization_id=row.pk,
            )
        )
    for at, found in alike.items():
        said = f"Like {found.label}, which has come since the preview: {found.reason}."
        done.append(refused(free[at], Verdict("possible_duplicate", said)))
    return done


def _locked(ids: set[UUID], *, actor: Actor) -> dict[UUID, Tenant]:
    rows = Tenant.objects.visible_to(actor).filter(pk__in=ids).order_by("microsoft_id")
    return {row.pk: row for row in rows.select_for_update(of=("self",), no_key=True)}


def _hold_counter(actor: Actor) -> None:
    try:
        with transaction.atomic():
            hold_counter(actor)
    except Conflict as error:
        raise Unavailable(error.detail, code=error.code) from error
