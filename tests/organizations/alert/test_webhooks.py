"""The same is told to programs: signed, once, and again when they lost it."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

import pytest
import time_machine

from organizations.alert.letters import TOPICS
from portal.core.access import Role, acting
from portal.core.errors import Conflict, InvalidInput
from portal.notify.operations import retry_delivery
from portal.notify.webhooks import change_webhook, create_webhook, rotate_secret
from tests.notify.test_outgoing import Receiver, receiver
from tests.organizations.alert.conftest import reconcile
from tests.organizations.alert.telling import (
    FRIDAY,
    clock,
    costly,
    deliveries,
    send,
    wish,
)
from tests.organizations.linking.scene import Scene

pytestmark = pytest.mark.django_db(transaction=True)
Figure = Callable[[str, object], None]
assert receiver


@pytest.fixture(autouse=True)
def _friday() -> Any:
    """Begin before the weekend, so that everybody is a member when Monday comes."""
    with time_machine.travel(FRIDAY, tick=False) as clock:
        yield clock


def test_the_same_is_told_to_a_webhook_signed_and_once(
    north: Scene, receiver: Receiver, record_property: Figure
) -> None:
    admin = north.person(Role.ADMIN)
    with acting(admin.actor):
        webhook, old = create_webhook(
            actor=admin.actor, url=receiver.url, events=[topic.name for topic in TOPICS]
        )
    costly(north, name="Costly")
    reconcile(north.reseller)
    clock(north.reseller)
    with acting(admin.actor):
        _, new = rotate_secret(webhook, actor=admin.actor)
    with time_machine.travel(FRIDAY + timedelta(minutes=11), tick=False):
        clock(north.reseller)
        clock(north.reseller)
    ((headers, said, body),) = receiver.told
    assert said["event"] == headers["Tenantry-Event"] == "alert.unlinked_tenant"
    assert said["data"]["count"] == 1
    assert said["data"]["billed"] == [{"currency": "EUR", "amount": "412.100000"}]
    assert [one["label"] for one in said["data"]["conditions"]] == ["Costly"]
    parts = headers["Tenantry-Signature"].split(",")
    stamp = parts[0].removeprefix("t=")
    made = {
        "v1=" + hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        for secret in (old, new)
    }
    assert set(parts[1:]) == made, "both secrets are valid while one is being changed"
    record_property("figure", "E12: 0 gaps, 2 of 2 valid secrets sign during a rotation")
    with time_machine.travel(FRIDAY + timedelta(days=2), tick=False):
        costly(north, name="Later")
        reconcile(north.reseller)
        clock(north.reseller)
    with time_machine.travel(FRIDAY + timedelta(days=2, minutes=11), tick=False):
        clock(north.reseller)
    assert receiver.told[-1][0]["Tenantry-Signature"].count("v1=") == 1


def test_a_webhook_that_fails_is_tried_again_and_one_that_refuses_is_not(
    north: Scene, receiver: Receiver
) -> None:
    admin = north.person(Role.ADMIN)
    with acting(admin.actor):
        webhook, _ = create_webhook(
            actor=admin.actor, url=receiver.url, events=["alert.unlinked_tenant"]
        )
    receiver.answers = [503, 302]
    costly(north)
    reconcile(north.reseller)
    clock(north.reseller)
    with time_machine.travel(FRIDAY + timedelta(minutes=11), tick=False):
        clock(north.reseller)
        (row,) = [row for row in deliveries(north.reseller) if row.channel == "webhook"]
        assert (row.state, row.last_error) == ("waiting", "The webhook answered 503.")
        send(north.reseller)
        (row,) = [row for row in deliveries(north.reseller) if row.channel == "webhook"]
        assert row.state == "failed" and "302" in row.last_error
        with acting(admin.actor):
            retry_delivery(row, actor=admin.actor)
        send(north.reseller)
        (row,) = [row for row in deliveries(north.reseller) if row.channel == "webhook"]
        assert row.state == "sent"
        with acting(admin.actor):
            retry_delivery(row, actor=admin.actor)  # it got lost over there
        send(north.reseller)
    ids = {headers["Tenantry-Delivery"] for headers, _, _ in receiver.told}
    assert (len(receiver.told), ids) == (4, {str(row.pk)})
    with acting(admin.actor):
        change_webhook(webhook, actor=admin.actor, state="paused")
    with time_machine.travel(FRIDAY + timedelta(days=1), tick=False):
        costly(north, name="While paused")
        reconcile(north.reseller)
        clock(north.reseller)
    assert len([row for row in deliveries(north.reseller) if row.channel == "webhook"]) == 1


def test_a_webhook_hears_only_of_what_there_is(north: Scene) -> None:
    admin = north.person(Role.ADMIN)
    with acting(admin.actor):
        for events in ([], ["alert.invented"]):
            with pytest.raises(InvalidInput):
                create_webhook(actor=admin.actor, url="https://example.com/", events=events)
        create_webhook(actor=admin.actor, url="https://example.com/", events=["alert.digest"])
        with pytest.raises(Conflict):
            create_webhook(actor=admin.actor, url="https://example.com/", events=["alert.digest"])


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"digest_day": 7}, "digest_day"),
        ({"digest_hour": 24}, "digest_hour"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"muted": ("invented",)}, "muted"),
        ({"quiet_from": time(22)}, "quiet_until"),
        ({"quiet_from": time(7), "quiet_until": time(7)}, "quiet_until"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(
    north: Scene, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        wish(north.operator, **values)
    assert set(refused.value.fields) == {field}
