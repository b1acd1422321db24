"""The life of a condition: one per thing, whatever it is called, and it ends with the fact."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from organizations.alert.models import Condition
from organizations.alert.operations import (
    acknowledge_conditions,
    assign_conditions,
    reopen_conditions,
)
from organizations.alert.tasks import schedule_reconciliation
from organizations.linking.batch import Pair, link_tenants
from organizations.linking.operations import unlink_tenant
from portal.core.access import Role, acting, system_actor
from portal.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from portal.core.jobs import schedule
from portal.core.jobs.models import Job
from portal.core.jobs.worker import run_job
from tenants.connections.models import Connection
from tenants.discovery.models import Tenant
from tests.factories.tenants import make_connection, make_tenant, make_tenants
from tests.organizations.alert.conftest import history, reconcile, stored
from tests.organizations.linking.scene import Scene, at_work, make_scene

pytestmark = pytest.mark.django_db(transaction=True)
State = Condition.State


def change(tenant: Tenant, **values: object) -> None:
    with at_work(system_actor(tenant.reseller_id, "tests")):
        Tenant.objects.filter(pk=tenant.pk).update(**values)


def acknowledge(north: Scene, until: date, reason: str = "a test tenant") -> None:
    with acting(north.operator.actor):
        ids = [row.pk for row in stored(north.reseller)]
        acknowledge_conditions(ids, actor=north.operator.actor, until=until, reason=reason)


def test_a_tenant_that_belongs_to_nobody_is_one_condition_whatever_it_is_called(
    north: Scene,
) -> None:
    assert reconcile(north.reseller)
    (first,) = stored(north.reseller)
    assert (first.state, first.key) == (State.OPEN, north.tenant.pk)
    assert first.opened_at == north.tenant.first_seen_at
    change(north.tenant, name="Renamed Bakery", billed_amount=Decimal("12.50"))
    assert reconcile(north.reseller)
    (renamed,) = stored(north.reseller)
    assert (renamed.pk, renamed.label, renamed.worth) == (
        first.pk,
        "Renamed Bakery",
        Decimal("12.50"),
    )
    assert not reconcile(north.reseller), "nothing is left to be done"
    assert history(renamed) == ["opened"]


def test_linking_resolves_at_once_and_unlinking_brings_the_same_one_back(north: Scene) -> None:
    reconcile(north.reseller)
    north.link()
    (resolved,) = stored(north.reseller)
    assert resolved.state == State.RESOLVED and resolved.resolved_at
    with acting(north.operator.actor):
        unlink_tenant(north.tenant, actor=north.operator.actor, reason="the wrong one")
    (back,) = stored(north.reseller)
    assert (back.pk, back.state, back.reopened) == (resolved.pk, State.OPEN, 1)
    assert back.organization_id == north.organization.pk, "by it mails find their people"
    assert history(back) == ["opened", "resolved", "reopened"]
    assert not reconcile(north.reseller)


def test_bulk_linking_resolves_at_once(north: Scene) -> None:
    tenants = make_tenants(north.connection, 30)
    reconcile(north.reseller)
    with acting(north.operator.actor):
        pairs = [Pair(tenant.pk, north.organization.pk) for tenant in tenants]
        list(link_tenants(pairs, actor=north.operator.actor))
    states = [row.state for row in stored(north.reseller)]
    assert (states.count(State.RESOLVED), states.count(State.OPEN)) == (30, 1)
    assert not reconcile(north.reseller)


def test_an_acknowledged_condition_comes_back_by_itself_on_its_day(north: Scene) -> None:
    today = timezone.now()
    reconcile(north.reseller)
    acknowledge(north, (today + timedelta(days=7)).date())
    assert not reconcile(north.reseller)
    with time_machine.travel(today + timedelta(days=6), tick=False):
        assert not reconcile(north.reseller)
    with time_machine.travel(today + timedelta(days=7), tick=False):
        assert reconcile(north.reseller)
    (row,) = stored(north.reseller)
    assert (row.state, row.acknowledged_until, row.acknowledged_because) == (State.OPEN, None, "")
    assert history(row) == ["opened", "acknowledged", "woke"]


@pytest.mark.parametrize(("costs", "state"), [("119.99", "acknowledged"), ("120", "open")])
def test_a_fifth_more_money_ends_an_acknowledgement(north: Scene, costs: str, state: str) -> None:
    change(north.tenant, billed_amount=Decimal(100), billed_currency="EUR")
    reconcile(north.reseller)
    acknowledge(north, (timezone.now() + timedelta(days=30)).date())
    change(north.tenant, billed_amount=Decimal(costs))
    assert reconcile(north.reseller)
    (row,) = stored(north.reseller)
    assert row.state == state
    assert history(row)[2:] == (["reopened"] if state == "open" else [])


def test_what_is_not_billed_yet_does_not_count_twice(north: Scene) -> None:
    """At the end of a month the invoice to come and the last one tell of the same money."""
    change(north.tenant, billed_amount=Decimal(100), billed_currency="EUR")
    reconcile(north.reseller)
    acknowledge(north, (timezone.now() + timedelta(days=30)).date())
    change(north.tenant, unbilled_amount=Decimal(100), unbilled_currency="EUR")
    reconcile(north.reseller)
    assert stored(north.reseller)[0].state == State.ACKNOWLEDGED


@pytest.mark.parametrize("days", [0, -1, 91, 4000])
def test_an_acknowledgement_ends_within_ninety_days(north: Scene, days: int) -> None:
    reconcile(north.reseller)
    with pytest.raises(InvalidInput) as refused:
        acknowledge(north, (timezone.now() + timedelta(days=days)).date())
    assert set(refused.value.fields) == {"until"}


def test_an_acknowledgement_has_a_reason(north: Scene) -> None:
    reconcile(north.reseller)
    with pytest.raises(InvalidInput) as refused:
        acknowledge(north, (timezone.now() + timedelta(days=1)).date(), reason=" \x00 ")
    assert set(refused.value.fields) == {"reason"}


def test_it_is_given_to_somebody_and_stays_theirs_over_a_reopening(north: Scene) -> None:
    reconcile(north.reseller)
    (row,) = stored(north.reseller)
    actor = north.operator.actor
    with acting(actor):
        assign_conditions([row.pk], actor=actor, assignee=north.operator.membership, why="you know")
        assign_conditions([row.pk], actor=actor, assignee=north.operator.membership)
    north.link()
    with acting(actor):
        with pytest.raises(Conflict):
            assign_conditions([row.pk], actor=actor, assignee=None)
        unlink_tenant(north.tenant, actor=actor, reason="again")
    (row,) = stored(north.reseller)
    assert row.assignee is not None and row.assignee.pk == north.operator.membership.pk
    assert history(row) == ["opened", "assigned", "resolved", "reopened"]


def test_it_is_given_to_nobody_who_can_do_nothing_about_it(north: Scene) -> None:
    south = make_scene("South")
    reconcile(north.reseller)
    (row,) = stored(north.reseller)
    actor = north.operator.actor
    others = [
        north.person(Role.AUDITOR),
        north.person(Role.CUSTOMER_ADMIN, organization=north.organization),
        south.operator,
    ]
    with acting(actor):
        for person in others:
            with pytest.raises(InvalidInput):
                assign_conditions([row.pk], actor=actor, assignee=person.membership)
    assert history(row) == ["opened"]


def test_b06_a_list_with_one_foreign_id_touches_none(north: Scene) -> None:
    south = make_scene("South")
    reconcile(north.reseller)
    reconcile(south.reseller)
    (own,), (foreign,) = stored(north.reseller), stored(south.reseller)
    actor, until = north.operator.actor, (timezone.now() + timedelta(days=2)).date()
    ids = [own.pk, foreign.pk]
    with acting(actor):
        with pytest.raises(NotFound):
            acknowledge_conditions(ids, actor=actor, until=until, reason="all of them")
        with pytest.raises(NotFound):
            assign_conditions(ids, actor=actor, assignee=north.operator.membership)
        with pytest.raises(NotFound):
            reopen_conditions(ids, actor=actor)
    assert history(own) == history(foreign) == ["opened"]


def test_whoever_only_reads_changes_nothing(north: Scene) -> None:
    reconcile(north.reseller)
    (row,) = stored(north.reseller)
    auditor = north.person(Role.AUDITOR).actor
    with acting(auditor), pytest.raises(NotAllowed):
        assign_conditions([row.pk], actor=auditor, assignee=None)


def test_a_connection_that_fails_or_is_about_to_is_a_condition_of_security(north: Scene) -> None:
    failing = make_connection(north.reseller, name="Failing", state=Connection.State.FAILING)
    ending = make_connection(north.reseller, name="Ending")
    north.link()
    with at_work(system_actor(north.reseller.pk, "tests")):
        Connection.objects.filter(pk=failing.pk).update(last_failure="It said no")
        Connection.objects.filter(pk=ending.pk).update(
            secret_expires_on=timezone.now().date() + timedelta(days=10)
        )
    reconcile(north.reseller)
    said = {row.label: (row.kind, row.state, row.detail) for row in stored(north.reseller)}
    assert said["Failing"] == ("connection_health", State.OPEN, "It said no.")
    assert said["Ending"] == (
        "connection_health",
        State.OPEN,
        "Client secret ends in 10 days.",
    )
    with at_work(system_actor(north.reseller.pk, "tests")):
        Connection.objects.filter(pk=failing.pk).update(state=Connection.State.WORKING)
    reconcile(north.reseller)
    assert {row.label: row.state for row in stored(north.reseller)}["Failing"] == State.RESOLVED


@pytest.mark.size
def test_many_tenants_are_brought_in_line_in_steps(
    north: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("organizations.alert.reconciling.STEP", 400)
    make_tenants(north.connection, 1_999)
    reconcile(north.reseller)
    rows = stored(north.reseller)
    assert len(rows) == len({row.key for row in rows}) == 2_000
    assert {row.state for row in rows} == {State.OPEN}
    with at_work(system_actor(north.reseller.pk, "tests")):
        Tenant.objects.update(is_linked=True)
    reconcile(north.reseller)
    assert {row.state for row in stored(north.reseller)} == {State.RESOLVED}


def test_the_clock_brings_every_reseller_in_line(north: Scene) -> None:
    south = make_scene("South")
    make_tenant(south.connection)
    schedule_reconciliation()
    for scene in (north, south):
        with acting(system_actor(scene.reseller.pk, "tests")), transaction.atomic():
            kind = "organizations.reconcile_conditions"
            jobs = list(Job.objects.filter(reseller=scene.reseller, kind=kind))
        assert len(jobs) == 1
        run_job(jobs[0].pk)
    assert len(stored(north.reseller)) == 1 and len(stored(south.reseller)) == 2
    assert "alert reconciliation" in schedule.registered_schedules()
