"""What a checkout leaves behind: subscriptions (rule 49 at their start) and charges (rule 65)."""

from decimal import Decimal
from typing import Any

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import Caller, Clock, app_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_catalogue import (
    OFFER,
    OFFER_ADDON,
    PLAN,
    PROMOTION,
    SEATS,
    SUITE,
    TRIAL,
    YEARLY,
    YEARLY_AT_ONCE,
    catalogue,
    check_out,
    errors_of,
    item_id,
    line,
    new_cart,
    promotion,
    recorded,
)
from tests.partnercenter.simulator.sample_worlds import customer_id

LEGACY = {"catalogItemId": OFFER, "quantity": 2, "billingCycle": "monthly"}


def test_bought_line_becomes_a_whole_subscription(
    shop: Simulator, buyer: Caller, clock: Clock
) -> None:
    clock.now = clock.now.replace(year=2027, month=1, day=14)
    own = app_caller(shop)
    shop.site.switches = shop.site.switches.changed({"availability_days": 0})
    wish = line(SEATS, YEARLY, quantity=15, friendlyName="Front desk")
    (order,) = check_out(own, new_cart(own, wish)).json()["orders"]
    (data,) = recorded(shop, "subscription_created")
    subscription = data["subscription"]
    assert subscription["id"] == order["lineItems"][0]["subscriptionId"]
    expected = {
        "offerId": item_id(SEATS, YEARLY),
        "offerName": "Basic",
        "friendlyName": "Front desk",
        "quantity": 15,
        "effectiveStartDate": "2027-01-14T09:00:00.000000Z",
        "commitmentEndDate": "2028-01-13T00:00:00Z",
        "commitmentEndDateTime": "2028-01-13T23:59:59Z",
        "cancellationAllowedUntilDate": "2027-01-21T09:00:00.000000Z",
        "status": "active",
        "autoRenewEnabled": True,
        "billingCycle": "monthly",
        "termDuration": "P1Y",
        "orderId": order["id"],
    }
    assert {key: subscription[key] for key in expected} == expected
    assert subscription["refundableQuantity"] == {
        "totalQuantity": 15,
        "details": [{"quantity": 15, "allowedUntilDateTime": "2027-01-21T09:00:00.000000Z"}],
    }
    own_uri = f"/customers/{customer_id(1)}/subscriptions/{subscription['id']}"
    assert subscription["links"]["self"]["uri"] == own_uri


def test_bought_seats_are_charged_for_their_first_period(shop: Simulator, buyer: Caller) -> None:
    wish = line(SEATS, YEARLY, quantity=3)
    (order,) = check_out(buyer, new_cart(buyer, wish)).json()["orders"]
    (effect,) = shop.ledger.find(kind="charged")
    row = effect.data["row"]
    assert effect.subject == order["lineItems"][0]["subscriptionId"] == row["subscriptionId"]
    expected = {
        "chargeType": "new",
        "customerId": customer_id(1),
        "orderId": order["id"],
        "unitPrice": "10.00",
        "effectiveUnitPrice": "10.00",
        "quantity": "3",
        "subtotal": "30.00",
        "currency": "USD",
        "pricingCurrency": "USD",
        "pcToBCExchangeRate": "1",
        "chargeStartDate": "2026-11-21T00:00:00Z",
        "chargeEndDate": "2026-12-20T00:00:00Z",
        "subscriptionEndDate": "2027-11-20T00:00:00Z",
        "billingFrequency": "Monthly",
    }
    assert {key: row[key] for key in expected} == expected
    assert Decimal(row["totalForCustomer"]) == Decimal(row["subtotal"]) + Decimal(row["taxTotal"])
    assert "invoiceNumber" not in row
    assert order["totalPrice"] == 30.0


def test_charges_are_converted_taxed_and_cut_to_cents(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator(catalog=catalogue(), partner={"country": "NL"})
    caller = app_caller(simulator)
    assert check_out(caller, new_cart(caller, line(quantity=7))).status == 201
    (data,) = recorded(simulator, "charged")
    row = data["row"]
    rate = Decimal(row["pcToBCExchangeRate"])
    each = (Decimal("12.00") * rate).quantize(Decimal("0.01"), "ROUND_DOWN")
    assert (row["currency"], row["pricingCurrency"]) == ("EUR", "USD")
    assert rate != 1
    assert Decimal(row["subtotal"]) == each * 7
    tax = (each * 7 * 21 / 100).quantize(Decimal("0.01"), "ROUND_HALF_UP")
    assert Decimal(row["taxTotal"]) == tax
    assert row["pcToBCExchangeRateDate"] == "2026-11-01T00:00:00"


def test_promotion_and_short_first_period_lower_the_charge(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator(catalog=[*catalogue(), promotion()])
    caller = app_caller(simulator)
    wish = line(SEATS, YEARLY_AT_ONCE, quantity=10, promotionId=PROMOTION)
    assert check_out(caller, new_cart(caller, wish)).status == 201
    short = line(customTermEndDate="2026-11-30", quantity=1)
    assert check_out(caller, new_cart(caller, short)).status == 201
    half, part = (data["row"] for data in recorded(simulator, "charged"))
    assert (half["unitPrice"], half["effectiveUnitPrice"]) == ("120.00", "60.000000")
    assert (half["promotionId"], half["subtotal"]) == (PROMOTION, "600.00")
    # Ten of thirty days.
    assert (part["effectiveUnitPrice"], part["subtotal"]) == ("3.999996", "3.99")
    assert part["chargeEndDate"] == "2026-11-30T00:00:00Z"
    subscriptions = [data["subscription"] for data in recorded(simulator, "subscription_created")]
    assert subscriptions[0]["promotionId"] == PROMOTION
    assert subscriptions[1]["commitmentEndDate"] == "2026-11-30T00:00:00Z"


def test_trials_plans_and_legacy_offers_become_their_kind(shop: Simulator, buyer: Caller) -> None:
    trial = line(TRIAL, ("P1M", "None", ""), renewsTo=[{"termDuration": "P1Y"}])
    plan: dict[str, Any] = {"catalogItemId": item_id(PLAN, ("", "OneTime", "")), "quantity": 1}
    cart = new_cart(buyer, trial, plan | {"billingCycle": "one_time"}, LEGACY)
    assert check_out(buyer, cart).status == 201
    # A trial and a plan cost nothing, and a legacy offer is not on this kind of invoice.
    assert recorded(shop, "charged") == []
    found = [data["subscription"] for data in recorded(shop, "subscription_created")]
    trial_one, plan_one, legacy = found
    assert (trial_one["isTrial"], trial_one["renewalTermDuration"]) == (True, "P1Y")
    assert (plan_one["billingType"], plan_one["commitmentEndDate"][:4]) == ("usage", "9999")
    assert legacy["attributes"]["etag"]
    assert (legacy["offerId"], legacy["quantity"], "productType" in legacy) == (OFFER, 2, False)


def test_legacy_addons_are_bought_below_their_base(shop: Simulator, buyer: Caller) -> None:
    addon = {"catalogItemId": OFFER_ADDON, "quantity": 1}
    cart = new_cart(buyer, LEGACY | {"addonItems": [addon]})
    (order,) = check_out(buyer, cart).json()["orders"]
    base, below = order["lineItems"]
    assert (base["offerId"], below["offerId"]) == (OFFER, OFFER_ADDON)
    assert below["parentSubscriptionId"] == base["subscriptionId"]
    subscription = recorded(shop, "subscription_created")[1]["subscription"]
    assert subscription["parentSubscriptionId"] == base["subscriptionId"]
    modern = new_cart(buyer, line(addonItems=[line(SUITE)]))
    assert errors_of(modern) == [10010]
    assert errors_of(new_cart(buyer, LEGACY | {"addonItems": [addon | {"quantity": 0}]})) == [10010]
