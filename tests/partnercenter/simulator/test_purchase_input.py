"""Whatever a client sends to the routes of buying, it gets an answer of the service."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import Caller, Clock, app_caller
from tests.partnercenter.simulator.sample_catalogue import (
    OFFER,
    SEATS,
    carts_of,
    catalogue,
    item_id,
    orders_of,
    promotion,
)
from tests.partnercenter.simulator.sample_worlds import customer_id, make_customer, write_world

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
KNOWN: dict[str, Any] = {
    "id": 0,
    "catalogItemId": item_id(SEATS),
    "offerId": item_id(SEATS),
    "quantity": 1,
    "billingCycle": "monthly",
    "termDuration": "P1M",
    "currencyCode": "USD",
    "friendlyName": "x",
    "customTermEndDate": "2026-11-30",
    "promotionId": "x",
    "renewsTo": [{"termDuration": "P1Y"}],
    "provisioningContext": {},
    "participants": [{"key": "transaction_reseller", "value": "7000002"}],
    "additionalPartnerIdsOnRecord": ["7000002"],
    "partnerIdOnRecord": "7000002",
    "subscriptionId": "x",
    "parentSubscriptionId": "x",
    "lineItemNumber": 0,
}
LINES = st.fixed_dictionaries({}, optional={k: st.just(v) | ANYTHING for k, v in KNOWN.items()})
BODIES = st.fixed_dictionaries(
    {"lineItems": st.lists(LINES | ANYTHING, max_size=3) | ANYTHING},
    optional={
        "billingCycle": st.sampled_from(["monthly", "Annual"]) | ANYTHING,
        "status": st.sampled_from(["cancelled", "none"]) | ANYTHING,
        "attributes": ANYTHING,
        "items": st.lists(LINES | ANYTHING, max_size=2) | ANYTHING,
        "targetItems": st.lists(LINES | ANYTHING, max_size=2) | ANYTHING,
    },
)


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Caller:
    folder: Path = tmp_path_factory.mktemp("world")
    rows = [*catalogue(), promotion()]
    world = write_world(folder, customers=[make_customer(1)], catalog=rows)
    return app_caller(Simulator(world, clock=Clock()))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=BODIES)
def test_no_body_breaks_the_routes_of_buying(caller: Caller, body: dict[str, Any]) -> None:
    legacy = {"lineItems": [{"offerId": OFFER, "quantity": 1}]}
    order = caller.post(orders_of(), legacy)
    assert order.status in (201, 403)
    own = f"{orders_of()}/{order.json().get('id', 'none')}"
    eligibilities = f"/v1/customers/{customer_id(1)}/promotionEligibilities"
    for answer in (
        caller.post(carts_of(), body),
        caller.post(orders_of(), body),
        caller.send("PATCH", own, body=body),
        caller.post(eligibilities, body),
        caller.post("/v1/extensions/product/checkInventory?country=US", body),
    ):
        assert answer.status < 500
        assert isinstance(answer.json(), (dict, list))
    caller.simulator.reset()
