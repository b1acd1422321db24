"""What keeps a customer from buying, asked at checkout: fidelity rules 32 and 33."""

from typing import Any

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import Answer, Caller, user_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_catalogue import (
    carts_of,
    catalogue,
    check_out,
    line,
    new_cart,
    recorded,
)
from tests.partnercenter.simulator.sample_worlds import customer_id, make_customer

CUSTOMER = f"/v1/customers/{customer_id(1)}"
AGREEMENT = "MicrosoftCustomerAgreement"


def attest(caller: Caller) -> Answer:
    (template,) = caller.get(f"/v1/agreements?agreementType={AGREEMENT}").json()["items"]
    contact = {"firstName": "Ada", "lastName": "Quay", "email": "ada@sample1.example"}
    body: dict[str, Any] = {
        "primaryContact": contact,
        "templateId": template["templateId"],
        "dateAgreed": "2026-11-20T00:00:00Z",
        "type": AGREEMENT,
    }
    return caller.post(f"{CUSTOMER}/agreements", body)


def test_rule_32_checkout_without_the_customer_agreement_is_403_13605_and_changes_nothing(
    make_simulator: MakeSimulator,
) -> None:
    customers = [make_customer(1, agreementAccepted=False)]
    simulator = make_simulator(customers=customers, catalog=catalogue())
    caller = user_caller(simulator)
    cart = new_cart(caller, line())
    refused = check_out(caller, cart)
    assert (refused.status, refused.code) == (403, 13605)
    assert caller.get(f"{carts_of()}/{cart['id']}").json()["status"] == "Active"
    assert recorded(simulator, "subscription_created") == []
    assert attest(caller).status == 201
    assert check_out(caller, cart).status == 201
    assert len(recorded(simulator, "subscription_created")) == 1


def test_rule_33_account_status_blocks_checkout_and_its_absence_does_not(
    make_simulator: MakeSimulator,
) -> None:
    simulator = make_simulator(catalog=catalogue())
    caller = user_caller(simulator)
    absent = caller.get(f"{CUSTOMER}/validationStatus?type=account")
    assert (absent.status, absent.code) == (404, 600074)
    assert check_out(caller, new_cart(caller, line())).status == 201
    expected = {"UnderReview": 800073, "NotAllowed": 800074, "Unknown": 800075}
    for status, code in expected.items():
        set_status(simulator, status)
        cart = new_cart(caller, line())
        refused = check_out(caller, cart)
        assert (refused.status, refused.code) == (403, code)
        assert caller.get(f"{carts_of()}/{cart['id']}").json()["status"] == "Active"
    set_status(simulator, "Allowed")
    assert check_out(caller, cart).status == 201


def set_status(simulator: Simulator, status: str) -> None:
    simulator.ledger.record("account_status_set", customer_id(1), status=status)
