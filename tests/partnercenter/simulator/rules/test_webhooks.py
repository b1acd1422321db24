"""Fidelity rules 74 and 75: one registration, and signed deliveries that are tried ten times."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.x509 import load_pem_x509_certificate

from partnercenter.simulator import Simulator
from partnercenter.simulator.certificates import (
    Certificates,
    issue_event_certificate,
    make_authority,
    open_certificates,
)
from tests.partnercenter.simulator.calls import Caller, Clock
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.receivers import (
    RECEIVER,
    REGISTRATION,
    Arrival,
    NotGenuine,
    attach,
    check_certificate,
    check_signature,
    fire,
    register,
)
from tests.partnercenter.simulator.sample_worlds import customer_id

HOST = "localhost:443"
VALIDATIONS = f"{REGISTRATION}/validationEvents"


def test_rule_74_one_registration_and_two_test_events_a_minute(
    app: Caller, simulator: Simulator, clock: Clock
) -> None:
    assert (app.get(REGISTRATION).status, app.get(REGISTRATION).code) == (404, 1000)
    body = {"WebhookUrl": RECEIVER, "WebhookEvents": ["invoice-ready", "no-such-event"]}
    refused = app.post(REGISTRATION, body)
    assert (refused.status, refused.json()["data"]) == (400, ["no-such-event"])
    body["WebhookEvents"] = ["test-created"]
    created = app.post(REGISTRATION, body)
    assert created.status == 200
    assert app.post(REGISTRATION, body).status == 409

    elsewhere = {"webhookURL": f"{RECEIVER}/2", "webhookevents": ["Test_Created", "INVOICE-READY"]}
    replaced = app.send("PUT", REGISTRATION, body=elsewhere)
    assert replaced.json() == {
        "SubscriberId": created.json()["SubscriberId"],
        "WebhookUrl": f"{RECEIVER}/2",
        "WebhookEvents": ["test-created", "invoice-ready"],
    }
    shown = app.get(REGISTRATION).json()
    assert shown == {key: replaced.json()[key] for key in ("WebhookUrl", "WebhookEvents")}

    assert [app.post(VALIDATIONS).status for _ in range(3)] == [200, 200, 429]
    clock.advance(seconds=59)
    late = app.post(VALIDATIONS)
    assert (late.status, set(late.json())) == (429, {"statusCode", "message"})
    clock.advance(seconds=int(late.headers["retry-after"]))
    assert app.post(VALIDATIONS).status == 200
    assert len(simulator.ledger.find(kind="validation_requested")) == 3


def test_rule_75_deliveries_are_signed_and_tried_ten_times(
    simulator: Simulator, clock: Clock
) -> None:
    receiver = attach(simulator, *[500, 0, 302, 404] * 3)
    register(simulator, "invoice-ready")
    fire(simulator, "invoice-ready", invoice="G1")
    waits = []
    assert simulator.courier.deliver_due() == 1
    while due := Caller(simulator).get("/_simulator/deliveries").json()["items"][0]["due"]:
        waits.append(int((datetime.fromisoformat(due) - clock.now).total_seconds()))
        assert simulator.courier.deliver_due() == 0
        clock.advance(seconds=waits[-1])
        assert simulator.courier.deliver_due() == 1
    assert waits == [60 * 2**number for number in range(9)]
    assert len(receiver.arrivals) == 10
    clock.advance(days=30)
    assert simulator.courier.deliver_due() == 0

    (delivery,) = Caller(simulator).get("/_simulator/deliveries").json()["items"]
    assert delivery["state"] == "parked"
    statuses = [attempt["status"] for attempt in delivery["attempts"]]
    assert statuses == [500, None, 302, 404, 500, None, 302, 404, 500, None]
    assert len({arrival.body for arrival in receiver.arrivals}) == 1
    for arrival in receiver.arrivals:
        check_signature(arrival, simulator, allowed_host=HOST)


def genuine(simulator: Simulator) -> Arrival:
    receiver = attach(simulator)
    register(simulator, "invoice-ready")
    fire(simulator, "invoice-ready", invoice="G1")
    simulator.courier.deliver_due()
    (arrival,) = receiver.arrivals
    check_signature(arrival, simulator, allowed_host=HOST)
    return arrival


@pytest.mark.parametrize(
    "name", ["Authorization", "X-MS-Certificate-Url", "X-MS-Signature-Algorithm"]
)
def test_rule_75_a_missing_header_fails_verification(simulator: Simulator, name: str) -> None:
    arrival = genuine(simulator)
    kept = {key: value for key, value in arrival.headers.items() if key != name}
    assert len(kept) == len(arrival.headers) - 1
    with pytest.raises(NotGenuine):
        check_signature(replace(arrival, headers=kept), simulator, allowed_host=HOST)


def test_rule_75_a_changed_byte_or_another_certificate_url_fails_verification(
    simulator: Simulator,
) -> None:
    arrival = genuine(simulator)
    changed = replace(arrival, body=arrival.body.replace(b"G1", b"G2"))
    with pytest.raises(NotGenuine, match="signature"):
        check_signature(changed, simulator, allowed_host=HOST)
    blank = replace(arrival, body=arrival.body + b" ")
    with pytest.raises(NotGenuine, match="signature"):
        check_signature(blank, simulator, allowed_host=HOST)
    with pytest.raises(NotGenuine, match="elsewhere"):
        check_signature(arrival, simulator, allowed_host="certificates.example.test")


def test_rule_75_a_foreign_certificate_fails_verification(simulator: Simulator) -> None:
    own_key, own = make_authority()
    trusted = own.public_bytes(serialization.Encoding.PEM)
    _, good = issue_event_certificate(own_key, own)
    check_certificate(good, trusted)
    _, foreign = issue_event_certificate(*make_authority())
    with pytest.raises(NotGenuine, match="chain"):
        check_certificate(foreign, trusted)
    _, other = issue_event_certificate(own_key, own, organization="Quay Resale")
    with pytest.raises(NotGenuine, match="somebody else"):
        check_certificate(other, trusted)


def test_rule_75_duplicates_and_reordering_occur(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator(switches={"webhook_duplicates": 1, "webhook_reorder": True})
    receiver = attach(simulator)
    register(simulator, "invoice-ready", "subscription-updated")
    fire(simulator, "invoice-ready", invoice="G1")
    fire(simulator, "subscription-updated", customer=customer_id(1), subscription="S1")
    assert simulator.courier.deliver_due() == 4
    assert receiver.names() == ["subscription-updated", "invoice-ready"] * 2
    assert simulator.courier.deliver_due() == 0
    bodies = [arrival.body for arrival in receiver.arrivals]
    assert bodies[:2] == bodies[2:]


def test_rule_75_events_lag_behind_by_the_clock(
    make_simulator: MakeSimulator,
) -> None:
    simulator = make_simulator(switches={"webhook_lag_seconds": 48 * 3600})
    receiver = attach(simulator)
    register(simulator, "invoice-ready")
    fire(simulator, "invoice-ready", invoice="G1")
    assert simulator.courier.deliver_due() == 0
    simulator.advance(timedelta(hours=48))
    assert simulator.courier.deliver_due() == 1
    assert receiver.names() == ["invoice-ready"]


def test_rule_75_the_authority_of_the_server_vouches_for_its_events(
    simulator: Simulator, event_certificates: Certificates
) -> None:
    simulator.use_certificates(event_certificates)
    authority = load_pem_x509_certificate(event_certificates.authority.read_bytes())
    pem = authority.public_bytes(serialization.Encoding.PEM)
    assert simulator.site.event_signer.authority == pem
    genuine(simulator)


@pytest.fixture(scope="module")
def event_certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return open_certificates(tmp_path_factory.mktemp("certificates"))
