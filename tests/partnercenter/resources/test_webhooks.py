"""Webhook registrations, their tests, and events as hints."""

import json
from datetime import UTC, datetime

import pytest
import requests

from partnercenter import errors
from partnercenter.schemas.webhooks import read_webhook_event
from tests.partnercenter.fake_service import GUIDS, Asked, FakeService, Reply, replying

URL = "https://portal.example.test/webhooks/1"
REGISTERED = {"SubscriberId": GUIDS[0], "WebhookUrl": URL, "WebhookEvents": ["test-created"]}


def test_version_comes_second_in_the_address() -> None:
    service = FakeService(replying(Reply(body=["test-created", 7, ""]), Reply(body=REGISTERED)))
    webhooks = service.client().webhooks
    assert webhooks.event_names() == ("test-created",)
    registration = webhooks.registration()
    assert registration is not None
    assert (registration.url, registration.events) == (URL, ("test-created",))
    assert [asked.path for asked in service.calls] == [
        "/webhooks/v1/registration/events",
        "/webhooks/v1/registration",
    ]


def test_no_registration_is_none() -> None:
    assert FakeService(replying(Reply(404))).client().webhooks.registration() is None


@pytest.mark.parametrize(("first", "method"), [(True, "POST"), (False, "PUT")])
def test_registration_is_made_or_replaced(first: bool, method: str) -> None:
    service = FakeService(replying(Reply(body=REGISTERED)))
    webhooks = service.client().webhooks
    write = webhooks.register if first else webhooks.replace
    assert write(URL, ["test-created"], signature_header=True).subscriber_id == GUIDS[0]
    assert service.calls[0].method == method
    assert json.loads(service.calls[0].body) == {
        "WebhookUrl": URL,
        "WebhookEvents": ["test-created"],
        "SignatureTokenToMsSignatureHeader": True,
    }


def test_second_registration_is_a_conflict() -> None:
    service = FakeService(replying(Reply(409)))
    with pytest.raises(errors.Conflict):
        service.client().webhooks.register(URL, ["test-created"])
    assert len(service.calls) == 1


def test_only_replacing_is_repeated_after_silence() -> None:
    def answer(_: Asked) -> Reply:
        raise requests.ReadTimeout("late")

    service = FakeService(answer)
    webhooks = service.client().webhooks
    with pytest.raises(errors.ConnectionTimedOut):
        webhooks.register(URL, ["test-created"])
    assert len(service.calls) == 1
    with pytest.raises(errors.ConnectionTimedOut):
        webhooks.replace(URL, ["test-created"])
    assert len(service.calls) > 2


@pytest.mark.parametrize(
    "url", ["http://x.example/", "x", "", "https://a@x.example/"], ids=range(4)
)
def test_registration_needs_a_safe_address(url: str) -> None:
    service = FakeService(replying(Reply(body=REGISTERED)))
    with pytest.raises(errors.InvalidRequest):
        service.client().webhooks.register(url, ["test-created"])
    with pytest.raises(errors.InvalidRequest):
        service.client().webhooks.register(URL, [])
    assert not service.calls


def test_registration_of_somebody_else_is_not_taken_for_ours() -> None:
    body = {**REGISTERED, "WebhookUrl": "https://other.example/"}
    with pytest.raises(errors.MixedUpAnswer):
        FakeService(replying(Reply(body=body))).client().webhooks.register(URL, ["test-created"])


def test_fate_of_a_test_event_is_looked_up() -> None:
    result = {
        "correlationId": GUIDS[3].upper(),
        "status": "Completed",
        "callbackUrl": URL,
        "results": [{"responseCode": "OK", "systemError": False, "dateTimeUtc": "2026-01-01"}],
    }
    service = FakeService(replying(Reply(body={"correlationId": GUIDS[3]}), Reply(body=result)))
    webhooks = service.client().webhooks
    identity = webhooks.send_test()
    found = webhooks.test_result(identity)
    assert found.status == "completed"
    assert found.tries[0].response_code == "OK"
    assert found.tries[0].tried == datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(errors.MixedUpAnswer):
        webhooks.test_result(GUIDS[4])
    with pytest.raises(errors.MalformedAnswer):
        FakeService(replying(Reply(body={}))).client().webhooks.send_test()


def test_event_may_lack_everything_but_its_name() -> None:
    event = read_webhook_event({"EventName": "something-new", "ResourceUri": None})
    assert (event.name, event.resource_uri, event.changed) == ("something-new", "", None)
    told = read_webhook_event({"eventName": "a", "AuditUrl": "https://x.example/a"})
    assert told.audit_uri == "https://x.example/a"
    with pytest.raises(errors.MalformedAnswer):
        read_webhook_event({"ResourceUri": "x"})
