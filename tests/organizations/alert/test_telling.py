"""Who is told what: digests by scope and clock, money at once, once each, on mail and webhook."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import transaction
from django.utils import timezone

from organizations.alert.operations import acknowledge_conditions
from organizations.directory.models import Organization
from organizations.linking.operations import unlink_tenant
from portal.core.access import Role, acting, system_actor
from portal.core.errors import Conflict
from portal.core.identity.operations import remove_member
from portal.notify.operations import retry_delivery
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_connection, make_tenant
from tests.organizations.alert.conftest import reconcile, stored
from tests.organizations.alert.telling import (
    AT_ONCE,
    FRIDAY,
    MONDAY,
    clock,
    clock_digests,
    costly,
    deliveries,
    html_of,
    send,
    tell_digests_of,
    wish,
)
from tests.organizations.linking.scene import Scene, make_scene

pytestmark = pytest.mark.django_db(transaction=True)
Figure = Callable[[str, object], None]


@pytest.fixture(autouse=True)
def _friday() -> Any:
    """Begin before the weekend, so that everybody is a member when Monday comes."""
    with time_machine.travel(FRIDAY, tick=False) as clock:
        yield clock


def test_the_weekly_digest_says_what_is_open_and_comes_once(north: Scene) -> None:
    wish(north.operator, muted=AT_ONCE)
    costly(north, name="Costly & Söhne")
    reconcile(north.reseller)
    with time_machine.travel(MONDAY - timedelta(seconds=1), tick=False):
        tell_digests_of(north)
    assert deliveries(north.reseller) == []
    with time_machine.travel(MONDAY + timedelta(minutes=5), tick=False):
        for _ in range(2):  # two schedulers, or one that ticks twice
            tell_digests_of(north)
            clock_digests(north)
    (sent,) = mail.outbox
    assert sent.to == [north.operator.user.email]
    assert sent.subject == "This week: 2 tenants unlinked · €412.10 last billed"
    assert "- Costly & Söhne: €412.10 last billed (no owner)" in sent.body
    html = html_of(sent)
    assert "Costly &amp; Söhne" in html and "/alerts/preferences/" in html
    assert sent.extra_headers["List-Unsubscribe"].endswith("/alerts/preferences/>")
    (row,) = deliveries(north.reseller)
    assert (row.state, row.attempts, row.subject) == ("sent", 1, sent.subject)


def test_no_digest_when_nothing_is_open_and_nothing_happened(north: Scene) -> None:
    with time_machine.travel(FRIDAY - timedelta(days=30), tick=False):
        north.link()
    with time_machine.travel(MONDAY, tick=False):
        tell_digests_of(north)
        clock_digests(north)
    assert mail.outbox == []
    assert [row.state for row in deliveries(north.reseller)] == ["dropped"]


def test_what_was_acknowledged_is_in_no_mail(north: Scene) -> None:
    costly(north)
    reconcile(north.reseller)
    actor = north.operator.actor
    with acting(actor):
        ids = [row.pk for row in stored(north.reseller)]
        until = timezone.now().date() + timedelta(days=30)
        acknowledge_conditions(ids, actor=actor, until=until, reason="known")
    with time_machine.travel(MONDAY, tick=False):
        clock(north.reseller)
    assert mail.outbox == []


def test_a_digest_nobody_wants_or_that_is_days_late_is_not_sent(north: Scene) -> None:
    auditor, finance = north.person(Role.AUDITOR), north.person(Role.FINANCE)
    north.person(Role.CUSTOMER_ADMIN, organization=north.organization)
    wish(north.operator, digest=False, muted=AT_ONCE)
    wish(finance, muted=AT_ONCE)
    costly(north)
    reconcile(north.reseller)
    with time_machine.travel(MONDAY + timedelta(days=3), tick=False):
        tell_digests_of(north)
    assert deliveries(north.reseller) == [], "Monday's is told on Monday"
    with time_machine.travel(MONDAY, tick=False):
        tell_digests_of(north)
        clock_digests(north)
    assert [message.to for message in mail.outbox] == [[finance.user.email]]
    assert auditor.user.email not in str(mail.outbox[0].to)


def test_b07_digests_hold_only_what_is_in_the_readers_part(
    north: Scene, record_property: Figure
) -> None:
    south = make_scene("South")
    other = make_connection(north.reseller, name="Other")
    group = make_organization(north.reseller, name="Group", kind=Organization.Kind.SUB_RESELLER)
    below = make_organization(north.reseller, name="Below", parent=group)
    costly(north, name="canary-one")
    costly(north, name="canary-two", connection=other)
    grouped = costly(north, name="canary-three")
    costly(south, name="canary-south")
    north.link(grouped, below)
    with acting(north.operator.actor):
        unlink_tenant(grouped, actor=north.operator.actor, reason="moved")
    people = [north.person(Role.OPERATOR) for _ in range(3)]
    wish(people[0], connections=(other.pk,), muted=AT_ONCE)
    wish(people[1], organizations=(group.pk,), muted=AT_ONCE)
    wish(people[2], muted=AT_ONCE)
    wish(south.operator, muted=AT_ONCE)
    for scene in (north, south):
        reconcile(scene.reseller)
    with time_machine.travel(MONDAY, tick=False):
        for scene in (north, south):
            tell_digests_of(scene)
            clock_digests(scene)
    said = {message.to[0]: message.body for message in mail.outbox}
    named = {
        address: {name for name in ("one", "two", "three", "south") if f"canary-{name}" in body}
        for address, body in said.items()
    }
    assert named[people[0].user.email] == {"two"}
    assert named[people[1].user.email] == {"three"}
    assert named[people[2].user.email] == {"one", "two", "three"}
    assert named[south.operator.user.email] == {"south"}
    record_property("figure", f"B07: 0 foreign canaries in {len(said)} digests")


def test_money_is_told_after_ten_minutes_in_one_mail(north: Scene) -> None:
    make_tenant(north.connection, name="Costs nothing")
    for name in ("First", "Second"):
        costly(north, "10.00", name=name)
        reconcile(north.reseller)
        clock(north.reseller)
    assert mail.outbox == [], "they are gathered for ten minutes"
    with time_machine.travel(FRIDAY + timedelta(minutes=10), tick=False):
        clock(north.reseller)
        clock(north.reseller)
    (sent,) = mail.outbox
    assert sent.subject == "2 tenants unlinked · €20.00 last billed"
    assert "First" in sent.body and "Second" in sent.body and "Costs nothing" not in sent.body
    with time_machine.travel(FRIDAY + timedelta(minutes=30), tick=False):
        costly(north, "30.00", name="Third")
        reconcile(north.reseller)
        clock(north.reseller)
    with time_machine.travel(FRIDAY + timedelta(minutes=41), tick=False):
        clock(north.reseller)
    assert [message.subject for message in mail.outbox[1:]] == [
        "1 tenant unlinked · €30.00 last billed"
    ]


def test_a_tenant_that_begins_to_cost_is_told_when_it_does(north: Scene) -> None:
    reconcile(north.reseller)
    clock(north.reseller)
    assert deliveries(north.reseller) == []
    with acting(system_actor(north.reseller.pk, "tests")), transaction.atomic():
        type(north.tenant).objects.update(billed_amount=Decimal(7), billed_currency="EUR")
    reconcile(north.reseller)
    with time_machine.travel(FRIDAY + timedelta(minutes=11), tick=False):
        clock(north.reseller)
    assert [message.subject for message in mail.outbox] == ["1 tenant unlinked · €7.00 last billed"]


def test_what_was_linked_meanwhile_is_told_nobody(north: Scene) -> None:
    tenant = costly(north)
    reconcile(north.reseller)
    clock(north.reseller)
    north.link(tenant)
    with time_machine.travel(FRIDAY + timedelta(minutes=11), tick=False):
        clock(north.reseller)
    assert mail.outbox == []
    assert [row.state for row in deliveries(north.reseller)] == ["dropped"]


def test_quiet_hours_hold_a_mail_until_their_end(north: Scene) -> None:
    wish(north.operator, quiet_from=time(22), quiet_until=time(7))
    late = datetime(2026, 11, 20, 20, 55, tzinfo=UTC)  # 21:55; ten minutes later it is quiet
    with time_machine.travel(late, tick=False):
        costly(north)
        reconcile(north.reseller)
        clock(north.reseller)
    (row,) = deliveries(north.reseller)
    assert (row.state, row.due_at) == ("held", datetime(2026, 11, 21, 6, 0, tzinfo=UTC))
    with time_machine.travel(row.due_at - timedelta(seconds=1), tick=False):
        clock(north.reseller)
    assert mail.outbox == []
    with time_machine.travel(row.due_at, tick=False):
        clock(north.reseller)
    assert len(mail.outbox) == 1


def test_topics_can_be_muted_one_by_one(north: Scene) -> None:
    wish(north.operator, muted=("alert.unlinked_tenant",))
    costly(north)
    make_connection(north.reseller, name="Failing", state="failing")
    reconcile(north.reseller)
    with time_machine.travel(FRIDAY + timedelta(minutes=11), tick=False):
        clock(north.reseller)
    with time_machine.travel(FRIDAY + timedelta(minutes=22), tick=False):
        clock(north.reseller)
    assert [message.subject for message in mail.outbox] == ["1 connection in trouble"]


def test_who_has_left_gets_no_mail(north: Scene) -> None:
    leaver = north.person(Role.OPERATOR)
    costly(north)
    reconcile(north.reseller)
    clock(north.reseller)
    system = system_actor(north.reseller.pk, "tests")
    with acting(system):
        remove_member(leaver.membership, actor=system)
    with time_machine.travel(FRIDAY + timedelta(minutes=11), tick=False):
        clock(north.reseller)
    assert [message.to for message in mail.outbox] == [[north.operator.user.email]]
    assert sorted(row.state for row in deliveries(north.reseller)) == ["dropped", "sent"]


def test_a_mail_server_that_is_away_is_tried_again_and_people_can_ask_for_it(
    north: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ConnectionRefusedError

    costly(north)
    reconcile(north.reseller)
    clock(north.reseller)
    with time_machine.travel(FRIDAY + timedelta(seconds=1), tick=False):
        admin = north.person(Role.ADMIN)
    send_messages = "django.core.mail.backends.locmem.EmailBackend.send_messages"
    with monkeypatch.context() as patch:
        patch.setattr(send_messages, fail)
        with time_machine.travel(FRIDAY + timedelta(minutes=11), tick=False):
            clock(north.reseller)
            (row,) = deliveries(north.reseller)
            assert (row.state, row.attempts) == ("waiting", 1)
            assert "ConnectionRefusedError" in row.last_error
            for _ in range(4):
                send(north.reseller)
    (row,) = deliveries(north.reseller)
    assert (row.state, row.attempts) == ("failed", 5)
    with acting(admin.actor):
        retry_delivery(row, actor=admin.actor)
    send(north.reseller)
    (row,) = deliveries(north.reseller)
    assert (row.state, len(mail.outbox)) == ("sent", 1)
    with acting(admin.actor), pytest.raises(Conflict):
        retry_delivery(row, actor=admin.actor)


def test_nothing_of_a_stranger_gets_into_the_headers(north: Scene) -> None:
    costly(north, name="Evil\r\nBcc: victim@example.com\r\n\r\n<script>alert(1)</script>")
    reconcile(north.reseller)
    with time_machine.travel(FRIDAY, tick=False):
        clock(north.reseller)
    with time_machine.travel(FRIDAY + timedelta(minutes=11), tick=False):
        clock(north.reseller)
    (sent,) = mail.outbox
    headers = sent.message().as_string().split("\n\n")[0]
    assert "victim" not in headers
    assert "<script>" not in html_of(sent)
