"""What is not Microsoft's is refused, cheaply, and whoever floods us reaches nobody (E04)."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from tests.partnercenter.simulator.receivers import Arrival
from tests.tenants.notifications.line import CERTIFICATES, Line, about, signed
from tests.tenants.simulated import customer_id

pytestmark = pytest.mark.django_db(transaction=True)
Record = Callable[[str, object], None]


def downloads(line: Line) -> int:
    return sum(CERTIFICATES in call for call in line.partner.calls)


def test_an_event_with_the_key_of_another_connection_is_nobodys(line: Line) -> None:
    arrival = signed(line.partner, about(customer_id(1)))
    answer = line.deliver(arrival, path="/webhooks/partner-center/" + "0" * 64 + "/")
    assert answer.status_code == 404
    assert line.events() == []
    assert downloads(line) == 0


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"Authorization": ""}, 401),
        ({"Authorization": "Signature AAAA"}, 401),
        ({"X_MS_Certificate_Url": "https://attacker.example.test/a.cer"}, 401),
        ({"X_MS_Signature_Algorithm": "none"}, 401),
        ({"X_MS_Certificate_Url": ""}, 401),
    ],
    ids=["unsigned", "forged", "elsewhere", "none", "no place"],
)
def test_a_refused_event_leaves_nothing(line: Line, changed: dict[str, str], status: int) -> None:
    arrival = signed(line.partner, about(customer_id(1)))
    assert line.deliver(arrival, **changed).status_code == status
    assert line.events() == []
    assert line.looks() == []


def test_a_body_that_was_changed_is_refused(line: Line) -> None:
    arrival = signed(line.partner, about(customer_id(1)))
    changed = Arrival("", arrival.body.replace(b"customers", b"Customers"), arrival.headers)
    assert line.deliver(changed).status_code == 401
    assert line.deliver(arrival).status_code == 202


def test_signed_nonsense_is_refused(line: Line) -> None:
    for body in (b"", b"null", b"[]", b'{"EventName":""}', b"\xff", b'{"a":1,"a":2}'):
        assert line.deliver(signed(line.partner, body)).status_code == 400
    assert line.events() == []


def test_a_body_beyond_64_kilobytes_is_not_read(line: Line) -> None:
    large = json.dumps(about(customer_id(1), More="x" * 70_000)).encode()
    assert line.deliver(signed(line.partner, large)).status_code == 413


def test_e04_a_flood_downloads_no_certificate(
    line: Line, settings: Any, record_property: Record
) -> None:
    """Unsigned first, then signed by nobody with the certificate's genuine address."""
    settings.LIMIT_WEBHOOK = 0
    genuine = signed(line.partner, about(customer_id(1)))
    line.partner.calls.clear()
    for number in range(500):
        body = json.dumps(about(customer_id(number + 2))).encode()
        answer = line.deliver(Arrival("", body, {"Content-Type": "application/json"}))
        assert answer.status_code == 401
    assert downloads(line) == 0
    for number in range(200):
        body = json.dumps(about(customer_id(number + 2))).encode()
        assert line.deliver(Arrival("", body, genuine.headers)).status_code == 401
    assert downloads(line) == 1
    assert line.events() == []
    assert line.deliver(genuine).status_code == 202
    assert downloads(line) == 1
    record_property("figure", "E04: 700 unsigned or forged events, 1 certificate downloaded")


def test_e04_who_knows_the_key_still_gets_one_download_in_ten_minutes(line: Line) -> None:
    genuine = signed(line.partner, about(customer_id(1)))
    line.partner.calls.clear()
    place = genuine.headers["X-MS-Certificate-Url"]
    for number in range(50):
        answer = line.deliver(genuine, X_MS_Certificate_Url=f"{place}?{number}")
        assert answer.status_code in (202, 208, 503)
    assert downloads(line) == 1


def test_e04_an_address_that_floods_is_refused(line: Line, settings: Any) -> None:
    settings.LIMIT_WEBHOOK = 10
    arrival = signed(line.partner, about(customer_id(1)))
    statuses = [line.deliver(arrival, Authorization="").status_code for _ in range(30)]
    assert statuses == [401] * 10 + [429] * 20
    other = Client(REMOTE_ADDR="192.0.2.7")
    line.browser = other
    assert line.deliver(arrival).status_code == 202


def test_without_its_certificate_an_event_is_asked_for_again(line: Line) -> None:
    arrival = signed(line.partner, about(customer_id(1)))
    line.partner.fail({"path": f"{CERTIFICATES}/*", "action": "status", "status": 500})
    answer = line.deliver(arrival)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "600")
    line.partner.fail()
    assert line.deliver(arrival).status_code == 503
    cache.clear()
    assert line.deliver(arrival).status_code == 202


def test_while_nothing_may_be_changed_events_wait_at_microsoft(line: Line, settings: Any) -> None:
    arrival = signed(line.partner, about(customer_id(1)))
    settings.READ_ONLY = True
    assert line.deliver(arrival).status_code == 503
    settings.READ_ONLY = False
    assert line.events() == []
    assert line.deliver(arrival).status_code == 202


def test_only_posts_are_answered_and_no_session_is_made(line: Line) -> None:
    assert line.browser.get(line.path).status_code == 405
    arrival = signed(line.partner, about(customer_id(1)))
    strict = Client(enforce_csrf_checks=True)
    line.browser = strict
    assert line.deliver(arrival).status_code == 202
    assert not strict.cookies
