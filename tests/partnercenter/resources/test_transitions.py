"""Transitions: what can be moved where, moving it once, and the list called otherwise."""

import json
from typing import Any

import pytest

from partnercenter import errors
from partnercenter.schemas.transitions import NewTransition
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
    SUBSCRIPTION,
    TARGET,
    TRANSITION,
)

MOVE = NewTransition(
    to_catalog_item_id="CFQ7TTC0LF8S:0001:CFQ7TTC0K9G9",
    quantity=2,
    transition_type="transition_only",
    term_duration="P1Y",
    billing_cycle="monthly",
)


def _start(service: FakeService, move: NewTransition = MOVE) -> Any:
    return service.client().transitions.start(CUSTOMER, SUBSCRIPTION, move, request_id=REQUEST_ID)


@pytest.mark.parametrize(("at_renewal", "asked"), [(False, "immediate"), (True, "scheduled")])
def test_targets_say_what_stands_in_the_way(at_renewal: bool, asked: str) -> None:
    service = FakeService(replying(collection([TARGET])))
    (target,) = service.client().transitions.targets(CUSTOMER, SUBSCRIPTION, at_renewal=at_renewal)
    assert [(way.transition_type, way.is_eligible) for way in target.ways] == [
        ("transition_only", True)
    ]
    (merge,) = target.subscriptions
    assert (merge.is_eligible, merge.hindrances[0].code) == (False, "3")
    assert service.calls[0].query == {"eligibilityType": asked}


@pytest.mark.parametrize("status", [200, 201, 202])
def test_move_is_begun_whatever_good_status_answers(status: int) -> None:
    service = FakeService(replying(Reply(status, body=TRANSITION)))
    begun = _start(service)
    assert [(event.name, event.status) for event in begun.events] == [("Conversion", "started")]
    assert json.loads(service.calls[0].body) == {
        "fromSubscriptionId": SUBSCRIPTION,
        "toCatalogItemId": MOVE.to_catalog_item_id,
        "quantity": 2,
        "termDuration": "P1Y",
        "billingCycle": "monthly",
        "transitionType": "transition_only",
    }


@pytest.mark.parametrize(
    "change",
    [{"quantity": 3}, {"ToCatalogItemId": "X:1:Y"}, {"fromSubscriptionId": GUIDS[50]}],
)
def test_another_move_is_of_unknown_outcome(change: dict[str, Any]) -> None:
    service = FakeService(replying(Reply(body={**TRANSITION, **change})))
    with pytest.raises(errors.MixedUpAnswer) as caught:
        _start(service)
    assert caught.value.outcome_unknown
    assert len(service.calls) == 1


def test_move_is_not_repeated_when_nobody_answers() -> None:
    service = FakeService(replying(Reply(503), Reply(body=TRANSITION)))
    with pytest.raises(errors.ServiceFailed) as caught:
        _start(service)
    assert caught.value.outcome_unknown
    assert len(service.calls) == 1


def test_moving_nothing_is_not_sent() -> None:
    service = FakeService(replying(Reply()))
    with pytest.raises(errors.InvalidRequest):
        _start(service, NewTransition(to_catalog_item_id="x", quantity=0, transition_type="y"))
    assert not service.calls


@pytest.mark.parametrize("key", ["transition", "Transition", "items"])
def test_history_is_read_under_any_of_its_names(key: str) -> None:
    service = FakeService(replying(Reply(body={key: [TRANSITION, TRANSITION]})))
    history = service.client().transitions.history(CUSTOMER, SUBSCRIPTION)
    assert [move.operation_id for move in history] == [GUIDS[9]] * 2
    assert service.calls[0].query == {}


def test_history_of_one_operation_has_no_other() -> None:
    service = FakeService(replying(Reply(body={"transition": [TRANSITION]})))
    transitions = service.client().transitions
    assert len(transitions.history(CUSTOMER, SUBSCRIPTION, GUIDS[9].upper())) == 1
    with pytest.raises(errors.MixedUpAnswer):
        transitions.history(CUSTOMER, SUBSCRIPTION, GUIDS[10])


def test_history_without_a_list_is_refused() -> None:
    service = FakeService(replying(Reply(body={"totalCount": 0})))
    with pytest.raises(errors.PagingError):
        service.client().transitions.history(CUSTOMER, SUBSCRIPTION)
