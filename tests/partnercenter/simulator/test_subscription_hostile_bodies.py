"""Whatever a client sends about subscriptions is answered or refused, and never breaks the service.

The service is made once and keeps what was accepted: a body must not be able to leave something
behind that a later request breaks on either.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import Caller, Clock, user_caller
from tests.partnercenter.simulator.sample_subscriptions import make_item, make_legacy, make_seats
from tests.partnercenter.simulator.sample_worlds import make_customer, write_world
from tests.partnercenter.simulator.subscription_calls import LIST, OWNER

BASE = f"/v1/customers/{OWNER}"
TARGETS = [
    ("PATCH", f"{LIST}/seats"),
    ("PATCH", f"{LIST}/old"),
    ("POST", f"{LIST}/seats/transitions"),
    ("POST", f"{LIST}/trial/conversions"),
    ("POST", f"{LIST}/old/upgrades"),
    ("PUT", f"{LIST}/seats/supportcontact"),
    ("PUT", f"{LIST}/overage"),
    ("POST", f"{BASE}/migrations/newcommerce/validate"),
    ("POST", f"{BASE}/migrations/newcommerce/schedules"),
    ("POST", f"{BASE}/transfers"),
    ("POST", "/v1/productupgrades"),
]
READS = (LIST, f"{LIST}/seats/transitions", f"{BASE}/migrations/newcommerce/schedules")
KEYS = (
    "quantity",
    "status",
    "autoRenewEnabled",
    "friendlyName",
    "billingCycle",
    "termDuration",
    "partnerId",
    "attributes",
    "scheduledNextTermInstructions",
    "nextChargeInstructions",
    "product",
    "productId",
    "skuId",
    "customTermEndDate",
    "toCatalogItemId",
    "toSubscriptionId",
    "transitionType",
    "targetOfferId",
    "targetOffer",
    "supportTenantId",
    "supportMpnId",
    "azureEntitlementId",
    "overageEnabled",
    "currentSubscriptionId",
    "targetDate",
    "purchaseFullTerm",
    "lineItems",
    "subscriptionId",
    "sourcePartnerTenantId",
    "customerId",
    "productFamily",
    "id",
)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**40), 2**40),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(["seats", "old", "trial", "P1Y", "P1M", "P0M", "monthly", "Annual", "active"]),
    st.sampled_from(["9999-12-31T23:59:59Z", "2027-01-31T00:00:00Z", "0001-01-01T00:00:00"]),
    st.sampled_from(["CFQ7TTC0LCHC:0002:CFQ7TTC0KBBB", "a:b:c", "::", "transition_only", OWNER]),
)
BODIES = st.recursive(
    VALUES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=6)
    ),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """Return a caller of one simulator that all bodies are sent to."""
    world = write_world(
        tmp_path_factory.mktemp("hostile") / "world",
        customers=[make_customer(1)],
        subscriptions=[
            make_seats(OWNER, "seats"),
            make_legacy(OWNER, "old", offerId="PAID"),
            make_legacy(OWNER, "trial", offerId="TRIAL", isTrial=True),
        ],
        catalog=[
            make_item(),
            make_item("CFQ7TTC0LCHC:0002:CFQ7TTC0KBBB"),
            {"id": "TRIAL", "conversionTargetOffers": ["PAID"]},
            {"id": "PAID", "upgradeTargetOffers": ["BIGGER"]},
        ],
    )
    clock = Clock(datetime(2026, 11, 21, 9, 0, tzinfo=UTC))
    yield user_caller(Simulator(world, clock=clock))


@settings(deadline=None, max_examples=400)
@given(st.sampled_from(TARGETS), st.dictionaries(st.sampled_from(KEYS), BODIES, max_size=8))
def test_any_body_is_answered(
    caller: Caller, target: tuple[str, str], body: dict[str, Any]
) -> None:
    answer = caller.send(*target, body=json.dumps(body).encode())
    assert 200 <= answer.status < 500
    for place in READS:
        assert caller.get(place).status == 200


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(TARGETS), BODIES)
def test_body_that_is_no_object_is_answered(
    caller: Caller, target: tuple[str, str], body: Any
) -> None:
    answer = caller.send(*target, body=json.dumps(body).encode())
    assert 200 <= answer.status < 500
