"""Registering for events at Microsoft: once, kept up to date, and at nobody's cost."""

from typing import Any

import pytest
from django.db import transaction

from portal.core.access import Role, acting
from portal.core.errors import Conflict, NotAllowed, NotReady, PortalError
from tenants.notifications.models import WebhookRegistration
from tenants.notifications.queries import (
    newest_events,
    notification_state,
    receiver_url,
    registration_by_key,
)
from tenants.notifications.registering import EVENTS, register_webhook, send_test_event
from tests.factories.core import make_person
from tests.partnercenter.simulator.calls import app_caller
from tests.partnercenter.simulator.receivers import REGISTRATION
from tests.tenants.notifications.line import Line
from tests.tenants.steps import events

pytestmark = pytest.mark.django_db(transaction=True)


def registered_at_microsoft(line: Line) -> dict[str, Any]:
    answer: dict[str, Any] = app_caller(line.partner.simulator).get(REGISTRATION).json()
    return answer


def again(line: Line, **options: Any) -> WebhookRegistration:
    with acting(line.actor):
        return register_webhook(line.connection, actor=line.actor, **options)


def test_microsoft_is_given_an_address_nobody_can_guess(line: Line) -> None:
    told = registered_at_microsoft(line)
    assert told["WebhookUrl"] == receiver_url(line.registration)
    assert set(told["WebhookEvents"]) == set(EVENTS)
    key = told["WebhookUrl"].rstrip("/").rpartition("/")[2]
    assert len(key) == 64
    row = line.registered()
    assert row.state == WebhookRegistration.State.REGISTERED
    assert key not in {str(value) for value in vars(row).values()}
    assert [event.after for event in events(line.reseller.pk, "tenants.webhook_registered")] == [
        {"events": list(EVENTS)}
    ]


def test_registering_again_keeps_the_address(line: Line) -> None:
    before = registered_at_microsoft(line)["WebhookUrl"]
    again(line)
    assert registered_at_microsoft(line)["WebhookUrl"] == before
    with acting(line.actor), transaction.atomic():
        assert WebhookRegistration.objects.count() == 1


def test_another_programs_registration_is_not_taken_away_unasked(line: Line) -> None:
    other = {"WebhookUrl": "https://other.example.test/in", "WebhookEvents": ["test-created"]}
    app_caller(line.partner.simulator).send("PUT", REGISTRATION, body=other)
    with pytest.raises(Conflict) as caught:
        again(line)
    assert (caught.value.code, caught.value.data) == (
        "registered_elsewhere",
        {"host": "other.example.test"},
    )
    row = line.registered()
    assert (row.state, row.failure_code) == ("failing", "registered_elsewhere")
    assert registered_at_microsoft(line)["WebhookUrl"] == other["WebhookUrl"]
    again(line, replace_other=True)
    assert registered_at_microsoft(line)["WebhookUrl"] == receiver_url(line.registration)
    assert line.registered().failure == ""


def test_without_a_public_address_nothing_is_asked(line: Line, settings: Any) -> None:
    settings.BASE_URL = "http://127.0.0.1:8000"
    line.partner.calls.clear()
    with pytest.raises(NotReady) as caught:
        again(line)
    assert caught.value.code == "no_public_address"
    assert line.partner.calls == []


def test_a_failure_of_microsoft_is_written_on_the_registration(line: Line) -> None:
    line.partner.fail({"path": "^/webhooks", "action": "status", "status": 503})
    with pytest.raises(PortalError):
        again(line)
    row = line.registered()
    assert (row.state, row.failure_code) == ("failing", "service_failed")
    assert row.failed_at is not None


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.FINANCE, Role.AUDITOR])
def test_only_administrators_register(line: Line, role: Role) -> None:
    person = make_person(line.reseller, role)
    with acting(person.actor):
        with pytest.raises(NotAllowed):
            register_webhook(line.connection, actor=person.actor)
        with pytest.raises(NotAllowed):
            send_test_event(line.connection, actor=person.actor)


def test_a_test_event_needs_a_registration(line: Line) -> None:
    with acting(line.actor):
        with transaction.atomic():
            WebhookRegistration.objects.update(state=WebhookRegistration.State.NEW)
        with pytest.raises(NotReady):
            send_test_event(line.connection, actor=line.actor)


def test_a_key_leads_to_its_registration_alone(line: Line) -> None:
    key = line.path.rstrip("/").rpartition("/")[2]
    found = registration_by_key(key)
    assert found is not None
    assert found.pk == line.registration.pk
    assert registration_by_key(key[:-1]) is None
    assert registration_by_key("") is None


def test_how_a_connection_is_told_of_changes_is_one_question(line: Line) -> None:
    line.fire("invoice-ready", invoice="G000000001")
    line.deliver(line.receiver.arrivals[-1])
    with acting(line.actor), transaction.atomic():
        state = notification_state(line.connection, actor=line.actor)
        (event,) = newest_events(line.actor, connection=line.connection)
    assert state.registration is not None
    assert state.registration.last_event_at is not None
    assert state.audit_read_at is None
    assert (event.name, event.subject_id) == ("invoice-ready", "g000000001")
