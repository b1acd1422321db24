"""J01 and J02: limits and failures of the service, met by the client over a clock of its own."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from partnercenter import errors
from partnercenter.client import AppCredentials, Endpoints, PartnerCenter
from partnercenter.simulator import Simulator, Switches
from partnercenter.wsgi_adapter import WSGIAdapter
from tests.partnercenter.simulator.calls import Clock
from tests.partnercenter.simulator.sample_worlds import (
    PARTNER,
    customer_id,
    make_customer,
    write_world,
)

BASE = "http://127.0.0.1:8001"
OTHER_PARTNER = "9a1f0000-0000-4000-8000-0000000000bb"
Figure = Callable[[str, object], None]


class Partner:
    """One partner's service and client. Waiting moves its clock; nobody waits in truth."""

    def __init__(self, folder: Path, *, tenant: str = "", **switches: Any) -> None:
        tenant = tenant or str(PARTNER["tenantId"])
        world = write_world(
            folder / tenant, partner={"tenantId": tenant}, customers=[make_customer(1)]
        )
        self.waited: list[float] = []
        self.calls = 0
        self.simulator = Simulator(world, clock=Clock(), switches=Switches().changed(switches))
        session = requests.Session()
        session.mount("http://", WSGIAdapter(self._count))
        self.client = PartnerCenter(
            endpoints=Endpoints(api=BASE, authority=BASE, graph=BASE),
            credentials=AppCredentials(tenant, "demo", "demo"),
            session=session,
            sleep=self._sleep,
        )

    def fail(self, **rule: Any) -> None:
        """Script a fault for calls about customers."""
        self.simulator.faults.add([{"path": "^/v1/customers", **rule}])

    def ask(self) -> str:
        """Ask for the one customer."""
        return self.client.customers.get(customer_id(1)).id

    def _count(self, environ: Any, start_response: Any) -> Any:
        self.calls += environ["PATH_INFO"].startswith("/v1/")
        return self.simulator.wsgi(environ, start_response)

    def _sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.simulator.advance(timedelta(seconds=seconds))


@pytest.fixture
def partner(tmp_path: Path) -> Partner:
    return Partner(tmp_path)


@pytest.mark.parametrize("as_date", [False, True], ids=["seconds", "date"])
def test_j01_what_microsoft_asks_is_waited(partner: Partner, as_date: bool) -> None:
    partner.fail(action="throttle", seconds=20, as_date=as_date, times=2)
    partner.ask()
    assert len(partner.waited) == 2
    assert all(20 - as_date <= wait <= 22 for wait in partner.waited)
    assert partner.calls == 3


def test_j01_without_a_figure_the_wait_grows(partner: Partner) -> None:
    partner.fail(action="status", status=429, times=3)
    partner.ask()
    first, second, third = partner.waited
    assert 0.25 <= first <= 0.5 <= second <= 1 <= third <= 2


def test_j01_for_ever_ends_and_a_day_is_not_waited_for(partner: Partner) -> None:
    partner.fail(action="throttle", seconds=1)
    with pytest.raises(errors.Throttled) as refused:
        partner.ask()
    assert refused.value.transient
    assert partner.calls == 4
    partner.simulator.faults.replace([])
    partner.fail(action="throttle", seconds=86_400)
    calls = partner.calls
    with pytest.raises(errors.Throttled) as refused:
        partner.ask()
    assert refused.value.retry_after == 86_400
    assert refused.value.correlation_id
    assert partner.calls == calls + 1


def test_j01_1200_calls_come_through_500_a_minute_and_disturb_nobody(
    tmp_path: Path, record_property: Figure
) -> None:
    partner = Partner(tmp_path, requests_per_minute=500)
    neighbour = Partner(tmp_path, tenant=OTHER_PARTNER, requests_per_minute=500)
    began = partner.simulator.clock()
    for _ in range(1200):
        assert partner.ask() == customer_id(1)
    took = (partner.simulator.clock() - began).total_seconds()
    for _ in range(500):
        neighbour.ask()
    refused = partner.calls - 1200
    # Two minutes have to pass; each end of one may cost a refusal.
    assert 120 <= took <= 135
    assert refused <= 3
    assert neighbour.waited == []
    record_property(
        "figure", f"J01: 1,200 of 1,200 in {took:.0f} s at 500 a minute, {refused} refused"
    )


@pytest.mark.parametrize(
    "rule",
    [
        *({"action": "status", "status": status} for status in (500, 502, 503, 504)),
        {"action": "html", "status": 502},
        {"action": "drop"},
        {"action": "cut"},
        {"action": "torn"},
    ],
    ids=["500", "502", "503", "504", "page", "drop", "cut", "torn"],
)
def test_j02_reading_is_tried_again_and_writing_is_not(
    partner: Partner, rule: dict[str, Any]
) -> None:
    partner.fail(**rule, times=3)
    assert partner.ask() == customer_id(1)
    assert (partner.calls, len(partner.waited)) == (4, 3)
    assert all(0.25 <= wait <= 2 for wait in partner.waited)
    partner.simulator.faults.replace([])
    partner.fail(**rule, method="PUT")
    partner.calls = 0
    with pytest.raises(errors.PartnerCenterError) as failed:
        partner.client.transport.call(
            "PUT", f"/v1/customers/{customer_id(1)}/profiles/billing", body={}
        )
    assert partner.calls == 1
    assert failed.value.outcome_unknown or failed.value.status == 400


def test_j02_an_idempotent_write_keeps_its_id_over_all_tries(partner: Partner) -> None:
    partner.fail(action="drop_after", method="POST", times=2)
    request_id = str(uuid.uuid4())
    body = {
        "companyProfile": {"domain": "newharbour.onmicrosoft.com"},
        "billingProfile": {
            "email": "accounts@newharbour.example",
            "culture": "en-US",
            "language": "en",
            "companyName": "New Harbour",
            "defaultAddress": {
                "country": "US",
                "state": "WA",
                "city": "Tacoma",
                "addressLine1": "2 Dock Street",
                "postalCode": "98402",
            },
        },
    }
    answer = partner.client.transport.call(
        "POST", "/v1/customers", body=body, request_id=request_id, idempotent=True
    )
    assert answer.status == 201
    [effect] = partner.simulator.ledger.find(kind="customer_created")
    assert effect.request_id == request_id
