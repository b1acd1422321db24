"""Bulk links whose worker dies at every dangerous place."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

import organizations.tasks
from organizations.bulk.models import BulkLink
from organizations.bulk.operations import preview_bulk, run_bulk, undo_bulk
from organizations.bulk.plans import AllTenants, CreateOrganizations, LinkTo, Plan
from organizations.directory.models import Organization
from organizations.linking.queries import tenants_for_lists
from portal.core.access import acting
from portal.core.jobs.models import Job
from tests.factories.core import Person
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_connection, make_tenants
from tests.torture.rig import Rig, wait_until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(900)]
Record = Callable[[str, Any], None]
assert organizations.tasks

MANY = 2_500
"""Two steps of links."""
DEATHS = ("step.before_commit=kill@2", "audit.inserted=kill@1", "step.committed=kill@1")


DEATHS_OF_UNDO = ("audit.before_insert=kill@2", "outcome.before_commit=kill@1")
"""Each place is deadly once in a test."""


def draft_of_all(person: Person, plan: Plan, expected: int) -> BulkLink:
    actor = person.actor
    with acting(actor):
        rows = tenants_for_lists(actor).filter(is_linked=False).order_by("name", "pk")
        return preview_bulk(actor=actor, choice=AllTenants(rows, expected), plan=plan)


def die_and_finish(
    rig: Rig, job: Job, live: Callable[[], int], deaths: tuple[str, ...] = DEATHS
) -> list[int]:
    """Let a worker die at each place, then let one finish; return how far each death left it."""
    reached = []
    before = len(rig.injected())
    for number, plan in enumerate(deaths, start=before + 1):
        worker = rig.worker(queues=["sync"], concurrency=1, env=rig.fault(plan))
        wait_until(lambda expected=number: len(rig.injected()) == expected, 120)  # type: ignore[misc]
        worker.kill()
        reached.append(live())
        assert rig.states([job.pk]) == {"running": 1}, "nobody has finished it"
    rig.tally.faults += len(deaths)
    last = rig.worker(queues=["sync"], concurrency=1)
    assert rig.wait_for([job.pk], 180) == {"done": 1}
    last.kill()
    return reached


def outcomes(rig: Rig, bulk: UUID) -> dict[str, int]:
    return dict(
        rig.sql(
            "SELECT outcome, count(*) FROM organizations_bulkitem WHERE bulk_id = %s"
            " GROUP BY outcome",
            str(bulk),
        )
    )


def test_a_bulk_link_whose_worker_dies_is_exact_and_so_is_its_undo(
    rig: Rig, record_property: Record
) -> None:
    person = rig.people[0]
    with acting(person.actor), transaction.atomic():
        reseller = person.membership.reseller
    organization = make_organization(reseller, name="Target Company")
    make_tenants(make_connection(reseller), MANY)
    rig.relay()

    def live() -> int:
        return int(rig.sql("SELECT count(*) FROM organizations_link WHERE ends_at IS NULL")[0][0])

    draft = draft_of_all(person, LinkTo(organization), MANY)
    with acting(person.actor):
        bulk = run_bulk(draft, actor=person.actor)
    assert bulk.job is not None
    linking = die_and_finish(rig, bulk.job, live)
    assert live() == MANY
    assert outcomes(rig, bulk.pk) == {"linked": MANY}
    counts = rig.sql(
        "SELECT state, linked, refused, failed FROM organizations_bulklink WHERE id = %s",
        str(bulk.pk),
    )
    assert counts == [("done", MANY, 0, 0)]
    told = "SELECT count(*) FROM core_auditevent WHERE action = %s"
    assert rig.sql(told, "organizations.tenant_linked") == [(MANY,)]
    with acting(person.actor):
        asked = undo_bulk(bulk, actor=person.actor, reason="a wrong list")
    assert asked.undo_job is not None
    undoing = die_and_finish(rig, asked.undo_job, live, DEATHS_OF_UNDO)
    assert live() == 0
    assert outcomes(rig, bulk.pk) == {"undone": MANY}
    assert rig.sql(told, "organizations.link_undone") == [(MANY,)]
    assert rig.sql("SELECT count(*) FROM tenants_tenant WHERE is_linked") == [(0,)]
    rig.tally.operations += 2 * MANY
    record_property(
        "figure",
        f"Bulk link: killed with {linking} of {MANY:,} linked, then {MANY:,} linked;"
        f" its undo killed with {undoing} left, then 0; 0 lost, 0 doubled",
    )


def test_organizations_created_in_bulk_are_exact_after_a_death(
    rig: Rig, record_property: Record
) -> None:
    person, few = rig.people[0], 600
    with acting(person.actor), transaction.atomic():
        reseller = person.membership.reseller
    make_tenants(make_connection(reseller), few)
    rig.relay()
    draft = draft_of_all(person, CreateOrganizations(), few)
    assert draft.to_create == few
    with acting(person.actor):
        bulk = run_bulk(draft, actor=person.actor)
    assert bulk.job is not None

    def there() -> int:
        return int(rig.sql("SELECT count(*) FROM organizations_organization")[0][0])

    reached = die_and_finish(rig, bulk.job, there)
    assert there() == few
    assert outcomes(rig, bulk.pk) == {"created": few}
    owned = rig.sql(
        "SELECT count(DISTINCT tenant_id), count(DISTINCT organization_id), count(*)"
        " FROM organizations_link WHERE ends_at IS NULL"
    )
    assert owned == [(few, few, few)]
    with acting(person.actor), transaction.atomic():
        numbers = set(Organization.objects.values_list("number", flat=True))
    assert len(numbers) == few
    rig.tally.operations += few
    record_property(
        "figure", f"Bulk creation: killed with {reached} of {few} created, then {few}, each once"
    )
