"""Agreements and what a purchase needs: fidelity rules 31 to 33."""

from pathlib import Path
from typing import Any

import pytest

from partnercenter.simulator import Simulator
from partnercenter.simulator.customer_gate import refuse_purchase
from partnercenter.simulator.errors import Problem
from partnercenter.simulator.site import Call
from tests.partnercenter.simulator.calls import Caller, Clock, user_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_worlds import customer_id, make_customer

CLOUD = "MicrosoftCloudAgreement"
CUSTOMER = "MicrosoftCustomerAgreement"
AGREEMENTS = f"/v1/customers/{customer_id(1)}/agreements"
STATUS = f"/v1/customers/{customer_id(1)}/validationStatus?type=account"
CONTACT = {
    "firstName": "Ada",
    "lastName": "Quay",
    "email": "ada@sample1.example",
    "phoneNumber": "4255550101",
}


def template_of(caller: Caller, kind: str) -> str:
    body = caller.get(f"/v1/agreements?agreementType={kind}").json()
    return str(body["items"][0]["templateId"])


def attestation(caller: Caller, **changes: Any) -> dict[str, Any]:
    return {
        "primaryContact": CONTACT,
        "templateId": template_of(caller, CUSTOMER),
        "dateAgreed": "2026-11-20T00:00:00.000Z",
        "type": CUSTOMER,
    } | changes


def purchase(simulator: Simulator) -> tuple[int, int]:
    """Return status and code a purchase for the first customer is refused with; 0, 0 if not."""
    customer = simulator.site.customers.get(customer_id(1))
    assert customer is not None
    try:
        refuse_purchase(Call(simulator.site, None, {}), customer)  # type: ignore[arg-type]
    except Problem as problem:
        return problem.status, problem.code
    return 0, 0


def test_rule_31_agreements_are_attested_once_per_contact(
    simulator: Simulator, user: Caller
) -> None:
    kinds = [item["agreementType"] for item in user.get("/v1/agreements").json()["items"]]
    assert kinds == [CLOUD]
    body = attestation(user)
    answer = user.post(AGREEMENTS, body)
    assert answer.status == 201
    token_user = answer.json()["userId"]
    assert answer.json() == {"userId": token_user} | body
    again = user.post(AGREEMENTS, body)
    assert (again.status, again.code) == (400, 600061)
    assert again.json()["errorName"] == "PartnerConfirmedAgreementAlreadyExists"
    assert again.json()["errorMessageExtended"] == "InternalErrorCode=600061"
    moved = user.post(AGREEMENTS, attestation(user, primaryContact=CONTACT | {"lastName": "Pier"}))
    assert moved.status == 201
    assert len(simulator.ledger.find(kind="agreement_attested")) == 2


def test_purchase_without_the_customer_agreement_is_403_13605(
    make_simulator: MakeSimulator,
) -> None:
    simulator = make_simulator(customers=[make_customer(1, agreementAccepted=False)])
    user = user_caller(simulator)
    assert purchase(simulator) == (403, 13605)
    old = attestation(user, templateId=template_of(user, CLOUD), type=CLOUD)
    assert user.post(AGREEMENTS, old).status == 201
    assert purchase(simulator) == (403, 13605)
    assert user.post(AGREEMENTS, attestation(user)).status == 201
    assert purchase(simulator) == (0, 0)


def test_account_status_blocks_purchases_and_its_absence_does_not(
    simulator: Simulator, user: Caller
) -> None:
    absent = user.get(STATUS)
    assert (absent.status, absent.code) == (404, 600074)
    assert absent.json()["errorName"] == "AccountStatusNotFound"
    assert purchase(simulator) == (0, 0)
    expected = {
        "UnderReview": (403, 800073),
        "NotAllowed": (403, 800074),
        "Unknown": (403, 800075),
        "Allowed": (0, 0),
        "Not Ready": (0, 0),
    }
    for status, refusal in expected.items():
        simulator.ledger.record("account_status_set", customer_id(1), status=status)
        shown = user.get(STATUS).json()
        assert (shown["type"], shown["status"]) == ("account", status)
        assert purchase(simulator) == refusal


def test_signature_of_the_customer_itself_is_enough(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator(customers=[make_customer(1, agreementAccepted=False)])
    user = user_caller(simulator)
    target = f"/v1/customers/{customer_id(1)}/directSignedMicrosoftCustomerAgreementStatus"
    assert user.get(target).json() == {"isSigned": False}
    simulator.ledger.record("agreement_signed_directly", customer_id(1))
    assert user.get(target).json() == {"isSigned": True}
    assert purchase(simulator) == (0, 0)


def test_new_customer_has_accepted_nothing_and_one_of_the_world_has(user: Caller) -> None:
    body = {
        "companyProfile": {"domain": "newharbour.onmicrosoft.com"},
        "billingProfile": {
            "email": "a@new.example",
            "culture": "en-US",
            "language": "en",
            "companyName": "New Harbour",
            "defaultAddress": {"country": "US", "city": "T", "addressLine1": "2 Dock Street"},
        },
    }
    created = user.post("/v1/customers", body).json()
    assert "agreementAccepted" not in created
    for customer, count in ((created["id"], 0), (customer_id(1), 1)):
        listed = user.get(f"/v1/customers/{customer}/agreements?agreementType={CUSTOMER}")
        assert listed.json()["totalCount"] == count
        assert "agreementAccepted" not in user.get(f"/v1/customers/{customer}").json()


def test_attestations_are_listed_by_type(user: Caller) -> None:
    user.post(AGREEMENTS, attestation(user))
    listed = user.get(f"{AGREEMENTS}?agreementType=microsoft_customer_agreement").json()["items"]
    assert listed[-1]["primaryContact"] == CONTACT
    assert listed[-1]["dateAgreed"] == "2026-11-20T00:00:00"
    assert user.get(AGREEMENTS).json()["items"] == []
    assert user.get(f"{AGREEMENTS}?agreementType=*").json()["totalCount"] == 2
    assert user.get("/v1/agreements?agreementType=*").json()["totalCount"] > 2
    assert user.get("/v1/agreements?agreementType=Handshake").status == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"templateId": "117a77b0-9360-443b-8795-000000000000"},
        {"type": CLOUD},
        {"type": None},
        {"dateAgreed": "yesterday"},
        {"primaryContact": {"firstName": "Ada"}},
        {"primaryContact": None},
    ],
)
def test_unusable_attestation_is_refused(
    simulator: Simulator, user: Caller, changes: dict[str, Any]
) -> None:
    answer = user.post(AGREEMENTS, attestation(user, **changes))
    assert (answer.status, answer.code) == (400, 800002)
    assert simulator.ledger.find(kind="agreement_attested") == []


def test_repeated_request_id_attests_once(simulator: Simulator, user: Caller) -> None:
    headers = {"MS-RequestId": "6a1c2e52-7d1a-4c6f-9e10-0d5f5e2b7a10"}
    first = user.post(AGREEMENTS, attestation(user), headers=headers)
    again = user.post(AGREEMENTS, attestation(user), headers=headers)
    assert (first.status, first.json()) == (again.status, again.json())
    assert len(simulator.ledger.find(kind="agreement_attested")) == 1


def test_status_of_a_duplicate_can_be_chosen(make_simulator: MakeSimulator) -> None:
    user = user_caller(make_simulator(switches={"duplicate_agreement_status": 409}))
    user.post(AGREEMENTS, attestation(user))
    again = user.post(AGREEMENTS, attestation(user))
    assert (again.status, again.code) == (409, 600061)


def test_document_links_are_good_for_minutes(user: Caller, clock: Clock) -> None:
    template = template_of(user, CUSTOMER)
    body = user.get(f"/v1/agreementtemplates/{template}/document?language=de-DE&country=DE").json()
    assert (body["language"], body["country"]) == ("de-DE", "DE")
    reader = Caller(user.simulator)
    path = body["downloadUri"].partition("://")[2].partition("/")[2]
    answer = reader.get(f"/{path}")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    assert reader.get("/" + path.replace("seal=", "seal=0")).status == 403
    assert user.get("/v1/agreementtemplates/unknown/document").status == 404
    clock.advance(minutes=5)
    assert reader.get(f"/{path}").status == 403


def test_customer_with_a_subscription_was_allowed_when_it_bought_it(
    make_simulator: MakeSimulator,
) -> None:
    links = {"self": {"uri": f"/customers/{customer_id(1)}/subscriptions/s1"}}
    row = {"id": "s1", "creationDate": "2026-02-03T09:31:07.415Z", "links": links}
    user = user_caller(make_simulator(subscriptions=[row]))
    expected = {"status": "Allowed", "lastUpdateDateTime": "2026-02-03T09:31:07"}
    assert user.get(STATUS).json() == {"type": "account"} | expected
    assert user.get(STATUS.replace("=account", "=tenant")).status == 400


def test_acceptance_survives_a_restart_and_goes_with_a_reset(
    simulator: Simulator, clock: Clock, tmp_path: Path
) -> None:
    world, state = simulator.site.world, tmp_path / "state"
    first = Simulator(world, clock=clock, state_folder=state)
    user_caller(first).post(AGREEMENTS, attestation(user_caller(first)))
    first.ledger.record("account_status_set", customer_id(1), status="NotAllowed")
    second = Simulator(world, clock=clock, state_folder=state)
    everything = f"{AGREEMENTS}?agreementType=*"
    assert user_caller(second).get(everything).json()["totalCount"] == 2
    assert purchase(second) == (403, 800074)
    second.reset()
    assert user_caller(second).get(everything).json()["totalCount"] == 1
    assert purchase(second) == (0, 0)
