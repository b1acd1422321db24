"""Qualifications and validation codes: fidelity rule 38."""

import pytest

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import Caller, Clock, user_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_worlds import customer_id, make_customer

QUALIFICATIONS = f"/v1/customers/{customer_id(1)}/qualifications"
SCHOOL = {"Qualification": "education", "EducationSegment": "k12", "Website": "quay.example"}
GOVERNMENT = "GovernmentCommunityCloud"


def test_rule_38_a_qualification_is_reviewed_and_then_approved(
    simulator: Simulator, user: Caller, clock: Clock
) -> None:
    assert user.get(QUALIFICATIONS).json() == []
    without = user.post(QUALIFICATIONS, {"qualification": "Education"})
    assert (without.status, without.code) == (400, 800002)
    answer = user.post(QUALIFICATIONS, SCHOOL)
    assert (answer.status, answer.json()["vettingStatus"]) == (201, "InReview")
    assert answer.json()["vettingCreateDate"] == "2026-11-21T09:00:00Z"
    listed = user.get(QUALIFICATIONS).json()
    assert [row["vettingStatus"] for row in listed] == ["InReview"]
    clock.advance(days=1)
    listed = user_caller(simulator).get(QUALIFICATIONS).json()
    assert listed == [
        {
            "qualification": "Education",
            "vettingStatus": "Approved",
            "vettingCreatedDate": "2026-11-21T09:00:00.000Z",
        }
    ]


def test_organization_that_cannot_be_is_denied_with_a_reason(
    make_simulator: MakeSimulator,
) -> None:
    user = user_caller(make_simulator(switches={"qualification_review_seconds": 0}))
    user.post(QUALIFICATIONS, SCHOOL | {"Website": "school.invalid"})
    (row,) = user.get(QUALIFICATIONS).json()
    assert (row["vettingStatus"], row["vettingReason"]) == ("Denied", "Not an Education Customer")


@pytest.mark.parametrize("name", ["None", "Nonprofit", "Choir", "", None])
def test_other_qualifications_cannot_be_requested(user: Caller, name: str | None) -> None:
    answer = user.post(QUALIFICATIONS, {"qualification": name})
    assert (answer.status, answer.code) == (400, 900126)
    assert user.get(QUALIFICATIONS).json() == []


def test_state_owned_entity_needs_nothing_more(user: Caller) -> None:
    answer = user.post(QUALIFICATIONS, {"qualification": "state_owned_entity"})
    assert (answer.status, answer.json()["qualification"]) == (201, "StateOwnedEntity")


def test_government_cloud_needs_a_code_that_is_not_used_up(make_simulator: MakeSimulator) -> None:
    customers = [make_customer(number) for number in range(1, 8)]
    user = user_caller(make_simulator(customers=customers))
    first = user.get("/v1/customers/all/validations").json()[0]
    assert first["remainingCreates"] == first["maxCreates"]
    assert user.post(QUALIFICATIONS, {"qualification": GOVERNMENT}).status == 400
    body = {"qualification": GOVERNMENT, "validationCode": first["validationId"]}
    for number in range(1, first["maxCreates"] + 1):
        target = f"/v1/customers/{customer_id(number)}/qualifications"
        assert user.post(target, body).status == 201
    assert user.post(f"/v1/customers/{customer_id(7)}/qualifications", body).status == 400
    spent = user.get("/v1/customers/all/validations").json()[0]
    assert spent["remainingCreates"] == 0
    assert spent["eTag"] != first["eTag"]


def test_codes_are_for_partners_in_the_united_states(make_simulator: MakeSimulator) -> None:
    user = user_caller(make_simulator(partner={"country": "NL"}))
    assert user.get("/v1/customers/all/validations").json() == []


def test_qualifications_of_the_world_stand_beside_requested_ones(
    make_simulator: MakeSimulator,
) -> None:
    held = {"qualification": "Nonprofit", "vettingStatus": "Approved"}
    user = user_caller(make_simulator(customers=[make_customer(1, qualifications=[held])]))
    user.post(QUALIFICATIONS, SCHOOL)
    names = [row["qualification"] for row in user.get(QUALIFICATIONS).json()]
    assert names == ["Nonprofit", "Education"]
    assert "qualifications" not in user.get(f"/v1/customers/{customer_id(1)}").json()
