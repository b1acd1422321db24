"""Preview, run, retry, undo: what was previewed is what runs, and every tenant has its result."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from organizations.bulk import running
from organizations.bulk.models import BulkItem, BulkLink
from organizations.bulk.operations import (
    discard_bulk,
    forget_drafts,
    preview_bulk,
    preview_rows,
    retry_bulk,
    run_bulk,
    undo_bulk,
)
from organizations.bulk.plans import AllTenants, FileRow, LinkTo, TheseTenants
from organizations.directory.models import Account, Organization
from organizations.linking import batch
from organizations.linking.models import Link
from organizations.linking.operations import unlink_tenant
from organizations.linking.queries import tenants_for_lists
from portal.core.access import Role, acting
from portal.core.audit.models import AuditEvent
from portal.core.audit.operations import first_broken_event
from portal.core.errors import Conflict, InvalidInput, NotAllowed
from tenants.connections.models import Connection
from tenants.discovery.models import Tenant
from tenants.discovery.queries import tally_of
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_connection, make_tenant, make_tenants
from tests.organizations.bulk.work import (
    counted,
    creations,
    fresh,
    items,
    outcomes,
    owners,
    preview,
    run,
    work_off,
)
from tests.organizations.linking.scene import Scene, at_work, make_scene

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_preview_says_what_runs_and_the_run_does_what_it_said(north: Scene) -> None:
    other = make_organization(north.reseller, name="Other Company")
    free = [
        make_tenant(north.connection, billed_amount=Decimal("10.25"), billed_currency="EUR"),
        make_tenant(north.connection, billed_amount=Decimal("0.75"), billed_currency="EUR"),
        make_tenant(north.connection, billed_amount=Decimal(5), billed_currency="USD"),
    ]
    there = make_tenant(north.connection, billed_amount=Decimal(99), billed_currency="EUR")
    elsewhere = make_tenant(north.connection)
    untested = make_tenant(make_connection(north.reseller, state=Connection.State.NEW))
    north.link(there)
    north.link(elsewhere, other)
    draft = preview(north, [*free, there, elsewhere, untested])
    assert (draft.state, draft.tenants, draft.to_link, draft.to_skip) == ("draft", 6, 3, 3)
    assert draft.skipped == {"linked_already": 1, "linked_elsewhere": 1, "connection_untested": 1}
    assert draft.money == [
        {"currency": "EUR", "amount": "11.000000"},
        {"currency": "USD", "amount": "5.000000"},
    ]
    assert draft.title == "Link 3 tenants to North Bakery BV"
    said = items(north, draft)
    assert "Other Company" in said[4].detail and "Olga of North" in said[4].detail
    assert len(owners(north)) == 2, "a preview links nothing"
    done = run(north, draft)
    assert done.state == "done"
    assert outcomes(north, done) == counted(done) == {"linked": 3, "skipped": 3}
    assert owners(north) == {
        **{tenant.pk: north.organization.pk for tenant in [*free, there]},
        elsewhere.pk: other.pk,
    }
    made = {link.pk for link in north.live_links()}
    assert {item.link_id for item in items(north, done)[:3]} <= made
    with at_work(north.operator.actor) as actor:
        assert tally_of(actor).unlinked == 2


def test_b06_a_list_with_one_foreign_or_unknown_id_is_refused_whole(north: Scene) -> None:
    south = make_scene("South")
    for strange in (south.tenant.pk, uuid4()):
        with acting(north.operator.actor), pytest.raises(InvalidInput) as refusal:
            preview_bulk(
                actor=north.operator.actor,
                choice=TheseTenants((north.tenant.pk, strange)),
                plan=LinkTo(north.organization),
            )
        assert refusal.value.code == "unknown_tenants"
        assert "1 tenant of the 2 chosen" in refusal.value.detail
    with acting(north.operator.actor), transaction.atomic():
        assert not BulkLink.objects.exists()
        assert not BulkItem.objects.exists()
    assert not north.live_links() + south.live_links()


def test_all_that_match_are_refused_once_their_number_moved(north: Scene) -> None:
    make_tenants(north.connection, 5, name="Listed")
    actor = north.operator.actor
    with acting(actor):
        rows = tenants_for_lists(actor).filter(name__startswith="Listed").order_by("name", "pk")
        with pytest.raises(Conflict) as refusal:
            preview_bulk(actor=actor, choice=AllTenants(rows, 4), plan=LinkTo(north.organization))
        assert refusal.value.code == "count_moved"
        assert refusal.value.data == {"expected_count": 4, "count": 5}
        draft = preview_bulk(
            actor=actor, choice=AllTenants(rows, 5), plan=LinkTo(north.organization)
        )
    names = [item.tenant_name for item in items(north, draft)]
    assert names == [f"Listed {number:05}" for number in range(1, 6)]


def test_a_draft_is_frozen_and_a_newer_tenant_is_not_taken_along(north: Scene) -> None:
    actor = north.operator.actor
    with acting(actor):
        rows = tenants_for_lists(actor).order_by("name", "pk")
        draft = preview_bulk(
            actor=actor, choice=AllTenants(rows, 1), plan=LinkTo(north.organization)
        )
    make_tenant(north.connection)
    run(north, draft)
    assert owners(north) == {north.tenant.pk: north.organization.pk}


def test_what_changed_since_the_preview_is_told_by_name_and_the_rest_goes_on(north: Scene) -> None:
    tenants = make_tenants(north.connection, 4)
    other = make_organization(north.reseller, name="Quicker Company")
    draft = preview(north, tenants)
    north.link(tenants[1], other)
    north.link(tenants[2])
    done = run(north, draft)
    assert outcomes(north, done) == counted(done) == {"linked": 2, "refused": 1, "unchanged": 1}
    refused = items(north, done)[1]
    assert "Quicker Company" in refused.detail and "Olga of North" in refused.detail
    assert refused.code == "linked_elsewhere"
    assert items(north, done)[2].link_id is None, "a link that was there is not this job's to undo"


def test_an_organization_that_is_gone_meanwhile_is_told(north: Scene) -> None:
    gone = make_organization(north.reseller, name="Gone Company")
    draft = preview(north, [north.tenant], LinkTo(gone))
    with at_work(north.operator.actor):
        Account.objects.filter(organization=gone).update(is_primary=False)
    done = run(north, draft)
    assert outcomes(north, done) == {"refused": 1}
    (item,) = items(north, done)
    assert item.code == "unknown_organization"
    assert item.detail == "There is no such organization, or it has no account."


def test_retry_takes_what_failed_and_nothing_else(north: Scene) -> None:
    tenants = make_tenants(north.connection, 3)
    other = make_organization(north.reseller)
    draft = preview(north, tenants)
    north.link(tenants[1], other)
    done = run(north, draft)
    before = {item.position: item.link_id for item in items(north, done)}
    with at_work(north.operator.actor) as actor:
        unlink_tenant(tenants[1], actor=actor, reason="wrong")
        again = retry_bulk(done, actor=actor)
    assert again.job_id != done.job_id
    assert counted(again) == {"linked": 2, "waiting": 1}
    done = work_off(north, again, again.job)
    assert outcomes(north, done) == counted(done) == {"linked": 3}
    after = {item.position: item.link_id for item in items(north, done)}
    assert (after[1], after[3]) == (before[1], before[3])
    with at_work(north.operator.actor) as actor, pytest.raises(Conflict, match="Nothing of this"):
        retry_bulk(done, actor=actor)


def test_undo_takes_back_exactly_what_the_job_made_and_what_still_stands(north: Scene) -> None:
    tenants = make_tenants(north.connection, 4)
    other = make_organization(north.reseller, name="Second Owner")
    before = north.link(tenants[0])
    done = run(north, preview(north, tenants))
    with at_work(north.operator.actor) as actor:
        unlink_tenant(tenants[1], actor=actor, reason="left us")
    kept = north.link(tenants[1], other)
    with acting(north.operator.actor):
        asked = undo_bulk(done, actor=north.operator.actor, reason="the wrong list")
    assert asked.undo_job is not None
    undone = work_off(north, asked, asked.undo_job)
    assert (undone.state, undone.undone_by) == ("undone", north.operator.actor.label[:250])
    assert outcomes(north, undone) == counted(undone) == {"undone": 2, "linked": 1, "skipped": 1}
    assert {link.pk for link in north.live_links()} == {before.pk, kept.pk}
    left = items(north, undone)[1]
    assert left.code == "link_ended" and "ended by" in left.detail and "Olga" in left.detail
    with at_work(north.operator.actor) as actor:
        ended = Link.objects.filter(undone=True)
        assert {link.end_reason for link in ended} == {
            "Undone with “Link 3 tenants to North Bakery BV”: the wrong list"
        }
        assert tally_of(actor).unlinked == 3
        events = AuditEvent.objects.filter(action="organizations.link_undone")
        assert events.count() == 2
        admin = north.person(Role.ADMIN).actor
    with at_work(admin):
        assert first_broken_event(admin) is None
    with acting(north.operator.actor), pytest.raises(Conflict, match="undone"):
        undo_bulk(undone, actor=north.operator.actor, reason="again")


def test_undo_asks_for_a_reason_and_for_links(north: Scene) -> None:
    done = run(north, preview(north, [north.tenant]))
    with at_work(north.operator.actor) as actor, pytest.raises(InvalidInput, match="Say why"):
        undo_bulk(done, actor=actor, reason="  ")
    nothing = make_tenant(north.connection)
    draft = preview(north, [nothing])
    north.link(nothing)
    none = run(north, draft)
    assert counted(none) == {"unchanged": 1}
    with at_work(north.operator.actor) as actor, pytest.raises(Conflict, match="made no links"):
        undo_bulk(none, actor=actor, reason="why not")


def test_organizations_are_created_out_of_tenants_without_a_match(north: Scene) -> None:
    make_organization(north.reseller, name="Known Company", primary_domain="known.com")
    tenants = [
        make_tenant(north.connection, name="Fresh Foods", domain="freshfoods.com"),
        make_tenant(north.connection, name="Known by domain", domain="known.com"),
        make_tenant(north.connection, name="KNOWN company", domain="elsewhere.com"),
        make_tenant(north.connection, name="Fresh Foods Two", domain="freshfoods.com"),
        make_tenant(north.connection, name="Bad\x07Name", domain="bad.com"),
        make_tenant(north.connection, name="Odd Phone", domain="oddphone.com"),
    ]
    with at_work(north.operator.actor):
        Tenant.objects.filter(pk=tenants[5].pk).update(phone="12", email="it@oddphone.com")
    draft = creations(north, tenants)
    assert (draft.to_create, draft.to_skip) == (2, 4)
    assert draft.skipped == {"possible_duplicate": 2, "like_another": 1, "name_not_valid": 1}
    said = items(north, draft)
    assert "Known Company" in said[1].detail and "same primary domain" in said[1].detail
    assert "Fresh Foods, earlier in this list: same primary domain" in said[3].detail
    assert "Contact phone is left out" in said[5].detail
    done = run(north, draft)
    assert outcomes(north, done) == counted(done) == {"created": 2, "skipped": 4}
    with at_work(north.operator.actor) as actor:
        rows = {row.name: row for row in Organization.objects.visible_to(actor)}
        created = rows["Fresh Foods"]
        assert created.number.isdigit()
        assert created.missing_fields == ("notification_email", "contact_phone")
        assert rows["Odd Phone"].missing_fields == ("contact_phone",)
        assert Account.objects.filter(organization=created, is_primary=True).count() == 1
        assert (
            AuditEvent.objects.filter(
                action="organizations.organization_created", subject_id=str(created.pk)
            ).count()
            == 1
        )
    assert owners(north) == {tenants[0].pk: created.pk, tenants[5].pk: rows["Odd Phone"].pk}
    assert {link.how for link in north.live_links()} == {"created"}


def test_a_creation_is_refused_when_a_double_has_come_since_the_preview(north: Scene) -> None:
    tenants = [
        make_tenant(north.connection, name=f"Company {number}", domain=f"company{number}.com")
        for number in range(3)
    ]
    draft = creations(north, tenants)
    make_organization(north.reseller, name="Came since", primary_domain="company1.com")
    north.link(tenants[2])
    done = run(north, draft)
    assert outcomes(north, done) == counted(done) == {"created": 1, "refused": 2}
    by_position = items(north, done)
    assert "Came since" in by_position[1].detail
    assert "linked to North Bakery BV" in by_position[2].detail
    assert set(owners(north)) == {tenants[0].pk, tenants[2].pk}
    with at_work(north.operator.actor) as actor:
        assert tally_of(actor).unlinked == 2
        assert not north.fresh_tenant(tenants[1]).is_linked


def test_lines_of_a_file_become_items_with_their_line(north: Scene) -> None:
    tenants = make_tenants(north.connection, 3)
    other = make_organization(north.reseller, name="Other Company")
    north.link(tenants[2], other)
    target = north.organization.pk
    rows = [
        FileRow(2, tenants[0].pk, target),
        FileRow(3, tenants[0].pk, other.pk),
        FileRow(4, None, target, tenant_name="1234", code="unknown_tenant", detail="No tenant."),
        FileRow(5, tenants[1].pk, None),
        FileRow(6, tenants[2].pk, target),
    ]
    with acting(north.operator.actor):
        draft = preview_rows(rows, actor=north.operator.actor, source="links.csv")
    assert (draft.kind, draft.chosen, draft.source) == ("file", "file", "links.csv")
    assert [(item.line, item.action, item.code) for item in items(north, draft)] == [
        (2, "link", ""),
        (3, "skip", "repeated"),
        (4, "skip", "unknown_tenant"),
        (5, "skip", "unknown_organization"),
        (6, "skip", "linked_elsewhere"),
    ]
    assert items(north, draft)[1].detail == "This tenant stands on line 2 already."
    done = run(north, draft)
    assert counted(done) == {"linked": 1, "skipped": 4}


def test_one_item_the_database_refuses_keeps_none_of_the_others(
    north: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real refusal of the database: two live links of a tenant."""
    tenants = make_tenants(north.connection, 9)
    done_before = batch.link_tenants

    def blind(pairs: object, **options: object) -> object:
        found = list(pairs)  # type: ignore[call-overload]
        if any(pair.tenant_id == tenants[4].pk for pair in found):
            with transaction.atomic():
                # What a writer without the lock would cause, found out at the end of the set.
                Link.objects.create(
                    reseller_id=north.reseller.pk,
                    tenant_id=tenants[4].pk,
                    account=Account.objects.get(organization=north.organization),
                    organization=north.organization,
                    begins_at=timezone.now(),
                    linked_by="nobody",
                    ended_by="somebody",
                )
        return done_before(found, **options)  # type: ignore[arg-type]

    draft = preview(north, tenants)
    monkeypatch.setattr(running, "link_tenants", blind)
    done = run(north, draft)
    assert outcomes(north, done) == counted(done) == {"linked": 8, "failed": 1}
    monkeypatch.setattr(running, "link_tenants", done_before)
    with acting(north.operator.actor):
        again = retry_bulk(done, actor=north.operator.actor)
    done = work_off(north, again, again.job)
    assert counted(done) == {"linked": 9}


def test_a_draft_runs_once_expires_and_can_be_discarded(north: Scene) -> None:
    actor = north.operator.actor
    draft, second = preview(north, [north.tenant]), preview(north, [north.tenant])
    with acting(actor):
        discard_bulk(second, actor=actor)
        run_bulk(draft, actor=actor)
        with pytest.raises(Conflict, match="running already"):
            run_bulk(draft, actor=actor)
        with pytest.raises(Conflict, match="running already"):
            discard_bulk(draft, actor=actor)
    old = preview(north, [north.tenant])
    with at_work(actor):
        BulkLink.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=25))
        with pytest.raises(Conflict) as refusal:
            run_bulk(old, actor=actor)
        assert refusal.value.code == "draft_expired"
    with acting(actor):
        assert forget_drafts(actor=actor) == 1
    with at_work(actor):
        assert {row.pk for row in BulkLink.objects.all()} == {draft.pk}
        assert {item.bulk_id for item in BulkItem.objects.all()} == {draft.pk}


def test_who_may_not_link_previews_nothing_and_who_may_not_create_creates_nothing(
    north: Scene,
) -> None:
    auditor = north.person(Role.AUDITOR).actor
    draft = preview(north, [north.tenant])
    with acting(auditor):
        with pytest.raises(NotAllowed):
            preview_bulk(
                actor=auditor,
                choice=TheseTenants((north.tenant.pk,)),
                plan=LinkTo(north.organization),
            )
        for operation in (run_bulk, retry_bulk, discard_bulk):
            with pytest.raises(NotAllowed):
                operation(draft, actor=auditor)
        with pytest.raises(NotAllowed):
            undo_bulk(draft, actor=auditor, reason="no")
    assert fresh(north, draft).state == "draft"
