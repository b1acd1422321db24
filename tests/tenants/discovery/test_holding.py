"""Many tenants gone at once are not marked before a person has looked."""

import pytest
from django.db import transaction
from django.db.models.functions import Now

from portal.core.access import Role, acting, system_actor
from portal.core.errors import Conflict, InvalidInput, NotAllowed
from portal.core.identity.models import Reseller
from portal.core.jobs.models import Job
from portal.core.jobs.operations import retry_job
from tenants.discovery.discovering import is_mass_disappearance
from tenants.discovery.models import DiscoveryRun, Tenant
from tenants.discovery.operations import mark_missing_anyway
from tests.factories.core import make_person
from tests.tenants.simulated import PartnerCenterInProcess, customers
from tests.tenants.steps import ask, discovered, events, names, tenants, work

MISSING = Tenant.Status.MISSING


@pytest.fixture
def held(partner: PartnerCenterInProcess, reseller: Reseller) -> DiscoveryRun:
    """Return a run that found 12 of 20 tenants."""
    partner.lists(customers(20), page_size=7)
    connection = partner.connect(reseller, name="Harbour")
    discovered(connection)
    partner.lists(customers(12))
    return discovered(connection)


@pytest.mark.parametrize(
    ("absent", "known", "is_mass"),
    [(0, 0, False), (5, 5, False), (6, 6, True), (6, 60, False), (7, 60, True), (100, 1000, False)],
)
def test_more_than_five_and_more_than_a_tenth_is_a_mass(
    absent: int, known: int, is_mass: bool
) -> None:
    assert is_mass_disappearance(absent=absent, known=known) is is_mass


def test_mass_disappearance_marks_nobody_and_says_how_many(held: DiscoveryRun) -> None:
    assert held.job.state == Job.State.NEEDS_PERSON
    assert (held.held, held.known, held.missing, held.completed_at) == (8, 20, 0, None)
    assert "8 of the 20 active tenants of Harbour" in held.job.error
    assert names(held.connection, status=MISSING) == set()


def test_empty_list_looks_like_an_outage_and_is_held(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    partner.lists(customers(9))
    connection = partner.connect(reseller)
    discovered(connection)
    partner.lists([])
    run = discovered(connection)
    assert (run.job.state, run.held) == (Job.State.NEEDS_PERSON, 9)
    assert names(connection, status=MISSING) == set()


def test_person_may_mark_them_missing_with_a_reason(held: DiscoveryRun, reseller: Reseller) -> None:
    admin = make_person(reseller, Role.ADMIN)
    with acting(admin.actor):
        run = mark_missing_anyway(held, actor=admin.actor, reason="Sold to another partner")
    assert (run.missing, run.job.state, run.is_held) == (8, Job.State.DONE, False)
    assert len(tenants(held.connection, status=MISSING)) == 8
    completed = events(reseller.pk, "tenants.discovery_completed")[-1]
    assert completed.reason == "Sold to another partner"
    assert completed.actor_id == admin.actor.membership_id
    with acting(admin.actor), pytest.raises(Conflict, match="holds nothing back"):
        mark_missing_anyway(held, actor=admin.actor, reason="Twice")


def test_marking_them_needs_a_reason(held: DiscoveryRun, reseller: Reseller) -> None:
    admin = make_person(reseller, Role.ADMIN)
    with acting(admin.actor), pytest.raises(InvalidInput) as refused:
        mark_missing_anyway(held, actor=admin.actor, reason=" \x00 ")
    assert "reason" in refused.value.fields
    assert names(held.connection, status=MISSING) == set()


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.FINANCE, Role.AUDITOR])
def test_marking_them_needs_the_right_to_manage_connections(
    held: DiscoveryRun, reseller: Reseller, role: Role
) -> None:
    person = make_person(reseller, role)
    with acting(person.actor), pytest.raises(NotAllowed):
        mark_missing_anyway(held, actor=person.actor, reason="They are gone")


def test_newer_discovery_takes_the_decision_over(
    held: DiscoveryRun, partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    partner.lists(customers(20))
    newer = work(ask(held.connection))
    system = system_actor(reseller.pk, "tests")
    with acting(system), pytest.raises(Conflict, match="newest"):
        mark_missing_anyway(held, actor=system, reason="They are gone")
    assert (newer.job.state, newer.missing) == (Job.State.DONE, 0)


def test_held_run_tried_again_reads_the_list_anew(
    held: DiscoveryRun, partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    partner.lists(customers(19))
    system = system_actor(reseller.pk, "tests")
    with acting(system):
        retry_job(held.job, actor=system)
    with acting(system), pytest.raises(Conflict):
        mark_missing_anyway(held, actor=system, reason="They are gone")
    run = work(held)
    assert (run.job.state, run.found, run.missing, run.held) == (Job.State.DONE, 19, 1, 0)


def test_tenant_that_somebody_else_changed_since_is_not_marked(
    held: DiscoveryRun, reseller: Reseller
) -> None:
    system = system_actor(reseller.pk, "tests")
    with acting(system), transaction.atomic():
        Tenant.objects.filter(name="Customer 00020").update(changed_at=Now())
        run = mark_missing_anyway(held, actor=system, reason="They are gone")
    assert run.missing == 7
    assert "Customer 00020" not in names(held.connection, status=MISSING)
