"""What hangs on a subscription: contact, registration, Azure, overage, legacy offers."""

from typing import Any

import pytest

from tests.partnercenter.simulator.calls import Caller, app_caller, user_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_subscriptions import make_legacy, make_seats
from tests.partnercenter.simulator.sample_worlds import PARTNER
from tests.partnercenter.simulator.subscription_calls import LIST, OWNER, edit, get

TRIAL, PAID, BIGGER = "TRIAL-OFFER", "PAID-OFFER", "BIGGER-OFFER"
CATALOG: list[dict[str, Any]] = [
    {"id": TRIAL, "name": "Trial", "conversionTargetOffers": [PAID]},
    {"id": PAID, "name": "Paid", "upgradeTargetOffers": [BIGGER]},
    {"id": BIGGER, "name": "Bigger"},
]


@pytest.fixture
def caller(make_simulator: MakeSimulator) -> Caller:
    """Return a caller of a world with one subscription of every kind."""
    rows = [
        make_seats(OWNER, "seats"),
        make_legacy(OWNER, "trial", offerId=TRIAL, isTrial=True),
        make_legacy(OWNER, "paid", offerId=PAID),
        make_seats(OWNER, "plan", productType={"id": "Azure"}, billingType="usage"),
        make_seats(
            OWNER,
            "market",
            productType=None,
            offerId="DZH318Z0BXWC:0001:DZH318Z0BMJX",
            status="pending",
        ),
    ]
    return user_caller(make_simulator(subscriptions=rows, catalog=CATALOG))


def test_support_contact_is_the_partner_until_another_is_named(caller: Caller) -> None:
    first = caller.get(f"{LIST}/seats/supportcontact").json()
    assert (first["supportMpnId"], first["name"]) == (PARTNER["mpnId"], PARTNER["companyName"])
    body = {"SupportTenantId": "3b33e682", "SupportMpnId": "4391507", "Name": "Trey Research"}
    written = caller.send("PUT", f"{LIST}/seats/supportcontact", body=body)
    assert written.json() == caller.get(f"{LIST}/seats/supportcontact").json()
    assert written.json()["name"] == "Trey Research"


def test_registration_shows_in_its_status(caller: Caller) -> None:
    target = f"{LIST}/plan/registrationstatus"
    assert caller.get(target).json()["status"] == "NotRegistered"
    answer = caller.post(f"{LIST}/plan/registrations")
    assert (answer.status, answer.headers["location"]) == (202, target.removeprefix("/v1"))
    assert caller.get(target).json()["status"] == "Registered"


def test_azure_plan_ends_only_without_active_azure_subscriptions(caller: Caller) -> None:
    (one,) = caller.get(f"{LIST}/plan/azureEntitlements").json()["items"]
    for status in ("suspended", "deleted"):
        refused = edit(caller, "plan", status=status)
        assert (refused.status, refused.code) == (400, 900115)
    target = f"{LIST}/plan/azureEntitlements/{one['id']}"
    assert caller.send("PATCH", target, body={"status": "cancelled"}).status == 200
    assert edit(caller, "plan", status="deleted").json()["status"] == "deleted"
    assert caller.get(f"{LIST}/seats/azureEntitlements").json()["items"] == []
    assert caller.send("PATCH", f"{target}0", body={"status": "active"}).status == 404


def test_overage_is_written_and_listed(caller: Caller) -> None:
    body = {"azureEntitlementId": "ea1c26b7", "partnerId": "5357563", "overageEnabled": True}
    written = caller.send("PUT", f"{LIST}/overage", body=body).json()
    assert caller.get(f"{LIST}/overage").json()["items"] == [written]
    refused = caller.send("PUT", f"{LIST}/overage", body={"overageEnabled": True})
    assert (refused.status, refused.code) == (400, 800111)


def test_provisioning_status_needs_a_user(make_simulator: MakeSimulator, caller: Caller) -> None:
    status = caller.get(f"{LIST}/seats/provisioningstatus").json()
    assert (status["status"], status["quantity"]) == ("success", 10)
    refused = app_caller(make_simulator()).get(f"{LIST}/seats/provisioningstatus")
    assert (refused.status, refused.code) == (403, 900329)


def test_trial_is_converted_in_place(caller: Caller) -> None:
    (offered,) = caller.get(f"{LIST}/trial/conversions").json()["items"]
    assert offered["targetOfferId"] == PAID
    wrong = caller.post(f"{LIST}/trial/conversions", offered | {"targetOfferId": BIGGER})
    assert (wrong.status, wrong.code) == (400, 800004)
    done = caller.post(f"{LIST}/trial/conversions", offered | {"quantity": 25})
    assert done.json()["subscriptionId"] == "trial"
    paid = get(caller, "trial")
    assert (paid["isTrial"], paid["offerId"], paid["quantity"]) == (False, PAID, 25)
    assert caller.post(f"{LIST}/trial/conversions", offered).code == 800096
    assert caller.get(f"{LIST}/seats/conversions").json()["items"] == []
    assert caller.post(f"{LIST}/seats/conversions", offered).code == 900263


def test_legacy_upgrade_begins_another_subscription(caller: Caller) -> None:
    (way,) = caller.get(f"{LIST}/paid/upgrades").json()["items"]
    assert (way["targetOffer"]["id"], way["isEligible"]) == (BIGGER, True)
    done = caller.post(f"{LIST}/paid/upgrades", way).json()
    assert done["sourceSubscriptionId"] == "paid"
    assert get(caller, "paid")["status"] == "deleted"
    target = get(caller, done["targetSubscriptionId"])
    assert (target["offerId"], target["offerName"], target["quantity"]) == (BIGGER, "Bigger", 5)
    assert caller.post(f"{LIST}/paid/upgrades", way).code == 2001
    refused = caller.get(f"{LIST}/seats/upgrades")
    assert (refused.status, refused.code) == (403, 900263)


def test_marketplace_subscription_is_activated_in_a_sandbox(caller: Caller) -> None:
    assert edit(caller, "market", quantity=11).code == 800081
    assert caller.post(f"{LIST}/market/activate").json()["status"] == "Success"
    assert get(caller, "market")["status"] == "active"
    assert caller.post(f"{LIST}/seats/activate").code == 800042


def test_marketplace_subscription_is_not_activated_in_production(
    make_simulator: MakeSimulator,
) -> None:
    simulator = make_simulator(
        partner={"sandbox": False}, subscriptions=[make_seats(OWNER, "market", status="pending")]
    )
    refused = app_caller(simulator).post(f"{LIST}/market/activate")
    assert (refused.status, refused.code) == (403, 600006)
