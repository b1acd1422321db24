"""Webhook events beyond the numbered rules: what fires them, test events, a real receiver."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import requests

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import Caller, Clock, app_caller, user_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.receivers import (
    RECEIVER,
    REGISTRATION,
    Listener,
    Receiver,
    attach,
    check_signature,
    fire,
    listening,
    register,
    verify,
)
from tests.partnercenter.simulator.sample_worlds import customer_id, make_customer, write_world
from tests.partnercenter.simulator.test_command import running, token_from
from tests.partnercenter.simulator.test_create_customer import create, order

SUBSCRIPTION = "50000000-0000-4000-8000-000000000001"
VALIDATIONS = f"{REGISTRATION}/validationEvents"


def sent(simulator: Simulator, receiver: Receiver) -> list[dict[str, Any]]:
    """Deliver what is due and return the bodies that arrived."""
    simulator.courier.deliver_due()
    return [arrival.json() for arrival in receiver.arrivals]


def all_events(simulator: Simulator) -> list[str]:
    names: list[str] = app_caller(simulator).get(f"{REGISTRATION}/events").json()
    return names


def test_creating_a_customer_is_told_by_nothing(simulator: Simulator, app: Caller) -> None:
    receiver = attach(simulator)
    register(simulator, *all_events(simulator))
    create(app, order())
    assert sent(simulator, receiver) == []


@pytest.mark.parametrize("kind", ["subscription_created", "subscription_changed"])
def test_subscription_effects_are_told_with_their_audit_record(
    simulator: Simulator, app: Caller, kind: str
) -> None:
    receiver = attach(simulator)
    register(simulator, "subscription-updated")
    effect = simulator.ledger.record(
        kind, SUBSCRIPTION, customer=customer_id(1), subscription={"id": SUBSCRIPTION}
    )
    (body,) = sent(simulator, receiver)
    path = f"/webhooks/v1/customers/{customer_id(1)}/subscriptions/{SUBSCRIPTION}"
    assert body["ResourceUri"] == f"http://api.partnercenter.microsoft.com{path}"
    assert body["ResourceChangeUtcDate"][:19] == effect.time[:19]
    host, _, record = body["AuditUri"].partition("/v1/auditrecords/")
    assert host == "https://api.partnercenter.microsoft.com"
    assert app.get(f"/v1/auditrecords/{record}").json()["customerId"] == customer_id(1)


def test_a_relationship_ended_or_accepted_is_told(simulator: Simulator, user: Caller) -> None:
    receiver = attach(simulator)
    register(simulator, *all_events(simulator))
    control = Caller(simulator)
    assert control.post("/_simulator/customers/remove", {"id": customer_id(1)}).status == 204
    assert control.post("/_simulator/customers/return", {"id": customer_id(1)}).status == 200
    ended = {"relationshipToPartner": "none"}
    assert user.send("PATCH", f"/v1/customers/{customer_id(2)}", body=ended).status == 200
    bodies = sent(simulator, receiver)
    assert [body["EventName"] for body in bodies] == [
        "granular-admin-relationship-terminated",
        "reseller-relationship-accepted-by-customer",
        "granular-admin-relationship-terminated",
    ]
    assert bodies[1]["ResourceUri"].endswith(f"/v1/customers/{customer_id(1)}")
    record = bodies[1]["AuditUri"].removeprefix("https://api.partnercenter.microsoft.com")
    assert user.get(record).json()["customerId"] == customer_id(1)
    assert len({body["ResourceUri"] for body in bodies}) == 3


def test_the_end_of_a_relationship_without_administration_is_told_by_nothing(
    simulator: Simulator,
) -> None:
    receiver = attach(simulator)
    register(simulator, *all_events(simulator))
    control = Caller(simulator)
    identity = control.post("/_simulator/customers", {"companyName": "Relecloud"}).json()["id"]
    assert control.post("/_simulator/customers/remove", {"id": identity}).status == 204
    names = [body["EventName"] for body in sent(simulator, receiver)]
    assert names == ["reseller-relationship-accepted-by-customer"]


def test_an_invoice_is_told_and_nobody_else_is_asked(simulator: Simulator) -> None:
    receiver = attach(simulator)
    register(simulator, "invoice-ready")
    simulator.ledger.record("invoice_ready", "G000012345")
    fire(simulator, "referral-created", referral="R1")
    (body,) = sent(simulator, receiver)
    assert (body["ResourceUri"][-23:], body["AuditUri"]) == ("/v1/invoices/G000012345", None)


def test_every_event_can_be_fired(simulator: Simulator) -> None:
    receiver = attach(simulator)
    register(simulator, *all_events(simulator))
    ids = ("customer", "subscription", "invoice", "referral", "migration", "assignment")
    for name in all_events(simulator):
        fire(simulator, name, correlation="C", **{one: one.upper() for one in ids})
    bodies = sent(simulator, receiver)
    assert [body["EventName"] for body in bodies] == all_events(simulator)
    assert all("{" not in str(body.get("ResourceUri")) for body in bodies)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"event": "customer-created"}, "event must be one of"),
        ({"event": "invoice-ready"}, "invoice"),
        ({"event": "subscription-updated", "customer": "c"}, "subscription"),
        ({}, "event must be one of"),
    ],
)
def test_an_event_that_cannot_be_formed_is_refused(
    simulator: Simulator, body: dict[str, str], said: str
) -> None:
    answer = Caller(simulator).post("/_simulator/events", body)
    assert answer.status == 400
    assert said in answer.json()["description"]
    assert simulator.ledger.find(kind="event_fired") == []


@pytest.mark.parametrize(
    "change",
    [
        {"WebhookUrl": "http://portal.example.test/events"},
        {"WebhookUrl": "http://[::1/events"},
        {"WebhookUrl": "ftp://portal.example.test"},
        {"WebhookUrl": None},
        {"WebhookEvents": []},
        {"WebhookEvents": "test-created"},
        {"WebhookEvents": [None]},
        {"SignatureTokenToMsSignatureHeader": "yes"},
    ],
)
def test_a_faulty_registration_is_refused(
    app: Caller, simulator: Simulator, change: dict[str, Any]
) -> None:
    body = {"WebhookUrl": RECEIVER, "WebhookEvents": ["test-created"]} | change
    assert (app.post(REGISTRATION, body).status, app.post(REGISTRATION, [body]).status) == (
        400,
        400,
    )
    assert simulator.site.webhooks.registration is None


def test_plain_http_to_another_machine_is_a_matter_of_a_switch(
    make_simulator: MakeSimulator,
) -> None:
    body = {"WebhookUrl": "http://web:8000/events", "WebhookEvents": ["test-created"]}
    simulator = make_simulator(switches={"webhook_plain_http": True})
    assert app_caller(simulator).post(REGISTRATION, body).status == 200


def test_the_flag_moves_the_signature_to_a_header_of_its_own(simulator: Simulator) -> None:
    receiver = attach(simulator)
    answer = register(simulator, "invoice-ready", SignatureTokenToMsSignatureHeader=True)
    assert answer.json()["SignatureTokenToMsSignatureHeader"] is True
    fire(simulator, "invoice-ready", invoice="G1")
    simulator.courier.deliver_due()
    (arrival,) = receiver.arrivals
    assert "Authorization" not in arrival.headers
    check_signature(arrival, simulator, allowed_host="localhost:443")


def test_a_test_event_is_followed_to_its_end(
    app: Caller, simulator: Simulator, clock: Clock
) -> None:
    assert app.post(VALIDATIONS).status == 404
    receiver = attach(simulator, 503)
    register(simulator, "test-created")
    headers = {"MS-CorrelationId": "3ef0202b-9d00-4f75-9cff-15420f7612b3"}
    correlation = app.post(VALIDATIONS, headers=headers).json()["correlationId"]
    assert correlation == headers["MS-CorrelationId"]
    path = f"{VALIDATIONS}/{correlation}"
    assert app.get(path).json()["status"] == "inProgress"
    simulator.courier.deliver_due()
    clock.advance(seconds=60)
    simulator.courier.deliver_due()
    shown = app.get(path).json()
    assert (shown["status"], shown["callbackUrl"]) == ("completed", RECEIVER)
    assert [result["responseCode"] for result in shown["results"]] == ["ServiceUnavailable", "OK"]
    assert receiver.arrivals[0].json()["ResourceUri"].endswith(path)
    second = app.post(VALIDATIONS, headers=headers).json()["correlationId"]
    assert second != correlation
    assert app.get(f"{VALIDATIONS}/unknown").status == 404


def test_a_test_event_must_be_asked_for(app: Caller, simulator: Simulator) -> None:
    register(simulator, "invoice-ready")
    assert app.post(VALIDATIONS).status == 400


def test_deliveries_go_on_after_a_restart_and_end_with_a_reset(
    tmp_path: Path, clock: Clock
) -> None:
    world = write_world(tmp_path / "world", customers=[make_customer(1)])
    first = Simulator(world, clock=clock, state_folder=tmp_path / "state")
    before = attach(first, 500)
    register(first, "invoice-ready")
    fire(first, "invoice-ready", invoice="G1")
    first.courier.deliver_due()
    second = Simulator(world, clock=clock, state_folder=tmp_path / "state")
    after = attach(second)
    assert second.courier.deliver_due() == 0
    clock.advance(seconds=60)
    assert second.courier.deliver_due() == 1
    assert after.arrivals[0].body == before.arrivals[0].body
    second.reset()
    assert second.site.webhooks.deliveries() == []
    assert app_caller(second).get(REGISTRATION).status == 404


def test_webhook_routes_and_the_certificate_keep_strangers_out(simulator: Simulator) -> None:
    stranger = Caller(simulator)
    assert stranger.get(REGISTRATION).status == 401
    name = simulator.site.event_signer.certificate_name
    assert stranger.get(f"/webhooks/certificates/{name}").status == 200
    assert stranger.get("/webhooks/certificates/other.cer").status == 404
    assert stranger.get("/_simulator/deliveries", peer="192.0.2.1").status == 403


def test_the_thread_delivers_over_a_socket_and_again_when_the_clock_is_moved(
    simulator: Simulator,
) -> None:
    control = Caller(simulator)
    simulator.courier.start()
    try:
        with listening() as listener:
            body = {"WebhookUrl": listener.url, "WebhookEvents": ["invoice-ready"]}
            assert user_caller(simulator).post(REGISTRATION, body).status == 200
            fire(simulator, "invoice-ready", invoice="G1")
            while not listener.second.wait(0.05):
                if simulator.ledger.find(kind="webhook_attempted"):
                    control.post("/_simulator/clock", {"minutes": 1})
    finally:
        simulator.courier.stop()
    first, second = listener.arrivals
    assert first.body == second.body
    assert json.loads(second.body)["EventName"] == "invoice-ready"
    check_signature(second, simulator, allowed_host="localhost:443")
    (delivery,) = control.get("/_simulator/deliveries").json()["items"]
    statuses = [attempt["status"] for attempt in delivery["attempts"]]
    assert (delivery["state"], statuses) == ("delivered", [500, 204])


def test_a_receiver_that_is_not_there_is_an_attempt_without_a_status(simulator: Simulator) -> None:
    with Listener() as gone:
        url = gone.url
    body = {"WebhookUrl": url, "WebhookEvents": ["invoice-ready"]}
    assert app_caller(simulator).post(REGISTRATION, body).status == 200
    fire(simulator, "invoice-ready", invoice="G1")
    assert Caller(simulator).post("/_simulator/deliveries").json() == {"attempts": 1}
    (effect,) = simulator.ledger.find(kind="webhook_attempted")
    assert effect.data == {"status": None, "error": "ConnectionError"}


@pytest.mark.processes
def test_the_command_signs_with_a_certificate_its_receivers_can_fetch(tmp_path: Path) -> None:
    folder = tmp_path / "world"
    write_world(folder, customers=[make_customer(1)])
    with listening() as listener, running("--world", str(folder)) as (_, line):
        found = re.search(r"(http://\S+) and (https://localhost:\d+), .*trust (\S+)$", line.strip())
        assert found, line
        plain, secure, authority = found.groups()
        headers = {"Authorization": f"Bearer {token_from(plain)}"}
        body = {"WebhookUrl": listener.url, "WebhookEvents": ["invoice-ready"]}
        answer = requests.post(
            f"{secure}{REGISTRATION}", json=body, headers=headers, verify=authority, timeout=10
        )
        assert answer.status_code == 200, answer.text
        control = f"{plain}/_simulator"
        quick = {"webhook_retry_seconds": 0}
        assert requests.post(f"{control}/switches", json=quick, timeout=10).ok
        event = {"event": "invoice-ready", "invoice": "G1"}
        assert requests.post(f"{control}/events", json=event, timeout=10).status_code == 202
        assert listener.second.wait(60)
        verify(
            listener.arrivals[1],
            fetch=lambda url: requests.get(url, verify=authority, timeout=10).content,
            authority=Path(authority).read_bytes(),
            allowed_host=secure.removeprefix("https://"),
        )
