"""What a line of a cart costs, promotions, and first terms that end together with others."""

import pytest

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import Caller, Clock, app_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_catalogue import (
    PROMOTION,
    SEATS,
    YEARLY,
    YEARLY_AT_ONCE,
    catalogue,
    check_out,
    errors_of,
    line,
    new_cart,
    promotion,
)


def test_prices_are_per_period_and_for_the_whole_term(buyer: Caller) -> None:
    cart = new_cart(buyer, line(SEATS, YEARLY, quantity=2), line(SEATS, YEARLY_AT_ONCE))
    monthly, at_once = (one["pricing"] for one in cart["lineItems"])
    assert monthly == {
        "listPrice": 10.0,
        "discountedPrice": 10.0,
        "proratedPrice": 10.0,
        "price": 10.0,
        "extendedPrice": 240.0,
    }
    assert (at_once["price"], at_once["extendedPrice"]) == (120.0, 120.0)


def test_promotions_lower_the_price_asked_for_or_not(make_simulator: MakeSimulator) -> None:
    wish = line(SEATS, YEARLY_AT_ONCE, quantity=10)
    caller = app_caller(make_simulator(catalog=[*catalogue(), promotion()]))
    plain, asked = new_cart(caller, wish, wish | {"promotionId": PROMOTION})["lineItems"]
    assert plain["pricing"]["discountedPrice"] == 120.0
    assert (asked["pricing"]["listPrice"], asked["pricing"]["discountedPrice"]) == (120.0, 60.0)
    assert asked["pricing"]["extendedPrice"] == 600.0
    few = new_cart(caller, wish | {"promotionId": PROMOTION, "quantity": 9})
    assert errors_of(few) == [27006]
    automatic = promotion(properties={"isAutoApplicable": True})
    other = app_caller(make_simulator(catalog=[*catalogue(), automatic]))
    (given,) = new_cart(other, wish)["lineItems"]
    assert (given["promotionId"], given["pricing"]["price"]) == (PROMOTION, 60.0)


@pytest.mark.parametrize(
    ("sku_term", "end", "code"),
    [
        (YEARLY, "2027-11-20", 0),
        (YEARLY, "2027-05-31T00:00:00Z", 0),
        (YEARLY, "2027-05-30", 900242),
        (YEARLY, "2027-12-31", 900242),
        (YEARLY, "2026-11-20", 900242),
        (YEARLY, "soon", 900242),
        (YEARLY, "2026-12-20", 900242),
        (("P1M", "Monthly", ""), "2026-11-30", 0),
        (("P1M", "Monthly", ""), "2026-12-05", 900242),
    ],
)
def test_first_terms_end_where_they_may(
    buyer: Caller, sku_term: tuple[str, str, str], end: str, code: int
) -> None:
    # The customer holds a monthly subscription, with which no term of a year can end.
    assert check_out(buyer, new_cart(buyer, line())).status == 201
    cart = new_cart(buyer, line(SEATS, sku_term, customTermEndDate=end))
    assert errors_of(cart) == [code]


def test_terms_end_with_another_of_the_customer(
    buyer: Caller, clock: Clock, shop: Simulator
) -> None:
    assert check_out(buyer, new_cart(buyer, line(SEATS, YEARLY))).status == 201
    clock.advance(days=100)
    own = app_caller(shop)
    fresh = own.get("/v1/products/CFQ7TTC0LH18/skus/0001/availabilities?country=US").json()
    yearly = next(
        one["catalogItemId"]
        for one in fresh["items"]
        if one["terms"][0]["billingCycle"] == "Annual"
    )
    wish = line(SEATS, YEARLY_AT_ONCE, catalogItemId=yearly, customTermEndDate="2027-11-20")
    (shortened,) = new_cart(own, wish)["lineItems"]
    assert "error" not in shortened
    # 265 of 366 days, as the year holds a 29 February.
    assert shortened["pricing"]["proratedPrice"] == 86.89
    assert errors_of(new_cart(own, wish, number=2)) == [900242]
