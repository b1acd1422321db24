"""Runs of ``suggest_links``: repeatable, resumable, and never against what somebody decided."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from organizations.bulk.models import BulkLink
from organizations.bulk.operations import undo_bulk
from organizations.directory.operations import change_organization, create_organization
from organizations.linking.models import Link
from organizations.linking.operations import undo_link, unlink_tenant
from organizations.suggestions import suggesting, tasks
from organizations.suggestions.matching import Level as MatchingLevel
from organizations.suggestions.matching import Match, TenantFacts
from organizations.suggestions.models import PER_TENANT, Level, LinkSuggestion, SuggestionState
from organizations.suggestions.operations import (
    accept_suggestion,
    dismiss_suggestion,
    restore_suggestion,
    switch_automatic,
)
from organizations.suggestions.queries import suggestions_of
from portal.core.access import Role, acting
from portal.core.jobs import worker
from portal.core.jobs.models import Job
from portal.core.jobs.running import RunningJob
from tenants.connections.models import Connection
from tenants.discovery.models import Tenant
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_tenant
from tests.organizations.linking.scene import Scene, at_work, make_scene
from tests.organizations.suggestions.calls import (
    EveryOrganization,
    only,
    run_suggestions,
    stored,
    system,
    waiting_job,
)

pytestmark = pytest.mark.django_db(transaction=True)
WRITES = ("INSERT", "UPDATE", "DELETE")
TABLE = "organizations_linksuggestion"


def test_the_words_for_levels_are_those_of_the_matching() -> None:
    assert {level.value for level in Level} == {level.value for level in MatchingLevel}


def test_a_run_stores_the_best_organization_with_score_level_and_reasons(north: Scene) -> None:
    job = run_suggestions(north)
    row = only(north)
    assert (row.tenant, row.organization) == (north.tenant, north.organization)
    assert (row.rank, row.state) == (1, LinkSuggestion.State.OPEN)
    assert 0 < row.score <= 1
    assert any("northbakery.com" in text for text in row.reason_texts)
    assert job.result == {"tenants": 1, "written": 1, "removed": 0, "linked": 0}
    assert (job.done, job.total) == (1, 1)


def test_what_is_hardly_possible_is_not_stored(
    north: Scene, every_organization: type[EveryOrganization], monkeypatch: pytest.MonkeyPatch
) -> None:
    with at_work(system(north.reseller)):
        make_organization(north.reseller, name="Second")
    found = every_organization.match

    def match(self: EveryOrganization, tenant: TenantFacts, *, limit: int = 5) -> list[Match]:
        first, second = found(self, tenant, limit=limit)
        return [replace(first, score=0.1), replace(second, score=0.0999)]

    monkeypatch.setattr(every_organization, "match", match)
    run_suggestions(north)
    assert [row.score for row in stored(north)] == [Decimal("0.1000")]


def test_a_second_run_writes_nothing_to_the_suggestions(north: Scene) -> None:
    run_suggestions(north)
    before = {(row.pk, row.made_at) for row in stored(north)}
    with CaptureQueriesContext(connection) as queries:
        job = run_suggestions(north)
    touched = [
        query["sql"]
        for query in queries
        if TABLE in query["sql"]
        and query["sql"].lstrip().startswith(WRITES)
        and "s.state = 'open' AND (t.is_linked" not in query["sql"]
    ]
    assert touched == []
    assert {(row.pk, row.made_at) for row in stored(north)} == before
    assert job.result == {"tenants": 1, "written": 0, "removed": 0, "linked": 0}


@pytest.mark.usefixtures("every_organization")
def test_at_most_five_are_kept_for_a_tenant(north: Scene) -> None:
    for _ in range(PER_TENANT + 2):
        make_organization(north.reseller)
    run_suggestions(north)
    assert [row.rank for row in stored(north)] == [1, 2, 3, 4, 5]


def test_tenants_that_are_linked_get_no_suggestion_and_lose_those_they_had(north: Scene) -> None:
    run_suggestions(north)
    other = make_organization(north.reseller, name="Somebody else")
    north.link(organization=other)
    with at_work(north.operator.actor) as actor:
        assert suggestions_of(north.fresh_tenant(), actor=actor) == []
    assert len(stored(north)) == 1  # left over, and not shown
    run_suggestions(north)
    assert stored(north) == []


def test_what_was_linked_elsewhere_as_suggested_counts_as_accepted(north: Scene) -> None:
    run_suggestions(north)
    link = north.link()
    run_suggestions(north)
    row = only(north)
    assert (row.state, row.decided_by) == (LinkSuggestion.State.ACCEPTED, link.linked_by)
    assert row.decided_at == link.begins_at


def test_accepting_links_with_the_reasons_and_marks_the_suggestion(north: Scene) -> None:
    run_suggestions(north)
    with at_work(north.operator.actor) as actor:
        link = accept_suggestion(only(north), actor=actor)
        again = accept_suggestion(only(north), actor=actor)
    assert again == link
    assert (link.how, link.organization) == (Link.How.SUGGESTION, north.organization)
    assert "northbakery.com" in link.why
    row = only(north)
    assert (row.state, row.decided_by) == (LinkSuggestion.State.ACCEPTED, actor.label)


@pytest.mark.usefixtures("every_organization")
def test_a_dismissed_suggestion_is_never_revived_and_takes_no_place(north: Scene) -> None:
    for _ in range(PER_TENANT):
        make_organization(north.reseller)
    run_suggestions(north)
    best = stored(north)[0]
    with at_work(north.operator.actor) as actor:
        dismiss_suggestion(best, actor=actor, reason="Their landlord")
    for _ in range(2):
        run_suggestions(north)
    rows = stored(north)
    dismissed = [row for row in rows if row.state == LinkSuggestion.State.DISMISSED]
    assert [(row.pk, row.why, row.decided_by) for row in dismissed] == [
        (best.pk, "Their landlord", actor.label)
    ]
    others = [row for row in rows if row.state == LinkSuggestion.State.OPEN]
    assert [row.rank for row in others] == [1, 2, 3, 4, 5]
    assert best.organization not in [row.organization for row in others]


def test_a_dismissal_stays_when_the_organization_changes_and_when_the_match_is_gone(
    north: Scene,
) -> None:
    run_suggestions(north)
    with at_work(north.operator.actor) as actor:
        dismiss_suggestion(only(north), actor=actor)
        changes = {"name": "Quite Another", "primary_domain": "quite-another.com"}
        change_organization(north.organization, actor=actor, changes=changes)
    run_suggestions(north, ask=False)
    assert only(north).state == LinkSuggestion.State.DISMISSED
    with at_work(north.operator.actor) as actor:
        changes = {"name": north.tenant.name, "primary_domain": north.tenant.domain}
        change_organization(north.organization, actor=actor, changes=changes)
    run_suggestions(north, ask=False)
    assert only(north).state == LinkSuggestion.State.DISMISSED


@pytest.mark.usefixtures("every_organization")
def test_restoring_makes_it_the_first_again(north: Scene) -> None:
    make_organization(north.reseller)
    run_suggestions(north)
    first, second = stored(north)
    with at_work(north.operator.actor) as actor:
        dismiss_suggestion(first, actor=actor)
        assert [row.organization for row in suggestions_of(first.tenant, actor=actor)] == [
            second.organization,
            first.organization,
        ]
        restored = restore_suggestion(first, actor=actor)
    assert (restored.rank, restored.state, restored.decided_by) == (1, "open", "")
    assert [(row.pk, row.rank) for row in stored(north)] == [(first.pk, 1), (second.pk, 2)]


def test_a_renamed_organization_changes_the_suggestion_after_the_run_it_asks_for(
    north: Scene,
) -> None:
    run_suggestions(north)
    with at_work(north.operator.actor) as actor:
        changes = {"name": "Quite Another", "primary_domain": "quite-another.com"}
        change_organization(north.organization, actor=actor, changes=changes)
    run_suggestions(north, ask=False)
    assert stored(north) == []
    with at_work(north.operator.actor) as actor:
        fresh = create_organization(
            actor=actor,
            name="Northern Bakers",
            primary_domain=north.tenant.domain,
            notification_email="it@example.com",
            contact_phone="+31 20 123 4567",
            create_anyway=True,  # it looks like the tenant, which is why it is suggested
        )
    run_suggestions(north, ask=False)
    assert only(north).organization == fresh


def test_unlinking_asks_for_a_run_that_knows_the_former_organization(
    north: Scene, every_organization: type[EveryOrganization]
) -> None:
    other = make_organization(north.reseller)
    north.link(organization=other)
    with at_work(north.operator.actor) as actor:
        unlink_tenant(north.tenant, actor=actor, reason="A test")
    run_suggestions(north, ask=False)
    assert [tenant.former for tenant in every_organization.seen] == [(other.pk,)]


def test_a_link_that_was_undone_is_no_evidence(
    north: Scene, every_organization: type[EveryOrganization]
) -> None:
    link = north.link(organization=make_organization(north.reseller))
    with at_work(north.operator.actor) as actor:
        undo_link(link, actor=actor)
    run_suggestions(north, ask=False)
    assert [tenant.former for tenant in every_organization.seen] == [()]


def test_an_accepted_suggestion_is_open_again_when_its_link_is_taken_back(north: Scene) -> None:
    run_suggestions(north)
    with at_work(north.operator.actor) as actor:
        undo_link(accept_suggestion(only(north), actor=actor), actor=actor)
    run_suggestions(north, ask=False)
    row = only(north)
    assert (row.state, row.decided_by, row.decided_at) == (LinkSuggestion.State.OPEN, "", None)


def test_many_changes_ask_for_one_run(north: Scene) -> None:
    with at_work(north.operator.actor) as actor:
        for number in range(3):
            changes = {"name": f"Name {number}"}
            change_organization(north.organization, actor=actor, changes=changes)
    with at_work(system(north.reseller)):
        kinds = Job.objects.filter(reseller=north.reseller, kind="organizations.suggest")
        (job,) = kinds
    assert (job.asked_by, job.membership_id) == ("Tenantry (suggestions)", None)
    run_suggestions(north, ask=False)
    assert waiting_job(north) is None


def test_what_changes_while_a_run_goes_on_is_looked_at_in_one_more_round(
    north: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = []
    begin = suggesting._end

    def change_meanwhile(running: RunningJob, place: object) -> None:
        began.append(running.job.pk)
        if len(began) == 1:
            with at_work(north.operator.actor) as actor:
                changes = {"name": "Quite Another", "primary_domain": "quite-another.com"}
                change_organization(north.organization, actor=actor, changes=changes)
        begin(running, place)  # type: ignore[arg-type]

    monkeypatch.setattr(suggesting, "_end", change_meanwhile)
    run_suggestions(north)
    assert len(began) == 2
    assert stored(north) == []
    assert waiting_job(north) is None


def test_a_run_that_was_killed_goes_on_where_it_was(
    north: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each step commits with its place; what comes after a kill repeats none of them."""
    for _ in range(5):
        make_tenant(north.connection, name="North Bakery", domain=north.tenant.domain)
    monkeypatch.setattr(suggesting, "STEP", 2)
    looked: list[int] = []
    look = suggesting._tenants_after

    def look_or_die(actor: object, after: str) -> list[object]:
        looked.append(len(looked))
        if len(looked) == 3:
            raise KeyboardInterrupt
        return list(look(actor, after))  # type: ignore[arg-type]

    monkeypatch.setattr(suggesting, "_tenants_after", look_or_die)
    with pytest.raises(KeyboardInterrupt):
        run_suggestions(north)
    (job,) = _jobs(north)
    assert (job.state, job.done, len({row.tenant_id for row in stored(north)})) == ("running", 4, 4)
    with at_work(system(north.reseller)):
        Job.objects.filter(pk=job.pk).update(lease_until=job.created_at)
    looked.extend([0] * 10)
    run_suggestions(north)
    (job,) = _jobs(north)
    assert (job.state, job.done, job.total) == ("done", 6, 6)
    assert len({row.tenant_id for row in stored(north)}) == 6


def test_a_run_knows_its_own_reseller_alone(north: Scene) -> None:
    south = make_scene("South")
    make_organization(south.reseller, name=north.tenant.name, primary_domain=north.tenant.domain)
    run_suggestions(south)
    run_suggestions(north)
    assert {row.organization for row in stored(north)} == {north.organization}
    assert {row.organization.reseller_id for row in stored(south)} == {south.reseller.pk}


def test_the_clock_asks_where_a_tenant_changed_and_nowhere_else(north: Scene) -> None:
    south = make_scene("South")
    for scene in (north, south):
        run_suggestions(scene)
        with at_work(system(scene.reseller)):
            looked_at = SuggestionState.objects.get(reseller=scene.reseller).looked_at
            assert looked_at is not None
            Tenant.objects.filter(reseller=scene.reseller).update(
                changed_at=looked_at - 2 * tasks.OVERLAP
            )
    tasks.look_for_changes()
    assert (waiting_job(north), waiting_job(south)) == (None, None)
    make_tenant(north.connection, name="Fresh")
    tasks.look_for_changes()
    assert waiting_job(north) is not None
    assert waiting_job(south) is None
    tasks.ask_every_night()
    assert waiting_job(south) is not None


def test_nothing_links_by_itself_unless_switched_on(north: Scene) -> None:
    _make_certain(north)
    assert run_suggestions(north).result["linked"] == 0
    assert north.live_links() == []


def test_certain_suggestions_link_by_themselves_where_switched_on(north: Scene) -> None:
    _make_certain(north)
    admin = north.person(Role.ADMIN).actor
    with at_work(admin):
        switch_automatic(actor=admin, applies=True)
    job = run_suggestions(north, ask=False)
    assert job.result["linked"] == 1
    bulk = _work_off_bulk_link(north)
    assert (bulk.state, bulk.linked, bulk.level) == (BulkLink.State.DONE, 1, "certain")
    assert bulk.asked_by == "Tenantry (suggestions)"
    (link,) = north.live_links()
    assert (link.how, link.linked_by) == (Link.How.SUGGESTION, "Tenantry (suggestions)")
    assert link.why.startswith("Linked by itself")
    assert only(north).state == LinkSuggestion.State.ACCEPTED
    with acting(north.operator.actor):
        undo_bulk(bulk, actor=north.operator.actor, reason="not yet")
    bulk = _work_off_bulk_link(north)
    assert (bulk.state, bulk.undone, north.live_links()) == (BulkLink.State.UNDONE, 1, [])
    assert run_suggestions(north, ask=False).result["linked"] == 0
    assert north.live_links() == []  # what a person took back is not linked again
    with at_work(admin):
        assert BulkLink.objects.count() == 1


def test_a_run_asks_for_nothing_while_what_an_earlier_one_asked_for_is_at_work(
    north: Scene,
) -> None:
    _make_certain(north)
    admin = north.person(Role.ADMIN).actor
    with at_work(admin):
        switch_automatic(actor=admin, applies=True)
    assert run_suggestions(north, ask=False).result["linked"] == 1
    assert run_suggestions(north).result["linked"] == 0
    assert _work_off_bulk_link(north).linked == 1


def test_what_cannot_be_linked_now_leaves_no_empty_bulk_link(north: Scene) -> None:
    _make_certain(north)
    admin = north.person(Role.ADMIN).actor
    with at_work(admin):
        Connection.objects.update(discovered_at=None)
        switch_automatic(actor=admin, applies=True)
    assert run_suggestions(north, ask=False).result["linked"] == 0
    with at_work(admin):
        assert not BulkLink.objects.exists()


def _work_off_bulk_link(scene: Scene) -> BulkLink:
    """Be the worker for the one bulk link there is, and return it as it stands then."""
    with at_work(system(scene.reseller)):
        bulk = BulkLink.objects.get()
        job = bulk.undo_job or bulk.job
    assert job is not None
    assert worker.run_job(job.pk)
    with at_work(system(scene.reseller)):
        return BulkLink.objects.get()


def _make_certain(scene: Scene) -> None:
    """Give tenant and organization everything in common."""
    with at_work(system(scene.reseller)):
        type(scene.organization).objects.filter(pk=scene.organization.pk).update(
            name="North Bakery", registration_number="12345678", country="NL"
        )
        Tenant.objects.filter(pk=scene.tenant.pk).update(
            registration_number="12345678", country="NL"
        )
    run_suggestions(scene)
    assert only(scene).level == Level.CERTAIN


def _jobs(scene: Scene) -> list[Job]:
    with at_work(system(scene.reseller)):
        kinds = Job.objects.filter(reseller=scene.reseller, kind="organizations.suggest")
        return list(kinds.order_by("created_at"))
