"""Subscriptions: dates and generations, filters that are ignored, and changes as a whole."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from partnercenter import errors
from partnercenter.schemas.subscription_changes import ChangeAccepted, SubscriptionChange
from partnercenter.schemas.subscription_details import SupportContact
from partnercenter.schemas.subscriptions import Generation, NextTerm, read_subscription
from tests.partnercenter.fake_service import (
    GUIDS,
    REQUEST_ID,
    FakeService,
    Reply,
    collection,
    replying,
)
from tests.partnercenter.schemas.commerce_examples import (
    CUSTOMER,
    ETAG,
    SUBSCRIPTION,
    SUBSCRIPTION_BODY,
    received,
)

CHANGES = {
    "quantity": (SubscriptionChange.quantity(20), {"quantity": 20}),
    "name": (SubscriptionChange.name("Sales"), {"friendlyName": "Sales"}),
    "suspend": (SubscriptionChange.suspend(), {"status": "suspended"}),
    "resume": (SubscriptionChange.resume(), {"status": "active"}),
    "cancel": (SubscriptionChange.cancel(), {"status": "deleted"}),
    "renew": (SubscriptionChange.auto_renew(on=True), {"autoRenewEnabled": True}),
    "cycle": (SubscriptionChange.billing_cycle("annual"), {"billingCycle": "annual"}),
    "partner": (SubscriptionChange.partner("7"), {"partnerId": "7"}),
}


def _subscription(**changes: Any) -> Any:
    return read_subscription(received({**SUBSCRIPTION_BODY, **changes}))


def _change(service: FakeService, change: SubscriptionChange, **changes: Any) -> Any:
    return service.client().subscriptions.change(
        CUSTOMER, _subscription(**changes), change, request_id=REQUEST_ID
    )


def test_the_day_a_commitment_ends_belongs_to_it() -> None:
    subscription = _subscription()
    assert subscription.last_day == date(2022, 1, 13)
    assert subscription.commitment_end == datetime(2022, 1, 13, tzinfo=UTC)
    assert subscription.commitment_end_time == datetime(2022, 1, 13, 23, 59, 59, tzinfo=UTC)


def test_what_never_ends_has_no_last_day() -> None:
    subscription = _subscription(commitmentEndDate="9999-12-14T00:00:00Z")
    assert (subscription.commitment_end, subscription.last_day) == (None, None)


@pytest.mark.parametrize(
    ("changes", "generation"),
    [
        ({}, Generation.SEATS),
        ({"productType": {"id": "Software"}}, Generation.SOFTWARE),
        ({"productType": {"id": "Azure"}}, Generation.AZURE_PLAN),
        ({"productType": None, "offerId": "DZH318Z0BPS6:0001:X"}, Generation.AZURE_PLAN),
        ({"productType": {"id": "MarketplaceSaaS"}}, Generation.SAAS),
        ({"productType": None, "offerId": GUIDS[3].upper()}, Generation.LEGACY),
        ({"productType": None, "offerId": "MS-AZR-0145P"}, Generation.LEGACY),
        ({"productType": {"id": "Tomorrow"}}, Generation.OTHER),
        ({"productType": None}, Generation.OTHER),
    ],
)
def test_generation_is_told_from_type_and_offer(
    changes: dict[str, Any], generation: Generation
) -> None:
    assert _subscription(**changes).generation is generation


@pytest.mark.parametrize("status", ["expired", "disabled", "SomethingNew", "", None])
def test_unknown_states_are_kept(status: str | None) -> None:
    expected = {"SomethingNew": "something_new", None: ""}.get(status, status)
    assert _subscription(status=status).status == expected


@pytest.mark.parametrize("name", ["id", "offerId", "quantity"])
def test_subscription_that_hides_what_is_billed_is_refused(name: str) -> None:
    with pytest.raises(errors.MalformedAnswer):
        _subscription(**{name: None})


def test_lists_are_filtered_by_order_or_reseller() -> None:
    service = FakeService(replying(collection([SUBSCRIPTION_BODY])))
    subscriptions = service.client().subscriptions
    for filters in ({}, {"order_id": "34B37D7340CC"}, {"partner_id": "4847383"}):
        assert [each.id for each in subscriptions.list(CUSTOMER, **filters)] == [SUBSCRIPTION]
    assert [asked.query for asked in service.calls] == [
        {},
        {"order_id": "34B37D7340CC"},
        {"mpn_id": "4847383"},
    ]
    with pytest.raises(errors.InvalidRequest):
        subscriptions.list(CUSTOMER, order_id="1", partner_id="2")


@pytest.mark.parametrize("filters", [{"order_id": "ffffffffffff"}, {"partner_id": "1"}])
def test_filter_that_was_ignored_is_noticed(filters: dict[str, str]) -> None:
    service = FakeService(replying(collection([SUBSCRIPTION_BODY])))
    with pytest.raises(errors.MixedUpAnswer):
        service.client().subscriptions.list(CUSTOMER, **filters)


def test_another_subscription_is_not_used() -> None:
    service = FakeService(replying(Reply(body=SUBSCRIPTION_BODY)))
    assert service.client().subscriptions.get(CUSTOMER, SUBSCRIPTION.upper()).id == SUBSCRIPTION
    with pytest.raises(errors.MixedUpAnswer):
        service.client().subscriptions.get(CUSTOMER, GUIDS[40])


@pytest.mark.parametrize(("change", "edit"), CHANGES.values(), ids=CHANGES)
def test_change_sends_everything_back_with_one_edit(
    change: SubscriptionChange, edit: dict[str, Any]
) -> None:
    answered = {**SUBSCRIPTION_BODY, **edit}
    service = FakeService(replying(Reply(body=answered)))
    changed = _change(service, change)
    assert changed.raw == received(answered)
    (asked,) = service.calls
    assert (asked.method, asked.headers["if-match"]) == ("PATCH", f'"{ETAG}"')
    assert asked.headers["ms-requestid"] == REQUEST_ID
    assert json.loads(asked.body) == answered


def test_renewal_turned_off_takes_what_is_scheduled_with_it() -> None:
    service = FakeService(replying(Reply(body=SUBSCRIPTION_BODY)))
    _change(service, SubscriptionChange.auto_renew(on=False))
    sent = json.loads(service.calls[0].body)
    assert sent["autoRenewEnabled"] is False
    assert "scheduledNextTermInstructions" not in sent
    assert sent["nextChargeInstructions"] == {"kept": 1.25}


def test_next_term_is_scheduled_and_forgotten() -> None:
    service = FakeService(replying(Reply(body=SUBSCRIPTION_BODY)))
    term = NextTerm(
        product_id="P",
        sku_id="0001",
        availability_id="A",
        billing_cycle="annual",
        term_duration="P1Y",
        quantity=4,
        custom_term_end=datetime(2027, 1, 31, tzinfo=UTC),
    )
    _change(service, SubscriptionChange.at_renewal(term))
    _change(service, SubscriptionChange.at_renewal(None))
    scheduled, forgotten = (json.loads(asked.body) for asked in service.calls)
    assert scheduled["scheduledNextTermInstructions"] == {
        "product": {
            "productId": "P",
            "skuId": "0001",
            "availabilityId": "A",
            "billingCycle": "annual",
            "termDuration": "P1Y",
        },
        "quantity": 4,
        "customTermEndDate": "2027-01-31T00:00:00Z",
    }
    assert "scheduledNextTermInstructions" not in forgotten


def test_scheduled_term_is_read() -> None:
    term = _subscription().next_term
    assert (term.billing_cycle, term.term_duration, term.quantity) == ("annual", "P3Y", 3)
    assert _subscription(scheduledNextTermInstructions=None).next_term is None


def test_without_a_tag_no_condition_is_sent() -> None:
    service = FakeService(replying(Reply(body=SUBSCRIPTION_BODY)))
    _change(service, SubscriptionChange.name("x"), attributes={"objectType": "Subscription"})
    assert "if-match" not in service.calls[0].headers


@pytest.mark.parametrize("body", [None, SUBSCRIPTION_BODY])
def test_change_that_takes_time_says_where_it_would_be_told(body: Any) -> None:
    location = f"/customers/{CUSTOMER}/subscriptions/{SUBSCRIPTION}"
    service = FakeService(replying(Reply(202, body=body, headers={"Location": location})))
    accepted = _change(service, SubscriptionChange.quantity(16))
    assert isinstance(accepted, ChangeAccepted)
    assert accepted.location == location
    assert (accepted.subscription is None) is (body is None)
    assert len(service.calls) == 1


@pytest.mark.parametrize("status", [200, 202])
def test_change_answered_about_another_is_of_unknown_outcome(status: int) -> None:
    service = FakeService(replying(Reply(status, body={**SUBSCRIPTION_BODY, "id": GUIDS[40]})))
    with pytest.raises(errors.MixedUpAnswer) as caught:
        _change(service, SubscriptionChange.quantity(16))
    assert caught.value.outcome_unknown


def test_change_is_not_repeated_when_nobody_answers() -> None:
    service = FakeService(replying(Reply(504), Reply(body=SUBSCRIPTION_BODY)))
    with pytest.raises(errors.ServiceFailed) as caught:
        _change(service, SubscriptionChange.quantity(16))
    assert caught.value.outcome_unknown
    assert len(service.calls) == 1


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(400, body={"code": 2055}), errors.PreconditionFailed),
        (Reply(409, body={"code": 900278}), errors.Conflict),
        (Reply(400, body={"code": 800090}), errors.RequestRefused),
        (Reply(200, body={"code": 400072}), errors.RequestRefused),
    ],
)
def test_change_that_is_refused_says_why(
    reply: Reply, kind: type[errors.PartnerCenterError]
) -> None:
    with pytest.raises(kind) as caught:
        _change(FakeService(replying(reply)), SubscriptionChange.quantity(1))
    assert not caught.value.outcome_unknown


def test_nothing_is_not_a_number_of_seats() -> None:
    with pytest.raises(errors.InvalidRequest):
        SubscriptionChange.quantity(0)


def test_addons_are_of_the_one_asked_for() -> None:
    addon = {**SUBSCRIPTION_BODY, "id": GUIDS[41], "parentSubscriptionId": SUBSCRIPTION.upper()}
    service = FakeService(replying(collection([addon])))
    subscriptions = service.client().subscriptions
    assert [each.parent_id for each in subscriptions.addons(CUSTOMER, SUBSCRIPTION)] == [
        SUBSCRIPTION
    ]
    with pytest.raises(errors.MixedUpAnswer):
        subscriptions.addons(CUSTOMER, GUIDS[42])


def test_possible_ends_of_a_term_are_dates() -> None:
    rows = [
        {"allowedCustomTermEndDateType": "calendarMonthAligned"},
        {
            "allowedCustomTermEndDateType": "subscriptionAligned",
            "allowedCustomTermEndDate": "2023-08-01T00:00:00",
            "cotermSubscriptionIds": [SUBSCRIPTION.upper()],
        },
    ]
    service = FakeService(replying(collection(rows[1:]), collection(rows)))
    subscriptions = service.client().subscriptions
    (end,) = subscriptions.term_ends(CUSTOMER, "P1M")
    assert (end.kind, end.ends) == ("subscription_aligned", datetime(2023, 8, 1, tzinfo=UTC))
    assert end.subscription_ids == (SUBSCRIPTION,)
    assert service.calls[0].query == {"term_duration": "P1M"}
    with pytest.raises(errors.MalformedAnswer):
        subscriptions.term_ends(CUSTOMER, "P1M")


def test_support_contact_is_set_and_checked() -> None:
    contact = SupportContact(CUSTOMER, "4391507", "Trey")
    body = {"supportTenantId": CUSTOMER.upper(), "supportMpnId": "4391507", "name": "Trey"}
    service = FakeService(replying(Reply(body=body), Reply(body={**body, "supportMpnId": "1"})))
    subscriptions = service.client().subscriptions
    set_now = subscriptions.set_support_contact(
        CUSTOMER, SUBSCRIPTION, contact, request_id=REQUEST_ID
    )
    assert set_now == contact
    with pytest.raises(errors.MixedUpAnswer):
        subscriptions.set_support_contact(CUSTOMER, SUBSCRIPTION, contact, request_id=REQUEST_ID)


def test_provisioning_needs_a_signed_in_user() -> None:
    service = FakeService(replying(Reply(403, body={"code": 900329})))
    with pytest.raises(errors.AppOnlyRefused):
        service.client().subscriptions.provisioning(CUSTOMER, SUBSCRIPTION)
