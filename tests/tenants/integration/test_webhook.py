"""A test event goes round: Microsoft sends it, the portal's own address takes it in."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.test import Client

from portal.core.identity.models import Reseller
from portal.core.jobs.models import Job
from tenants.connections.models import Connection
from tenants.integration import webhook
from tenants.integration.webhook import is_public
from tests.partnercenter.simulator.calls import app_caller
from tests.partnercenter.simulator.receivers import REGISTRATION, Receiver, attach
from tests.tenants.integration.accounts import Account, age, ask, seen, steps, work, work_once
from tests.tenants.simulated import CLOUD


@pytest.fixture
def receiver(account: Account, tmp_path: Path, settings: Any) -> Receiver:
    """Let events of the account be trusted here, and wait to be taken by the portal."""
    roots = tmp_path / "authority.pem"
    roots.write_bytes(account.simulator.site.event_signer.authority)
    settings.PARTNERCENTER_CLOUDS = {
        **settings.PARTNERCENTER_CLOUDS,
        "simulator": {**CLOUD, "CA_BUNDLE": str(roots)},
    }
    settings.BASE_URL = "https://portal.example.test"
    cache.clear()
    return attach(account.simulator)


@pytest.fixture
def connection(account: Account, reseller: Reseller) -> Connection:
    return account.connect(reseller)


def deliver(account: Account, receiver: Receiver) -> int:
    """Let the newest event arrive at the portal; return what it answered."""
    account.simulator.courier.deliver_due()
    arrival = receiver.arrivals[-1]
    headers = dict(arrival.headers)
    kind = headers.pop("Content-Type")
    answer = Client().post(
        urlsplit(arrival.url).path, data=arrival.body, content_type=kind, headers=headers
    )
    return answer.status_code


def test_event_goes_round_and_the_registration_stays(
    account: Account, receiver: Receiver, connection: Connection
) -> None:
    test = work_once(ask(connection))
    assert test.job.state == Job.State.WAITING
    assert deliver(account, receiver) == 202
    test = work(test)
    row = steps(test)["webhook"]
    assert row.state == "passed", row.reason
    assert seen(row)["Registered"] == "by this test"
    registered = app_caller(account.simulator).get(REGISTRATION).json()
    assert registered["WebhookUrl"].startswith("https://portal.example.test/")
    account.simulator.advance(timedelta(minutes=2))
    test = work_once(ask(connection))
    assert deliver(account, receiver) == 202
    again = steps(work(test))["webhook"]
    assert (again.state, seen(again)["Registered"]) == ("passed", "before")
    assert seen(again)["Test event"] != seen(row)["Test event"]


def test_event_that_never_comes_is_a_failure_with_what_microsoft_met(
    account: Account, receiver: Receiver, connection: Connection
) -> None:
    receiver.statuses = [503]
    test = work_once(ask(connection))
    account.simulator.courier.deliver_due()
    age(test, "webhook", webhook.LONGEST_WAIT)
    row = steps(work(test))["webhook"]
    assert (row.state, row.code) == ("failed", "event_not_received")
    assert seen(row)["Microsoft's tries"] == 1
    assert "ServiceUnavailable" in seen(row)["Answers it got"]
    assert "firewall" in row.advice


def test_registration_of_another_program_is_not_taken(
    account: Account, receiver: Receiver, connection: Connection
) -> None:
    other = {"WebhookUrl": "https://other.example.test/in", "WebhookEvents": ["test-created"]}
    app_caller(account.simulator).post(REGISTRATION, other)
    rows = steps(work(ask(connection)))
    assert (rows["webhook"].state, rows["webhook"].code) == ("failed", "registered_elsewhere")
    assert "other.example.test" in rows["webhook"].reason
    assert (
        app_caller(account.simulator).get(REGISTRATION).json()["WebhookUrl"]
        == (other["WebhookUrl"])
    )
    assert rows["totals"].state == "passed"


def test_without_a_public_address_it_is_skipped_with_that_reason(
    account: Account, connection: Connection
) -> None:
    row = steps(work(ask(connection)))["webhook"]
    assert row.state == "skipped"
    assert "no public address" in row.reason
    assert "PORTAL_BASE_URL" in row.advice
    assert not [call for call in account.calls if "/webhooks/" in call]


PUBLIC = {"https://portal.example.com": True, "https://portal.example.com:8443/": True}
PRIVATE = dict.fromkeys(
    (
        "http://portal.example.com",
        "https://localhost",
        "https://portal",
        "https://127.0.0.1:8000",
        "https://10.0.0.7",
        "https://[::1]",
        "https://portal.local",
        "https://[broken",
        "",
    ),
    False,
)


@pytest.mark.parametrize(
    ("address", "public"),
    (PUBLIC | PRIVATE).items(),
    ids=[f"address {number}" for number in range(len(PUBLIC | PRIVATE))],
)
def test_what_microsoft_could_reach(address: str, public: bool) -> None:
    assert is_public(address) is public
