"""Moving by a file, and what an undo takes back and leaves: link by link, with what hangs on it."""

from datetime import date

import pytest
from django.utils import timezone

from organizations.alert.models import Condition
from organizations.alert.operations import reopen_tenants
from organizations.bulk.models import BulkLink
from organizations.bulk.operations import preview_rows, undo_bulk
from organizations.bulk.plans import FileRow
from organizations.linking.operations import move_tenant, unlink_tenant
from portal.core.access import acting, system_actor
from portal.core.errors import Conflict
from tenants.discovery.queries import tally_of
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_tenant, make_tenants
from tests.organizations.bulk.work import (
    counted,
    creations,
    items,
    outcomes,
    owners,
    preview,
    run,
    work_off,
)
from tests.organizations.linking.periods import close
from tests.organizations.linking.scene import Scene, at_work

pytestmark = pytest.mark.django_db(transaction=True)


def undo(scene: Scene, bulk: BulkLink) -> BulkLink:
    """Ask for the whole to be taken back, and be the worker that does it."""
    with acting(scene.operator.actor):
        asked = undo_bulk(bulk, actor=scene.operator.actor, reason="the wrong list")
    assert asked.undo_job is not None
    return work_off(scene, asked, asked.undo_job)


def this_month() -> date:
    return timezone.localdate().replace(day=1)


def alerts(scene: Scene) -> int:
    """Return how many tenants the alert speaks of now."""
    with at_work(system_actor(scene.reseller.pk, "tests")):
        return Condition.objects.filter(state=Condition.State.OPEN).count()


def test_a_file_moves_what_is_linked_elsewhere_and_the_undo_gives_it_back(north: Scene) -> None:
    before = make_organization(north.reseller, name="Before")
    target, (moved, quicker, there, free) = north.organization, make_tenants(north.connection, 4)
    for tenant in (moved, quicker):
        north.link(tenant, before)
    north.link(there)
    rows = [
        FileRow(line, tenant.pk, target.pk, why="as in the contract")
        for line, tenant in enumerate((moved, quicker, there, free), start=2)
    ]
    actor = north.operator.actor
    with acting(actor):
        draft = preview_rows(rows, actor=actor, source="links.csv", allow_moves=True)
        assert (draft.to_move, draft.to_link, draft.to_skip) == (2, 1, 1)
        assert "linked to Before" in items(north, draft)[0].detail
        third = make_organization(north.reseller, name="Third")
        move_tenant(quicker, actor=actor, organization=third)
    done = run(north, draft)
    assert outcomes(north, done) == counted(done)
    assert counted(done) == {"moved": 1, "linked": 1, "refused": 1, "skipped": 1}
    refused = items(north, done)[1]
    assert refused.code == "moved_meanwhile" and "Third" in refused.detail
    link = items(north, done)[0].link
    assert link is not None and link.replaces_id and link.why == "as in the contract"
    others = {quicker.pk: third.pk, there.pk: target.pk}
    assert owners(north) == {moved.pk: target.pk, free.pk: target.pk, **others}
    undone = undo(north, done)
    assert counted(undone) == {"undone": 2, "refused": 1, "skipped": 1}
    assert owners(north) == {moved.pk: before.pk, **others}
    with at_work(actor):
        assert tally_of(actor).unlinked == 2  # the scene's own tenant, and the one that was free


def test_a_link_under_which_a_month_was_closed_stays_and_the_others_are_undone(
    north: Scene,
) -> None:
    late = make_tenant(north.connection)
    north.link(late)
    with at_work(north.operator.actor) as actor:
        unlink_tenant(late, actor=actor, reason="a break", ends_on=this_month())
    done = run(north, preview(north, [north.tenant, late]))
    close(north, this_month())
    undone = undo(north, done)
    assert (undone.state, counted(undone)) == ("undone", {"linked": 1, "undone": 1})
    kept, gone = items(north, undone)
    assert (kept.outcome, kept.code) == ("linked", "month_closed")
    assert "was closed since North Bakery was linked" in kept.detail
    assert gone.outcome == "undone"
    assert owners(north) == {north.tenant.pk: north.organization.pk}


def test_an_undo_that_could_take_nothing_back_is_refused_with_the_month(north: Scene) -> None:
    done = run(north, preview(north, [north.tenant]))
    close(north, this_month())
    actor = north.operator.actor
    with acting(actor), pytest.raises(Conflict, match="was closed since") as refusal:
        undo_bulk(done, actor=actor, reason="too late")
    assert refusal.value.code == "month_closed"
    close(north, None)
    assert counted(undo(north, done)) == {"undone": 1}


def test_the_alert_and_the_tally_follow_a_creation_and_its_undo(north: Scene) -> None:
    fresh, double = (
        make_tenant(north.connection, name=f"Company {word}", domain=f"{word}.com")
        for word in ("one", "two")
    )
    with at_work(system_actor(north.reseller.pk, "tests")) as actor:
        reopen_tenants([fresh.pk, double.pk], actor=actor, why="tests")
    assert alerts(north) == 2
    draft = creations(north, [fresh, double])
    make_organization(north.reseller, name="Came since", primary_domain="two.com")
    done = run(north, draft)
    assert counted(done) == {"created": 1, "refused": 1}
    assert north.fresh_tenant(fresh).is_linked and not north.fresh_tenant(double).is_linked
    assert alerts(north) == 1, "the one that was refused is spoken of still"
    with at_work(north.operator.actor) as operator:
        assert tally_of(operator).unlinked == 2
    undo(north, done)
    assert alerts(north) == 2
    assert not north.fresh_tenant(fresh).is_linked
    with at_work(north.operator.actor) as operator:
        assert tally_of(operator).unlinked == 3
