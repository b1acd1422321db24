"""The life of an ignored tenant: begun, decided anew, ended by hand, link, time or money."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError
from django.utils import timezone

from organizations.alert.queries import unlinked_alert
from organizations.ignoring.models import IgnoredTenant
from organizations.ignoring.operations import (
    end_billed_ignores,
    ignore_tenant,
    ignore_tenants,
    unignore_tenant,
)
from organizations.ignoring.tasks import end_what_is_over
from organizations.linking.batch import Outcome, Pair, link_tenants
from organizations.linking.operations import create_organization_from_tenant
from portal.core.access import Role, acting, system_actor
from portal.core.audit.models import AuditEvent
from portal.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from tenants.discovery.models import Tenant
from tests.factories.tenants import make_tenant, make_tenants
from tests.organizations.ignoring.ignoring import (
    OCTOBER,
    SEPTEMBER,
    bill,
    days,
    decisions,
    ignore,
    tally,
)
from tests.organizations.linking.scene import Scene, at_work, make_scene

pytestmark = pytest.mark.django_db


def actions_on(scene: Scene, tenant: Tenant) -> list[str]:
    with at_work(system_actor(scene.reseller.pk, "tests")):
        rows = AuditEvent.objects.filter(subject_id=str(tenant.pk)).order_by("sequence")
        return list(rows.values_list("action", flat=True))


def test_an_ignored_tenant_leaves_the_alert_and_says_why(north: Scene) -> None:
    bill(north.tenant, "120.50", SEPTEMBER)
    row = ignore(north, kind="sandbox", reason="  Our sandbox  ")
    assert (row.reason, row.until, row.billed_month) == ("Our sandbox", None, SEPTEMBER)
    assert row.ignored_by == "Olga of North"
    counted = tally(north)
    assert (counted.total, counted.unlinked, counted.ignored, counted.linked) == (1, 0, 1, 0)
    assert counted.unassigned == ()
    with at_work(north.operator.actor) as actor:
        assert unlinked_alert(actor).count == 0
    assert actions_on(north, north.tenant) == ["organizations.tenant_ignored"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "nonsense"}, "kind"),
        ({"reason": "  "}, "reason"),
        ({"reason": "x" * 501}, "reason"),
        ({"kind": "lost"}, "until"),
        ({"kind": "other"}, "until"),
        ({"kind": "lost", "until": 367}, "until"),
        ({"kind": "test", "until": 0}, "until"),
    ],
)
def test_a_decision_that_makes_no_sense_names_its_field(
    north: Scene, wrong: dict[str, object], field: str
) -> None:
    values = {"kind": "test", "reason": "why", **wrong}
    if isinstance(until := values.pop("until", None), int):
        values["until"] = days(until)
    with acting(north.operator.actor) as actor, pytest.raises(InvalidInput) as refused:
        ignore_tenant(north.tenant, actor=actor, **values)  # type: ignore[arg-type]
    assert list(refused.value.fields) == [field]
    assert decisions(north.tenant) == []


def test_a_lost_customer_is_ignored_for_a_year_at_most(north: Scene) -> None:
    row = ignore(north, kind="lost", until=days(366))
    assert row.until == days(366)


def test_a_linked_tenant_is_nothing_to_ignore(north: Scene) -> None:
    north.link()
    with acting(north.operator.actor) as actor, pytest.raises(Conflict, match="Unlink it first"):
        ignore_tenant(north.tenant, actor=actor, kind="test", reason="why")
    assert tally(north).linked == 1


def test_the_same_decision_again_changes_nothing_and_another_takes_its_place(
    north: Scene,
) -> None:
    first = ignore(north)
    assert ignore(north).pk == first.pk
    second = ignore(north, kind="lost", until=days(30))
    old, new = decisions(north.tenant)
    assert (old.ended_how, old.ended_by) == ("changed", "Olga of North")
    assert (new.pk, new.is_live) == (second.pk, True)
    assert tally(north).ignored == 1


def test_bringing_back_by_hand(north: Scene) -> None:
    ignore(north)
    with acting(north.operator.actor) as actor:
        ended = unignore_tenant(north.tenant, actor=actor, reason="It is a customer after all")
        with pytest.raises(Conflict, match="is not ignored"):
            unignore_tenant(north.tenant, actor=actor)
    assert (ended.ended_how, ended.end_reason) == ("by_hand", "It is a customer after all")
    assert (tally(north).ignored, tally(north).unlinked) == (0, 1)


def test_linking_ends_ignoring_in_all_three_ways(north: Scene) -> None:
    one, two, three = (make_tenant(north.connection) for _ in range(3))
    for tenant in (one, two, three):
        ignore(north, tenant)
    north.link(one)
    with acting(north.operator.actor) as actor:
        (result,) = link_tenants([Pair(two.pk, north.organization.pk)], actor=actor)
        create_organization_from_tenant(
            three,
            actor=actor,
            values={
                "name": "Fresh Company",
                "primary_domain": "fresh-company.com",
                "notification_email": "it@fresh-company.com",
                "contact_phone": "+31 20 123 4567",
            },
        )
    assert result.outcome == Outcome.LINKED
    assert [decisions(row)[0].ended_how for row in (one, two, three)] == ["linked"] * 3
    counted = tally(north)
    assert (counted.linked, counted.ignored, counted.unlinked) == (3, 0, 1)


def test_the_database_refuses_a_tenant_that_is_linked_and_ignored(north: Scene) -> None:
    north.link()
    with pytest.raises(IntegrityError, match="linked_or_ignored"), at_work(north.operator.actor):
        Tenant.objects.filter(pk=north.tenant.pk).update(is_ignored=True)


def test_the_database_keeps_one_decision_at_a_time(north: Scene) -> None:
    row = ignore(north)
    with pytest.raises(IntegrityError, match="one_live"), at_work(north.operator.actor):
        IgnoredTenant.objects.bulk_create(
            [
                IgnoredTenant(
                    reseller_id=row.reseller_id,
                    tenant=north.tenant,
                    kind="test",
                    reason="again",
                    begins_at=timezone.now(),
                    ignored_by="tests",
                )
            ]
        )


def test_a_later_month_with_money_brings_it_back_and_says_how_much(north: Scene) -> None:
    bill(north.tenant, "80", SEPTEMBER)
    ignore(north, kind="lost", until=days(300))
    system = system_actor(north.reseller.pk, "import")

    def look() -> int:
        with at_work(system):
            return end_billed_ignores([north.tenant.microsoft_id], actor=system)

    bill(north.tenant, "95", SEPTEMBER)  # the same month was known when it was decided
    assert look() == 0
    bill(north.tenant, "0", OCTOBER)
    assert look() == 0
    bill(north.tenant, "412.10", OCTOBER)
    assert look() == 1
    assert look() == 0
    (row,) = decisions(north.tenant)
    assert (row.ended_how, row.end_reason) == ("billed", "Billed again: €412.10 for October 2026")
    assert row.ended_by == "Tenantry (import)"
    with at_work(north.operator.actor) as actor:
        alert = unlinked_alert(actor)
    assert (alert.count, [str(money.amount) for money in alert.unassigned]) == (1, ["412.100000"])


def test_one_that_was_never_billed_comes_back_with_its_first_bill(north: Scene) -> None:
    ignore(north)
    bill(north.tenant, "-5", SEPTEMBER)
    system = system_actor(north.reseller.pk, "import")
    with at_work(system):
        assert end_billed_ignores([north.tenant.microsoft_id], actor=system) == 1


def test_its_time_is_over_on_the_day_of_the_reseller(north: Scene) -> None:
    # 23:30 UTC is the next day in Amsterdam.
    with time_machine.travel("2026-11-21T12:00:00Z", tick=False):
        ignore(north, kind="lost", until=timezone.localdate() + timedelta(days=10))
    with time_machine.travel("2026-11-30T22:30:00Z", tick=False):
        end_what_is_over()
        assert decisions(north.tenant)[0].is_live
    with time_machine.travel("2026-11-30T23:30:00Z", tick=False):
        end_what_is_over()
        end_what_is_over()
    (row,) = decisions(north.tenant)
    assert (row.ended_how, row.end_reason) == ("expired", "Its time was over")
    assert tally(north).unlinked == 1
    assert actions_on(north, north.tenant)[-1:] == ["organizations.tenant_unignored"]
    assert len(actions_on(north, north.tenant)) == 2


def test_many_at_once_leave_linked_and_ignored_ones_as_they_are(north: Scene) -> None:
    free = make_tenants(north.connection, 3)
    linked, ignored = make_tenant(north.connection), make_tenant(north.connection)
    north.link(linked)
    ignore(north, ignored)
    ids = [row.pk for row in (*free, linked, ignored)]
    with acting(north.operator.actor) as actor:
        batch = ignore_tenants(ids, actor=actor, kind="own", reason="All ours")
    assert {row.tenant_id for row in batch.ignored} == {row.pk for row in free}
    assert {row.pk for row, _ in batch.skipped} == {linked.pk, ignored.pk}
    assert tally(north).ignored == 4


def test_a_foreign_tenant_among_many_stops_them_all(north: Scene) -> None:
    south = make_scene("South")
    with acting(north.operator.actor) as actor, pytest.raises(NotFound):
        ids = [north.tenant.pk, south.tenant.pk]
        ignore_tenants(ids, actor=actor, kind="own", reason="All ours")
    assert (tally(north).ignored, tally(south).ignored) == (0, 0)


@pytest.mark.parametrize("role", [Role.FINANCE, Role.AUDITOR])
def test_others_may_not_ignore(north: Scene, role: Role) -> None:
    with acting(north.person(role).actor) as actor, pytest.raises(NotAllowed):
        ignore_tenant(north.tenant, actor=actor, kind="test", reason="why")
