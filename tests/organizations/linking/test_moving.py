"""Links with dates: what belongs to a closed month stays, what is open travels."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction

from organizations.directory.models import Organization
from organizations.linking.batch import Outcome, Pair, link_tenants
from organizations.linking.models import Link
from organizations.linking.operations import link_tenant, move_tenant, undo_link, unlink_tenant
from portal.core.access import Role
from portal.core.audit.models import AuditEvent
from portal.core.errors import Conflict, InvalidInput, NotAllowed
from tests.factories.organizations import make_account, make_organization
from tests.organizations.linking.periods import close, owned
from tests.organizations.linking.scene import Scene, at_work

pytestmark = pytest.mark.django_db

OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)
BAKERY, MILL = "North Bakery BV", "North Mill BV"


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel("2026-11-21T12:00:00Z", tick=True):
        yield


@pytest.fixture
def mill(north: Scene) -> Organization:
    return make_organization(north.reseller, name=MILL)


def move(scene: Scene, organization: Organization, **options: Any) -> Link:
    with at_work(scene.operator.actor) as actor:
        return move_tenant(scene.tenant, actor=actor, organization=organization, **options)


def unlink(scene: Scene, **options: Any) -> Link:
    with at_work(scene.operator.actor) as actor:
        return unlink_tenant(scene.tenant, actor=actor, reason="a mistake", **options)


def undo(scene: Scene, link: Link) -> Link:
    with at_work(scene.operator.actor) as actor:
        return undo_link(link, actor=actor)


def test_a_first_link_owns_every_month(north: Scene) -> None:
    north.link()
    assert owned(north) == [(BAKERY, None, None)]


def test_a_first_link_owns_what_is_open(north: Scene) -> None:
    close(north, OCTOBER)
    north.link()
    assert owned(north) == [(BAKERY, OCTOBER, None)]


def test_unl02_a_move_takes_what_is_open_and_leaves_what_is_closed(
    north: Scene, mill: Organization
) -> None:
    first = north.link()
    close(north, OCTOBER)
    link = move(north, mill, why="They were sold")
    assert owned(north) == [(BAKERY, None, OCTOBER), (MILL, OCTOBER, None)]
    assert (link.how, link.why, link.replaces_id) == (Link.How.MOVED, "They were sold", first.pk)
    assert [live.pk for live in north.live_links()] == [link.pk]
    assert north.fresh_tenant().is_linked


def test_unl02_a_move_from_a_date_leaves_the_months_before_it(
    north: Scene, mill: Organization
) -> None:
    north.link()
    close(north, OCTOBER)
    move(north, mill, starts_on=NOVEMBER)
    assert owned(north) == [(BAKERY, None, NOVEMBER), (MILL, NOVEMBER, None)]


def test_a_move_with_nothing_closed_takes_everything(north: Scene, mill: Organization) -> None:
    north.link()
    move(north, mill)
    assert owned(north) == [(MILL, None, None)]


def test_a_move_before_the_link_began_takes_all_it_owned(north: Scene, mill: Organization) -> None:
    north.link()
    move(north, mill, starts_on=NOVEMBER)
    move(north, make_organization(north.reseller, name="North Dairy BV"), starts_on=OCTOBER)
    assert owned(north) == [(BAKERY, None, NOVEMBER), ("North Dairy BV", NOVEMBER, None)]


@pytest.mark.parametrize(
    ("day", "code"),
    [(date(2026, 9, 30), "month_closed"), (date(2026, 12, 2), "invalid")],
)
def test_a_move_into_a_closed_month_or_too_far_ahead_is_refused(
    north: Scene, mill: Organization, day: date, code: str
) -> None:
    north.link()
    close(north, OCTOBER)
    for change in (lambda: move(north, mill, starts_on=day), lambda: unlink(north, ends_on=day)):
        with pytest.raises(InvalidInput) as refusal:
            change()
        assert refusal.value.code == code
        assert "from" in refusal.value.fields
    assert owned(north) == [(BAKERY, None, None)]


def test_a_move_may_begin_next_month(north: Scene, mill: Organization) -> None:
    north.link()
    move(north, mill, starts_on=DECEMBER)
    assert owned(north) == [(BAKERY, None, DECEMBER), (MILL, DECEMBER, None)]


def test_a_move_to_where_the_tenant_is_changes_nothing(north: Scene) -> None:
    link = north.link()
    assert move(north, north.organization, starts_on=NOVEMBER).pk == link.pk
    assert owned(north) == [(BAKERY, None, None)]


def test_a_move_to_another_account_of_the_organization_is_a_move(north: Scene) -> None:
    north.link()
    account = make_account(north.organization)
    with at_work(north.operator.actor) as actor:
        moved = move_tenant(north.tenant, actor=actor, account=account, starts_on=NOVEMBER)
    assert (moved.account_id, moved.owned_from) == (account.pk, NOVEMBER)


def test_what_is_not_linked_cannot_be_moved(north: Scene, mill: Organization) -> None:
    with pytest.raises(Conflict) as refusal:
        move(north, mill)
    assert refusal.value.code == "not_linked"


def test_who_moves_second_is_told_who_was_quicker(north: Scene, mill: Organization) -> None:
    seen = north.link()
    move(north, mill, seen=seen.pk)
    with pytest.raises(Conflict) as refusal:
        move(north, make_organization(north.reseller), seen=seen.pk)
    assert refusal.value.code == "moved_meanwhile"
    assert MILL in refusal.value.detail and "Olga of North" in refusal.value.detail


@pytest.mark.parametrize("role", [Role.FINANCE, Role.AUDITOR])
def test_reading_roles_may_not_move(north: Scene, mill: Organization, role: Role) -> None:
    north.link()
    with at_work(north.person(role).actor) as actor, pytest.raises(NotAllowed):
        move_tenant(north.tenant, actor=actor, organization=mill)


def test_a_move_is_audited_with_both_sides(north: Scene, mill: Organization) -> None:
    north.link()
    move(north, mill, starts_on=NOVEMBER, why="Sold")
    with at_work(north.operator.actor):
        event = AuditEvent.objects.filter(reseller=north.reseller).latest("sequence")
    assert (event.action, event.reason) == ("organizations.tenant_moved", "Sold")
    assert (event.before["organization"], event.before["until"]) == (BAKERY, "2026-11-01")
    assert (event.after["organization"], event.after["from"]) == (MILL, "2026-11-01")


def test_unlinking_keeps_what_is_closed(north: Scene) -> None:
    north.link()
    close(north, OCTOBER)
    unlink(north)
    assert owned(north) == [(BAKERY, None, OCTOBER)]
    assert not north.fresh_tenant().is_linked


def test_unlinking_with_nothing_closed_owns_nothing_any_more(north: Scene) -> None:
    north.link()
    unlink(north)
    assert owned(north) == []


def test_unlinking_from_a_date_keeps_the_months_before_it(north: Scene) -> None:
    north.link()
    unlink(north, ends_on=NOVEMBER)
    assert owned(north) == [(BAKERY, None, NOVEMBER)]


def test_the_next_link_leaves_no_gap(north: Scene, mill: Organization) -> None:
    north.link()
    unlink(north, ends_on=NOVEMBER)
    north.link(organization=mill)
    assert owned(north) == [(BAKERY, None, NOVEMBER), (MILL, NOVEMBER, None)]


def test_the_next_link_leaves_closed_months_that_were_nobodys(
    north: Scene, mill: Organization
) -> None:
    north.link()
    unlink(north, ends_on=date(2026, 9, 1))
    close(north, OCTOBER)
    north.link(organization=mill)
    assert owned(north) == [(BAKERY, None, date(2026, 9, 1)), (MILL, OCTOBER, None)]


def test_a_batch_begins_where_a_single_link_would(north: Scene, mill: Organization) -> None:
    north.link()
    unlink(north, ends_on=NOVEMBER)
    close(north, OCTOBER)
    with at_work(north.operator.actor) as actor:
        (result,) = link_tenants([Pair(north.tenant.pk, mill.pk)], actor=actor)
    assert result.outcome == Outcome.LINKED
    assert owned(north) == [(BAKERY, None, NOVEMBER), (MILL, NOVEMBER, None)]


def test_unl01_undo_of_a_move_gives_the_tenant_back(north: Scene, mill: Organization) -> None:
    north.link()
    moved = move(north, mill, starts_on=NOVEMBER)
    undone = undo(north, moved)
    assert undone.undone and not undone.has_effect
    assert owned(north) == [(BAKERY, None, NOVEMBER), (BAKERY, NOVEMBER, None)]
    (live,) = north.live_links()
    assert (live.how, live.replaces_id) == (Link.How.UNDO, moved.pk)
    assert north.fresh_tenant().is_linked


def test_unl01_undo_of_a_link_frees_the_tenant(north: Scene) -> None:
    undo(north, north.link())
    assert owned(north) == []
    assert not north.fresh_tenant().is_linked


def test_unl01_undo_is_refused_once_a_month_was_closed_under_it(
    north: Scene, mill: Organization
) -> None:
    link = north.link()
    close(north, OCTOBER)
    with pytest.raises(Conflict) as refusal:
        undo(north, link)
    assert refusal.value.code == "month_closed"
    assert "September 2026 was closed since" in refusal.value.detail
    moved = move(north, mill)
    undo(north, moved)
    assert owned(north) == [(BAKERY, None, OCTOBER), (BAKERY, OCTOBER, None)]


def by_hand(scene: Scene, change: Callable[[], Any]) -> str:
    """Return the rule of the database that refuses a change no operation would make."""
    with (
        at_work(scene.operator.actor),
        pytest.raises(IntegrityError) as refusal,
        transaction.atomic(),
    ):
        change()
    return str(refusal.value)


def test_the_database_keeps_closed_months(north: Scene, mill: Organization) -> None:
    link = north.link()
    move(north, mill, starts_on=NOVEMBER)
    close(north, NOVEMBER)
    account = make_account(north.organization)

    def rows() -> Any:
        return Link.objects.filter(pk=link.pk)

    refused = [
        lambda: rows().update(period=type(link.period)(None, OCTOBER)),
        lambda: rows().update(period=type(link.period)(empty=True)),
        lambda: rows().update(account=account),
        lambda: rows().update(organization=mill),
        lambda: rows()._raw_delete("default"),
    ]
    for change in refused:
        assert "A closed month of tenant" in by_hand(north, change)
    assert owned(north) == [(BAKERY, None, NOVEMBER), (MILL, NOVEMBER, None)]


def test_the_database_keeps_periods_apart(north: Scene, mill: Organization) -> None:
    link = north.link()
    move(north, mill, starts_on=NOVEMBER)
    period = type(link.period)(None, DECEMBER)
    said = by_hand(north, lambda: Link.objects.filter(pk=link.pk).update(period=period))
    assert "organizations_link_no_overlap" in said
    period = type(link.period)(None, None)
    said = by_hand(north, lambda: Link.objects.filter(pk=link.pk).update(period=period))
    assert "organizations_link" in said


def test_a_link_cannot_be_slipped_into_a_closed_month(north: Scene) -> None:
    close(north, OCTOBER)
    link = north.link()
    copy = {
        "reseller_id": north.reseller.pk,
        "tenant": link.tenant,
        "account_id": link.account_id,
        "organization": link.organization,
        "begins_at": link.begins_at,
        "linked_by": "somebody",
        "ends_at": link.begins_at,
        "ended_by": "somebody",
        "period": type(link.period)(date(2026, 9, 1), OCTOBER),
    }
    said = by_hand(north, lambda: Link.objects.create(**copy))
    assert "A closed month of tenant" in said


def test_link_tenant_after_a_move_says_where_it_is(north: Scene, mill: Organization) -> None:
    north.link()
    move(north, mill)
    with at_work(north.operator.actor) as actor, pytest.raises(Conflict) as refusal:
        link_tenant(north.tenant, actor=actor, organization=north.organization)
    assert MILL in refusal.value.detail
