"""Linking many at once: every pair has its result, and the good ones are not lost with the bad."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from organizations.linking.batch import STEP, Outcome, Pair, link_tenants
from organizations.linking.models import Link
from portal.core.access import Role
from portal.core.audit.models import AuditEvent
from portal.core.audit.operations import first_broken_event
from portal.core.errors import NotAllowed
from tenants.connections.models import Connection
from tenants.discovery.queries import tally_of
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_connection, make_tenant, make_tenants
from tests.organizations.linking.scene import Scene, at_work, make_scene

pytestmark = pytest.mark.django_db


def test_every_pair_has_its_result_in_order(north: Scene) -> None:
    south = make_scene("South")
    linked, free, twice = (make_tenant(north.connection) for _ in range(3))
    untested = make_tenant(make_connection(north.reseller, state=Connection.State.NEW))
    other = make_organization(north.reseller, name="Other Company")
    north.link(linked)
    target = north.organization.pk
    pairs = [
        Pair(free.pk, target),
        Pair(linked.pk, target),
        Pair(linked.pk, other.pk),
        Pair(twice.pk, target),
        Pair(twice.pk, other.pk),
        Pair(uuid4(), target),
        Pair(south.tenant.pk, target),
        Pair(north.tenant.pk, south.organization.pk),
        Pair(untested.pk, target),
    ]
    with at_work(north.operator.actor) as actor:
        results = list(link_tenants(pairs, actor=actor, why="Spring clean"))
    assert [result.pair for result in results] == pairs
    assert [result.outcome for result in results] == [
        Outcome.LINKED,
        Outcome.UNCHANGED,
        Outcome.REFUSED,
        Outcome.LINKED,
        Outcome.REFUSED,
        Outcome.REFUSED,
        Outcome.REFUSED,
        Outcome.REFUSED,
        Outcome.REFUSED,
    ]
    assert "North Bakery BV" in results[2].detail and "Olga of North" in results[2].detail
    assert results[5].detail == results[6].detail == "There is no such tenant."
    made = {link.tenant_id: link for link in north.live_links()}
    assert made[free.pk].pk == results[0].link_id
    assert (made[free.pk].how, made[free.pk].why) == (Link.How.BULK, "Spring clean")
    assert made[linked.pk].pk == results[1].link_id
    assert {link.tenant_id for link in north.live_links()} == {linked.pk, free.pk, twice.pk}
    assert north.fresh_tenant(free).is_linked
    assert south.live_links() == []


def test_links_are_audited_and_the_tally_falls(north: Scene) -> None:
    tenants = make_tenants(north.connection, 40)
    pairs = [Pair(tenant.pk, north.organization.pk) for tenant in tenants]
    admin = north.person(Role.ADMIN)
    with at_work(admin.actor) as actor:
        before = tally_of(actor).unlinked
        list(link_tenants(pairs, actor=actor))
        assert tally_of(actor).unlinked == before - 40
        events = AuditEvent.objects.filter(action="organizations.tenant_linked")
        assert {event.subject_id for event in events} == {str(tenant.pk) for tenant in tenants}
        assert {event.organization_id for event in events} == {north.organization.pk}
        assert first_broken_event(actor) is None


def test_readers_may_not_link_in_bulk(north: Scene) -> None:
    with at_work(north.person(Role.AUDITOR).actor) as actor, pytest.raises(NotAllowed):
        list(link_tenants([Pair(north.tenant.pk, north.organization.pk)], actor=actor))
    assert north.live_links() == []


def test_a_step_costs_the_same_statements_for_few_and_many(north: Scene) -> None:
    counts = []
    north.link()  # the first of a reseller opens its books
    for number in (2, 200):
        tenants = make_tenants(north.connection, number, name=f"Batch {number}")
        pairs = [Pair(tenant.pk, north.organization.pk) for tenant in tenants]
        with at_work(north.operator.actor) as actor, CaptureQueriesContext(connection) as queries:
            assert len(list(link_tenants(pairs, actor=actor))) == number
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 15
    assert STEP >= 200
