"""Carts: lines that cannot be bought, checkouts that buy a part, and buying only once."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from partnercenter import errors
from partnercenter.schemas.carts import NewCartLine
from tests.partnercenter.fake_service import GUIDS, REQUEST_ID, FakeService, Reply, replying
from tests.partnercenter.schemas.commerce_examples import (
    CART,
    CART_BODY,
    CART_LINE,
    CHECKOUT,
    CUSTOMER,
    ITEM,
    ORDER,
)

LINE = NewCartLine(catalog_item_id=ITEM, quantity=1, billing_cycle="monthly", term_duration="P1Y")


def _checkout(service: FakeService) -> Any:
    return service.client().carts.checkout(CUSTOMER, CART, request_id=REQUEST_ID)


def test_cart_with_a_bad_line_is_a_cart_that_says_so() -> None:
    service = FakeService(replying(Reply(201, body=CART_BODY)))
    cart = service.client().carts.create(CUSTOMER, [LINE, LINE], request_id=REQUEST_ID)
    good, bad = cart.lines
    assert cart.bad_lines == (bad,)
    assert bad.error is not None
    assert (bad.error.code, bad.error.description) == ("10001", "Not's in the catalogue")
    assert (bad.pricing, good.error) == (None, None)
    assert good.pricing is not None
    assert (good.pricing.extended, good.pricing.currency) == (Decimal("337.44"), "USD")
    assert (good.billing_cycle, cart.status) == ("monthly", "active")
    assert cart.expires == datetime(2026, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize("error", ["refused", {"unexpected": 1}, [1], 7, True])
def test_line_with_anything_where_its_error_stands_is_bad(error: object) -> None:
    body = {**CART_BODY, "lineItems": [{**CART_LINE, "error": error}]}
    service = FakeService(replying(Reply(body=body)))
    assert len(service.client().carts.get(CUSTOMER, CART).bad_lines) == 1


def test_line_is_sent_with_what_is_set_and_nothing_else() -> None:
    service = FakeService(replying(Reply(201, body={**CART_BODY, "lineItems": [CART_LINE]})))
    full = NewCartLine(
        catalog_item_id=ITEM,
        quantity=3,
        billing_cycle="annual",
        term_duration="P1Y",
        promotion_id="P:1:2",
        custom_term_end=date(2026, 3, 31),
        renews_to="P3Y",
        partner_id="4847383",
        context={"scope": "shared"},
        attestation_accepted=True,
    )
    carts = service.client().carts
    carts.create(CUSTOMER, [full], request_id=REQUEST_ID, partner_on_record_attested=True)
    carts.create(CUSTOMER, [LINE], request_id=REQUEST_ID)
    first, second = (json.loads(asked.body) for asked in service.calls)
    assert first == {
        "partnerOnRecordAttestationAccepted": True,
        "lineItems": [
            {
                "id": 0,
                "catalogItemId": ITEM,
                "quantity": 3,
                "billingCycle": "annual",
                "termDuration": "P1Y",
                "promotionId": "P:1:2",
                "customTermEndDate": "2026-03-31",
                "renewsTo": [{"termDuration": "P3Y"}],
                "participants": [{"key": "transaction_reseller", "value": "4847383"}],
                "provisioningContext": {"scope": "shared"},
                "attestationAccepted": True,
            }
        ],
    }
    assert second["lineItems"][0].keys() == {
        "id",
        "catalogItemId",
        "quantity",
        "billingCycle",
        "termDuration",
    }


@pytest.mark.parametrize("lines", [[], [{**CART_LINE, "catalogItemId": "A:1:B"}], [CART_LINE] * 2])
def test_cart_that_holds_something_else_is_not_used(lines: list[Any]) -> None:
    body = {**CART_BODY, "lineItems": [{**line, "id": at} for at, line in enumerate(lines)]}
    service = FakeService(replying(Reply(201, body=body)))
    with pytest.raises(errors.MixedUpAnswer) as caught:
        service.client().carts.create(CUSTOMER, [LINE], request_id=REQUEST_ID)
    assert caught.value.outcome_unknown
    assert len(service.calls) == 1


@pytest.mark.parametrize("status", [200, 201])
def test_update_replaces_the_lines_whatever_good_status_answers(status: int) -> None:
    service = FakeService(replying(Reply(status, body={**CART_BODY, "lineItems": [CART_LINE]})))
    cart = service.client().carts.update(CUSTOMER, CART, [LINE], request_id=REQUEST_ID)
    assert cart.id == CART
    (asked,) = service.calls
    assert (asked.method, json.loads(asked.body)["id"]) == ("PUT", CART)


def test_another_cart_is_not_used() -> None:
    service = FakeService(replying(Reply(body={**CART_BODY, "id": GUIDS[20]})))
    with pytest.raises(errors.MixedUpAnswer):
        service.client().carts.get(CUSTOMER, CART)


@pytest.mark.parametrize(
    "change", [{"quantity": None}, {"currencyCode": ""}, {"pricing": {"price": "x"}}, {"id": None}]
)
def test_line_that_hides_what_is_bought_is_refused(change: dict[str, Any]) -> None:
    service = FakeService(
        replying(Reply(body={**CART_BODY, "lineItems": [{**CART_LINE, **change}]}))
    )
    with pytest.raises(errors.MalformedAnswer):
        service.client().carts.get(CUSTOMER, CART)


def test_cart_without_lines_is_never_sent() -> None:
    service = FakeService(replying(Reply()))
    with pytest.raises(errors.InvalidRequest):
        service.client().carts.create(CUSTOMER, [], request_id=REQUEST_ID)
    assert not service.calls


def test_checkout_returns_what_was_bought_and_what_was_not() -> None:
    service = FakeService(replying(Reply(201, body=CHECKOUT)))
    result = _checkout(service)
    assert not result.is_complete
    assert [order.id for order in result.orders] == [ORDER["id"]]
    assert [(error.order_group, error.code) for error in result.errors] == [("1", "800020")]
    assert service.calls[0].body == b""


def test_checkout_is_repeated_as_the_same_until_it_is_answered() -> None:
    service = FakeService(replying(Reply(502), Reply(504), Reply(201, body=CHECKOUT)))
    assert len(_checkout(service).orders) == 1
    assert {asked.headers["ms-requestid"] for asked in service.calls} == {REQUEST_ID}
    assert len(service.calls) == 3


def test_creating_a_cart_is_not_repeated() -> None:
    service = FakeService(replying(Reply(502), Reply(201, body=CART_BODY)))
    with pytest.raises(errors.ServiceFailed) as caught:
        service.client().carts.create(CUSTOMER, [LINE], request_id=REQUEST_ID)
    assert caught.value.outcome_unknown
    assert len(service.calls) == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"orders": [], "orderErrors": []},
        {"orders": {}, "orderErrors": [{}]},
        {"orders": [{**ORDER, "lineItems": [{"lineItemNumber": 0}]}]},
        {"orders": [{**ORDER, "currencyCode": None}]},
    ],
)
def test_checkout_that_does_not_say_what_was_bought_is_of_unknown_outcome(body: Any) -> None:
    service = FakeService(replying(Reply(201, body=body)))
    with pytest.raises(errors.MalformedAnswer) as caught:
        _checkout(service)
    assert caught.value.outcome_unknown


def test_order_of_another_customer_is_not_used() -> None:
    other = {**ORDER, "referenceCustomerId": GUIDS[20]}
    service = FakeService(replying(Reply(201, body={"orders": [other]})))
    with pytest.raises(errors.MixedUpAnswer):
        _checkout(service)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(404, body={"code": 800008}), errors.NotFound),
        (Reply(409, body={"code": 800064}), errors.Conflict),
        (Reply(400, body={"code": 800009}), errors.RequestRefused),
        (Reply(403, body={"code": 13605}), errors.RequestRefused),
    ],
)
def test_checkout_that_is_refused_is_not_repeated(
    reply: Reply, kind: type[errors.PartnerCenterError]
) -> None:
    service = FakeService(replying(reply))
    with pytest.raises(kind) as caught:
        _checkout(service)
    assert not caught.value.outcome_unknown
    assert len(service.calls) == 1
