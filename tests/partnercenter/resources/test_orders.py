"""Orders: listed, made without a cart, and changed as a whole."""

import json
from decimal import Decimal
from typing import Any

import pytest

from partnercenter import errors
from partnercenter.schemas.orders import NewOrderLine, read_order
from tests.partnercenter.fake_service import (
    GUIDS,
    REQUEST_ID,
    Asked,
    FakeService,
    Reply,
    collection,
    replying,
)
from tests.partnercenter.schemas.commerce_examples import (
    CUSTOMER,
    ETAG,
    ITEM,
    ORDER,
    ORDER_LINE,
    SUBSCRIPTION,
    received,
)

LINE = NewOrderLine(offer_id=ITEM, quantity=1)


def _order(**changes: Any) -> Any:
    return read_order(received({**ORDER, **changes}))


def _sent(asked: Asked) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(asked.body)
    return body


def test_order_is_read_with_its_money() -> None:
    order = _order()
    assert (order.total, order.currency) == (Decimal("28.12"), "USD")
    assert (order.status, order.transaction_type) == ("pending_review", "user_purchase")
    (line,) = order.lines
    assert (line.subscription_id, line.quantity) == (SUBSCRIPTION, 1)
    assert line.pricing is not None
    assert line.pricing.extended == Decimal("337.44")


@pytest.mark.parametrize(
    "changes", [{"currencyCode": ""}, {"totalPrice": "x"}, {"id": ""}, {"lineItems": [{}]}]
)
def test_order_that_hides_its_money_or_identity_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(errors.MalformedAnswer):
        _order(**changes)


def test_orders_are_listed_by_billing_cycle() -> None:
    service = FakeService(replying(collection([ORDER, {**ORDER, "id": "b68736758d9d"}])))
    orders = service.client().orders
    assert [order.id for order in orders.list(CUSTOMER, "annual")] == [
        "a68736758d9c",
        "b68736758d9d",
    ]
    orders.list(CUSTOMER)
    assert [asked.query for asked in service.calls] == [{"billingType": "annual"}, {}]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"items": [ORDER, ORDER]}, errors.PagingError),
        ({"items": [{**ORDER, "referenceCustomerId": GUIDS[30]}]}, errors.MixedUpAnswer),
        ({"orders": [ORDER]}, errors.PagingError),
    ],
)
def test_list_that_cannot_be_right_is_refused(
    body: Any, kind: type[errors.PartnerCenterError]
) -> None:
    service = FakeService(replying(Reply(body=body)))
    with pytest.raises(kind):
        service.client().orders.list(CUSTOMER)


@pytest.mark.parametrize("asked_for", ["a68736758d9c", "A68736758D9C", "Cs_jyTxubLpv"])
def test_order_is_found_by_either_of_its_ids(asked_for: str) -> None:
    body = {**ORDER, "id": "Cs_jyTxubLpv"}
    service = FakeService(replying(Reply(body=body)))
    assert service.client().orders.get(CUSTOMER, asked_for).alternate_id == "a68736758d9c"


def test_another_order_is_not_used() -> None:
    service = FakeService(replying(Reply(body=ORDER)))
    with pytest.raises(errors.MixedUpAnswer):
        service.client().orders.get(CUSTOMER, "ffffffffffff")


def test_new_order_names_no_status() -> None:
    service = FakeService(replying(Reply(201, body=ORDER)))
    service.client().orders.create(
        CUSTOMER, [LINE], billing_cycle="none", currency="EUR", request_id=REQUEST_ID
    )
    assert _sent(service.calls[0]) == {
        "referenceCustomerId": CUSTOMER,
        "billingCycle": "none",
        "currencyCode": "EUR",
        "lineItems": [{"lineItemNumber": 0, "offerId": ITEM, "quantity": 1}],
    }


@pytest.mark.parametrize(
    "lines", [[], [NewOrderLine(offer_id=ITEM, quantity=1, parent_subscription_id=SUBSCRIPTION)]]
)
def test_order_that_would_be_misunderstood_is_not_sent(lines: list[NewOrderLine]) -> None:
    service = FakeService(replying(Reply()))
    with pytest.raises(errors.InvalidRequest):
        service.client().orders.create(
            CUSTOMER, lines, billing_cycle="monthly", request_id=REQUEST_ID
        )
    assert not service.calls


def test_billing_cycle_is_changed_on_the_whole_order_with_its_tag() -> None:
    order = _order(futureField={"kept": 1.5})
    service = FakeService(replying(Reply(body={**ORDER, "billingCycle": "Annual"})))
    changed = service.client().orders.change_billing_cycle(
        CUSTOMER, order, "annual", request_id=REQUEST_ID
    )
    assert changed.billing_cycle == "annual"
    (asked,) = service.calls
    assert (asked.method, asked.headers["if-match"]) == ("PATCH", f'"{ETAG}"')
    assert _sent(asked) == {**ORDER, "billingCycle": "annual", "futureField": {"kept": 1.5}}


def test_cancelled_order_has_lines_of_nothing() -> None:
    service = FakeService(replying(Reply(body={**ORDER, "status": "cancelled"})))
    orders = service.client().orders
    assert orders.cancel(CUSTOMER, _order(), request_id=REQUEST_ID).status == "cancelled"
    sent = _sent(service.calls[0])
    assert sent["status"] == "cancelled"
    assert sent["lineItems"] == [{**ORDER_LINE, "quantity": 0}]


def test_addon_is_one_line_that_names_its_base() -> None:
    service = FakeService(replying(Reply(body=ORDER)))
    orders = service.client().orders
    addon = NewOrderLine(offer_id=ITEM, quantity=2, parent_subscription_id=SUBSCRIPTION)
    orders.add_addon(CUSTOMER, _order(), addon, request_id=REQUEST_ID)
    sent = _sent(service.calls[0])
    assert "status" not in sent
    assert sent["lineItems"] == [
        {
            "lineItemNumber": 0,
            "offerId": ITEM,
            "quantity": 2,
            "parentSubscriptionId": SUBSCRIPTION,
        }
    ]
    with pytest.raises(errors.InvalidRequest):
        orders.add_addon(CUSTOMER, _order(), LINE, request_id=REQUEST_ID)


@pytest.mark.parametrize("bare", [True, False])
def test_provisioning_is_told_line_by_line(bare: bool) -> None:
    rows = [
        {
            "lineItemNumber": 0,
            "status": "PrefulfillmentPending",
            "quantityProvisioningInformation": [{"quantity": 2, "status": "Pending"}],
        }
    ]
    service = FakeService(replying(Reply(body=rows if bare else {"items": rows})))
    (line,) = service.client().orders.provisioning(CUSTOMER, "a68736758d9c")
    assert (line.line_number, line.status) == (0, "prefulfillment_pending")
    assert line.quantities == ((2, "pending"),)
