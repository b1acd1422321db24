"""Linking, unlinking and undo: what they promise, to whom they refuse it, and what they leave."""

from typing import Any

import pytest

from organizations.directory.models import Organization
from organizations.linking.models import Link
from organizations.linking.operations import (
    create_organization_from_tenant,
    link_tenant,
    undo_link,
    unlink_tenant,
)
from portal.core.access import Role, acting
from portal.core.audit.models import AuditEvent
from portal.core.errors import Conflict, InvalidInput, NotAllowed, NotFound, NotReady
from tenants.connections.models import Connection
from tenants.discovery.models import Tenant
from tests.factories.organizations import make_account, make_organization
from tests.factories.tenants import make_connection, make_tenant
from tests.organizations.linking.scene import Scene, at_work, make_scene

pytestmark = pytest.mark.django_db

VALUES = {
    "name": "North Bakery BV",
    "primary_domain": "north-bakery.com",
    "notification_email": "it@north-bakery.com",
    "contact_phone": "+31 20 123 4567",
}


def last_event(scene: Scene) -> AuditEvent:
    with at_work(scene.operator.actor):
        event: AuditEvent = AuditEvent.objects.filter(reseller=scene.reseller).latest("sequence")
        return event


def test_link_says_who_how_and_to_which_account(north: Scene) -> None:
    link = north.link()
    assert link.organization == north.organization
    assert link.account.is_primary
    assert (link.linked_by, link.how, link.is_live) == ("Olga of North", Link.How.MANUAL, True)
    assert north.fresh_tenant().is_linked


def test_link_is_audited_with_the_organization(north: Scene) -> None:
    north.link()
    event = last_event(north)
    assert event.action == "organizations.tenant_linked"
    assert event.organization_id == north.organization.pk
    assert event.subject_id == str(north.tenant.pk)
    assert event.after["organization_number"] == north.organization.number


def test_same_link_again_changes_nothing(north: Scene) -> None:
    first, again = north.link(), north.link()
    assert first.pk == again.pk
    with at_work(north.operator.actor):
        linked = AuditEvent.objects.filter(action="organizations.tenant_linked").count()
    assert linked == 1


def test_tenant_linked_elsewhere_is_refused_with_who_and_when(north: Scene) -> None:
    link = north.link()
    other = make_organization(north.reseller)
    with pytest.raises(Conflict) as refusal:
        north.link(organization=other)
    assert "North Bakery BV" in refusal.value.detail
    assert "Olga of North" in refusal.value.detail
    assert f"{link.begins_at:%-d %B %Y, %H:%M:%S}" in refusal.value.detail
    assert refusal.value.data["organization_number"] == north.organization.number


def test_second_account_of_the_same_organization_is_another_link(north: Scene) -> None:
    north.link()
    second = make_account(north.organization)
    with at_work(north.operator.actor) as actor, pytest.raises(Conflict):
        link_tenant(north.tenant, actor=actor, account=second)


def test_link_to_an_account_takes_its_organization(north: Scene) -> None:
    second = make_account(north.organization)
    with at_work(north.operator.actor) as actor:
        link = link_tenant(north.tenant, actor=actor, account=second)
    assert (link.account, link.organization) == (second, north.organization)


def test_account_of_another_organization_is_refused(north: Scene) -> None:
    account = make_account(make_organization(north.reseller))
    with at_work(north.operator.actor) as actor, pytest.raises(InvalidInput) as refusal:
        link_tenant(north.tenant, actor=actor, organization=north.organization, account=account)
    assert "account" in refusal.value.fields


def test_link_to_nothing_asks_for_an_organization(north: Scene) -> None:
    with at_work(north.operator.actor) as actor, pytest.raises(InvalidInput) as refusal:
        link_tenant(north.tenant, actor=actor)
    assert "organization" in refusal.value.fields


def test_tenant_no_longer_listed_can_be_linked(north: Scene) -> None:
    gone = make_tenant(north.connection, status=Tenant.Status.MISSING)
    assert north.link(gone).is_live


def test_tenant_of_an_untested_connection_points_at_the_connection(north: Scene) -> None:
    untested = make_connection(north.reseller, state=Connection.State.NEW)
    tenant = make_tenant(untested)
    with pytest.raises(NotReady) as refusal:
        north.link(tenant)
    assert f"/connections/{untested.pk}/" in refusal.value.detail
    assert not north.fresh_tenant(tenant).is_linked


def test_tenant_of_a_connection_never_discovered_points_at_the_connection(north: Scene) -> None:
    unfinished = make_connection(north.reseller)
    tenant = make_tenant(unfinished)
    unfinished.discovered_at = None
    with at_work(north.operator.actor):
        unfinished.save(update_fields=["discovered_at"])
    with pytest.raises(NotReady) as refusal:
        north.link(tenant)
    assert refusal.value.code == "connection_undiscovered"
    assert refusal.value.data["address"] == f"/connections/{unfinished.pk}/"
    assert refusal.value.data["address"] in refusal.value.detail


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.FINANCE])
def test_reading_roles_may_not_link_unlink_or_undo(north: Scene, role: Role) -> None:
    link = north.link()
    reader = north.person(role)
    with at_work(reader.actor) as actor:
        with pytest.raises(NotAllowed):
            link_tenant(north.tenant, actor=actor, organization=north.organization)
        with pytest.raises(NotAllowed):
            unlink_tenant(north.tenant, actor=actor, reason="because")
        with pytest.raises(NotAllowed):
            undo_link(link, actor=actor)
        with pytest.raises(NotAllowed):
            create_organization_from_tenant(north.tenant, actor=actor, values=VALUES)
    assert len(north.live_links()) == 1


def test_organization_of_another_reseller_is_not_found(north: Scene) -> None:
    south = make_scene("South")
    with pytest.raises((NotFound, NotReady)):
        north.link(organization=south.organization)
    with pytest.raises(NotFound):
        north.link(south.tenant)
    assert north.live_links() == []


def test_unlink_ends_the_link_with_its_reason(north: Scene) -> None:
    link = north.link()
    with at_work(north.operator.actor) as actor:
        ended = unlink_tenant(north.tenant, actor=actor, reason="  Wrong company ")
    assert ended.pk == link.pk
    assert (ended.end_reason, ended.ended_by) == ("Wrong company", "Olga of North")
    assert ended.ends_at is not None and ended.ends_at >= ended.begins_at
    assert not ended.undone
    assert not north.fresh_tenant().is_linked
    event = last_event(north)
    assert (event.action, event.reason) == ("organizations.tenant_unlinked", "Wrong company")
    assert event.before["organization"] == "North Bakery BV"


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_unlink_needs_a_reason_that_fits(north: Scene, reason: str) -> None:
    north.link()
    with at_work(north.operator.actor) as actor, pytest.raises(InvalidInput) as refusal:
        unlink_tenant(north.tenant, actor=actor, reason=reason)
    assert "reason" in refusal.value.fields
    assert len(north.live_links()) == 1


def test_tenant_without_a_link_cannot_be_unlinked(north: Scene) -> None:
    with at_work(north.operator.actor) as actor, pytest.raises(Conflict) as refusal:
        unlink_tenant(north.tenant, actor=actor, reason="because")
    assert refusal.value.code == "not_linked"


def test_tenant_can_be_linked_again_and_its_history_stays(north: Scene) -> None:
    first = north.link()
    with at_work(north.operator.actor) as actor:
        unlink_tenant(north.tenant, actor=actor, reason="Moved")
    second = north.link(organization=make_organization(north.reseller))
    with at_work(north.operator.actor):
        assert Link.objects.filter(tenant=north.tenant).count() == 2
    assert [link.pk for link in north.live_links()] == [second.pk]
    assert first.pk != second.pk


def test_undo_takes_a_fresh_link_back_and_marks_it(north: Scene) -> None:
    link = north.link()
    with at_work(north.operator.actor) as actor:
        undone = undo_link(link, actor=actor)
        again = undo_link(link, actor=actor)
    assert undone.undone and undone.ends_at is not None
    assert again.pk == undone.pk and again.ends_at == undone.ends_at
    assert not north.fresh_tenant().is_linked
    assert last_event(north).action == "organizations.link_undone"


def test_undo_of_a_link_that_ended_says_who_ended_it(north: Scene) -> None:
    link = north.link()
    with at_work(north.operator.actor) as actor:
        unlink_tenant(north.tenant, actor=actor, reason="Moved")
    newer = north.link(organization=make_organization(north.reseller))
    with at_work(north.operator.actor) as actor, pytest.raises(Conflict) as refusal:
        undo_link(link, actor=actor)
    assert "Olga of North" in refusal.value.detail
    assert [live.pk for live in north.live_links()] == [newer.pk]


def test_create_and_link_does_both(north: Scene) -> None:
    values = VALUES | {"name": "Fresh Company", "primary_domain": "fresh-company.com"}
    with at_work(north.operator.actor) as actor:
        link = create_organization_from_tenant(north.tenant, actor=actor, values=values)
    assert link.how == Link.How.CREATED
    assert link.organization.name == "Fresh Company"
    assert north.fresh_tenant().is_linked


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"contact_phone": "nonsense"}, InvalidInput),
        ({"name": "North Bakery BV", "primary_domain": "elsewhere.com"}, Conflict),
    ],
)
def test_refused_organization_leaves_no_link(
    north: Scene, values: dict[str, str], error: type[Exception]
) -> None:
    with acting(north.operator.actor) as actor, pytest.raises(error):
        create_organization_from_tenant(north.tenant, actor=actor, values=VALUES | values)
    assert north.live_links() == []
    assert not north.fresh_tenant().is_linked


def test_possible_duplicate_is_created_when_meant(north: Scene) -> None:
    values: dict[str, Any] = VALUES | {"primary_domain": "elsewhere.com"}
    with at_work(north.operator.actor) as actor:
        link = create_organization_from_tenant(
            north.tenant, actor=actor, values=values, create_anyway=True
        )
    assert link.organization.pk != north.organization.pk


def test_tenant_that_is_linked_costs_no_organization(north: Scene) -> None:
    north.link()
    with acting(north.operator.actor) as actor, pytest.raises(Conflict):
        create_organization_from_tenant(north.tenant, actor=actor, values=VALUES)
    with at_work(north.operator.actor):
        assert Organization.objects.filter(reseller=north.reseller).count() == 1
