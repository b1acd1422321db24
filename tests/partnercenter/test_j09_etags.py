"""J09: nothing is written over what somebody else changed in between, whatever its tag is."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from partnercenter import errors
from partnercenter.client import AppCredentials, Endpoints, PartnerCenter
from partnercenter.schemas.subscription_changes import SubscriptionChange
from partnercenter.simulator import Simulator
from partnercenter.wsgi_adapter import WSGIAdapter
from tests.partnercenter.fake_service import FakeService, Reply, replying
from tests.partnercenter.simulator.sample_worlds import (
    PARTNER,
    customer_id,
    make_customer,
    write_world,
)

BASE = "http://127.0.0.1:8001"
SUBSCRIPTION = "50000000-0000-4000-8000-000000000001"
REQUEST = "0b6f039c-e4b5-4b9e-bdac-b39077bb60da"
BILLING = make_customer(1)["billingProfile"]
Figure = Callable[[str, object], None]


def _legacy() -> dict[str, Any]:
    uri = f"/customers/{customer_id(1)}/subscriptions/{SUBSCRIPTION}"
    return {
        "id": SUBSCRIPTION,
        "offerId": "91fd106f-4b2c-4938-95ac-f54f74e9a239",
        "offerName": "Mail",
        "friendlyName": "Mail",
        "quantity": 5,
        "unitType": "Licenses",
        "creationDate": "2026-03-01T00:00:00Z",
        "effectiveStartDate": "2026-03-01T00:00:00Z",
        "commitmentEndDate": "2027-02-28T00:00:00Z",
        "status": "active",
        "autoRenewEnabled": True,
        "billingType": "license",
        "billingCycle": "monthly",
        "termDuration": "P1Y",
        "contractType": "subscription",
        "orderId": "8f3c6a1e-0000-4000-8000-000000000001",
        "links": {"self": {"uri": uri, "method": "GET", "headers": []}},
        "attributes": {"objectType": "Subscription", "etag": "eyJpZCI6IjEifQ=="},
    }


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Simulator]:
    world = write_world(tmp_path / "world", customers=[make_customer(1)], subscriptions=[_legacy()])
    yield Simulator(world)


@pytest.fixture
def client(simulator: Simulator) -> PartnerCenter:
    session = requests.Session()
    session.mount("http://", WSGIAdapter(simulator.wsgi))
    return PartnerCenter(
        endpoints=Endpoints(api=BASE, authority=BASE, graph=BASE),
        credentials=AppCredentials(str(PARTNER["tenantId"]), "demo", "demo"),
        session=session,
        sleep=lambda _: None,
    )


def test_j09_the_second_of_two_who_read_the_same_writes_nothing(
    simulator: Simulator, client: PartnerCenter, record_property: Figure
) -> None:
    profile = client.profiles.customer_billing(customer_id(1))
    client.profiles.change_customer_billing(customer_id(1), profile, {"firstName": "First"})
    with pytest.raises(errors.PreconditionFailed):
        client.profiles.change_customer_billing(customer_id(1), profile, {"firstName": "Second"})
    assert client.profiles.customer_billing(customer_id(1)).raw["firstName"] == "First"
    seats = client.subscriptions.get(customer_id(1), SUBSCRIPTION)
    first, second = (SubscriptionChange.quantity(number) for number in (7, 9))
    client.subscriptions.change(customer_id(1), seats, first, request_id=REQUEST)
    with pytest.raises(errors.PreconditionFailed) as refused:
        client.subscriptions.change(
            customer_id(1), seats, second, request_id=REQUEST.replace("0b6f", "1b6f")
        )
    assert (refused.value.code, refused.value.outcome_unknown) == ("2055", False)
    assert client.subscriptions.get(customer_id(1), SUBSCRIPTION).quantity == 7
    kinds = ("billing_profile_written", "subscription_changed")
    written = [len(simulator.ledger.find(kind=kind)) for kind in kinds]
    assert written == [1, 1]
    record_property("figure", f"J09: {sum(written) - 2} of 4 writes over a change in between")


@pytest.mark.parametrize("etag", [None, "", '""', 'a"b'], ids=["absent", "empty", "bare", "odd"])
def test_j09_without_a_usable_tag_nothing_is_sent(etag: str | None) -> None:
    attributes = {} if etag is None else {"etag": etag}
    service = FakeService(replying(Reply(body=BILLING | {"attributes": attributes})))
    client = service.client()
    profile = client.profiles.customer_billing(customer_id(1))
    with pytest.raises(errors.PreconditionFailed):
        client.profiles.change_customer_billing(customer_id(1), profile, {"firstName": "X"})
    assert [call.method for call in service.calls] == ["GET"]


@pytest.mark.parametrize(
    ("etag", "sent"),
    [("-100", '"-100"'), ('"a"', '"a"'), ('W/"datetime 1"', 'W/"datetime 1"')],
    ids=["number", "quoted", "weak"],
)
def test_j09_a_tag_goes_back_as_it_came_in_quotes(etag: str, sent: str) -> None:
    service = FakeService(replying(Reply(body=BILLING | {"attributes": {"etag": etag}})))
    client = service.client()
    profile = client.profiles.customer_billing(customer_id(1))
    client.profiles.change_customer_billing(customer_id(1), profile, {"firstName": "X"})
    assert service.calls[1].headers["if-match"] == sent
