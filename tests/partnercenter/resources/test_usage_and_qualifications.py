"""Estimates of usage with their currency, budgets, and what customers qualify for."""

import json
from decimal import Decimal
from typing import Any

import pytest

from partnercenter import errors
from tests.partnercenter.fake_service import (
    GUIDS,
    REQUEST_ID,
    FakeService,
    Reply,
    collection,
    replying,
)
from tests.partnercenter.schemas.commerce_examples import COST, CUSTOMER, SUBSCRIPTION


def test_usage_of_a_customer_keeps_every_digit() -> None:
    service = FakeService(replying(Reply(body=COST)))
    cost = service.client().usage.customer(CUSTOMER.upper())
    assert (cost.total, cost.currency) == (Decimal("28.82860766744405"), "GBP")
    assert (cost.budget, cost.percent_used) == (Decimal(97), Decimal("602.84"))


def test_usage_of_somebody_else_is_not_used() -> None:
    service = FakeService(replying(Reply(body={**COST, "resourceId": GUIDS[70]})))
    usage = service.client().usage
    with pytest.raises(errors.MixedUpAnswer):
        usage.customer(CUSTOMER)
    with pytest.raises(errors.MixedUpAnswer):
        usage.subscription(CUSTOMER, SUBSCRIPTION)


def test_old_azure_names_a_place_instead_of_a_currency() -> None:
    row = {**COST, "currencyCode": None, "currencyLocale": "fr-FR"}
    service = FakeService(replying(Reply(body=row)))
    cost = service.client().usage.customer(CUSTOMER)
    assert (cost.currency, cost.currency_locale) == ("", "fr-FR")


@pytest.mark.parametrize(
    "change", [{"currencyCode": None}, {"totalCost": None}, {"totalCost": "x"}]
)
def test_cost_without_money_or_currency_is_refused(change: dict[str, Any]) -> None:
    service = FakeService(replying(Reply(body={**COST, **change})))
    with pytest.raises(errors.MalformedAnswer):
        service.client().usage.customer(CUSTOMER)


def test_usage_is_listed_on_every_level() -> None:
    service = FakeService(
        lambda asked: (
            Reply(body=COST) if asked.path.endswith("usagesummary") else collection([COST])
        )
    )
    usage = service.client().usage
    assert usage.total().total == usage.customers()[0].total
    assert len(usage.subscriptions(CUSTOMER)) == len(usage.resources(CUSTOMER, SUBSCRIPTION)) == 1
    assert [asked.path for asked in service.calls] == [
        "/v1/usagesummary",
        "/v1/customers/usagerecords",
        f"/v1/customers/{CUSTOMER}/subscriptions/usagerecords",
        f"/v1/customers/{CUSTOMER}/subscriptions/{SUBSCRIPTION}/usagerecords/resources",
    ]


def test_customer_listed_twice_is_noticed() -> None:
    service = FakeService(replying(collection([COST, COST])))
    with pytest.raises(errors.PagingError):
        service.client().usage.customers()


def test_budget_is_set_exactly_and_read() -> None:
    service = FakeService(replying(Reply(body={"amount": 99.5}), Reply(body={})))
    usage = service.client().usage
    assert usage.set_budget(CUSTOMER, Decimal("99.50"), request_id=REQUEST_ID).amount == Decimal(
        "99.5"
    )
    assert json.loads(service.calls[0].body) == {"amount": 99.5}
    assert usage.budget(CUSTOMER).amount is None


def test_another_budget_is_not_the_one_set() -> None:
    service = FakeService(replying(Reply(body={"amount": 1})))
    with pytest.raises(errors.MixedUpAnswer):
        service.client().usage.set_budget(CUSTOMER, Decimal(2), request_id=REQUEST_ID)


@pytest.mark.parametrize("amount", ["-1", "NaN", "Infinity"])
def test_what_is_no_budget_is_not_sent(amount: str) -> None:
    service = FakeService(replying(Reply()))
    with pytest.raises(errors.InvalidRequest):
        service.client().usage.set_budget(CUSTOMER, Decimal(amount), request_id=REQUEST_ID)
    assert not service.calls


@pytest.mark.parametrize("date", ["vettingCreatedDate", "vettingCreateDate"])
def test_qualifications_come_as_a_bare_list(date: str) -> None:
    row = {"qualification": "Education", "vettingStatus": "InReview", date: "2020-12-03T10:37:38Z"}
    service = FakeService(replying(Reply(body=[row]), Reply(body=[])))
    qualifications = service.client().qualifications
    (found,) = qualifications.list(CUSTOMER)
    assert (found.qualification, found.status) == ("education", "in_review")
    assert found.asked is not None
    assert qualifications.list(CUSTOMER) == ()


def test_each_qualification_is_asked_for_with_what_it_needs() -> None:
    service = FakeService(
        lambda asked: Reply(
            201, body={**json.loads(asked.body), "vettingStatus": "InReview", "future": 1}
        )
    )
    ask = service.client().qualifications
    ask.ask_for_education(CUSTOMER, "higher_education", website="x.edu", request_id=REQUEST_ID)
    ask.ask_for_education(CUSTOMER, "k12", request_id=REQUEST_ID)
    ask.ask_for_government(CUSTOMER, "code-1", request_id=REQUEST_ID)
    assert ask.ask_for_state_owned(CUSTOMER, request_id=REQUEST_ID).status == "in_review"
    assert [json.loads(asked.body) for asked in service.calls] == [
        {
            "qualification": "Education",
            "educationSegment": "HigherEducation",
            "website": "x.edu",
        },
        {"qualification": "Education", "educationSegment": "K12"},
        {"qualification": "GovernmentCommunityCloud", "validationCode": "code-1"},
        {"qualification": "StateOwnedEntity"},
    ]
    with pytest.raises(errors.InvalidRequest):
        ask.ask_for_education(CUSTOMER, "kindergarten", request_id=REQUEST_ID)


def test_another_qualification_is_not_the_one_asked_for() -> None:
    service = FakeService(replying(Reply(201, body={"qualification": "StateOwnedEntity"})))
    with pytest.raises(errors.MixedUpAnswer):
        service.client().qualifications.ask_for_education(CUSTOMER, "K12", request_id=REQUEST_ID)


def test_validation_codes_say_how_often_they_can_be_used() -> None:
    row = {"validationId": "v", "organizationName": "City", "maxCreates": 5, "remainingCreates": 4}
    service = FakeService(replying(Reply(body=[{**row, "eTag": "W/1"}])))
    (code,) = service.client().qualifications.validation_codes()
    assert (code.most, code.remaining, code.etag) == (5, 4, "W/1")
    assert service.calls[0].path == "/v1/customers/all/validations"
