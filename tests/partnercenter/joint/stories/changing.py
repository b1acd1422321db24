"""The life of a subscription: seats, renewal, suspension, cancelling, transitions."""

from datetime import date, timedelta
from typing import Any

import pytest

from partnercenter import errors
from partnercenter.schemas.subscription_changes import ChangeAccepted, SubscriptionChange
from partnercenter.schemas.subscription_details import SupportContact
from partnercenter.schemas.subscriptions import NextTerm, Subscription
from partnercenter.schemas.transitions import NewTransition
from tests.partnercenter.joint.office import Office, OpenOffice, key
from tests.partnercenter.joint.stories.buying import CUSTOMER, buy, seats
from tests.partnercenter.simulator.sample_catalogue import SEATS, SUITE, YEARLY, item, item_id
from tests.partnercenter.simulator.sample_subscriptions import make_legacy
from tests.partnercenter.simulator.sample_worlds import RESELLER


def bought(office: Office, quantity: int = 5) -> Subscription:
    """Buy seats for a year and return their subscription."""
    order = office.app.orders.get(CUSTOMER, buy(office, seats(quantity)).id)
    return office.app.subscriptions.get(CUSTOMER, order.lines[0].subscription_id)


def change(
    office: Office, subscription: Subscription, what: SubscriptionChange
) -> Subscription | ChangeAccepted:
    """Read a subscription again and change one thing of it."""
    subscriptions = office.app.subscriptions
    current = subscriptions.get(CUSTOMER, subscription.id)
    return subscriptions.change(CUSTOMER, current, what, request_id=key())


def changed(office: Office, subscription: Subscription, what: SubscriptionChange) -> Subscription:
    """Change one thing at once, and return what the service has afterwards."""
    answered = change(office, subscription, what)
    assert isinstance(answered, Subscription)
    found = office.app.subscriptions.get(CUSTOMER, subscription.id)
    assert answered == found
    return found


def story_seats_go_up_at_any_time_and_down_within_a_week(open_office: OpenOffice) -> None:
    office = open_office()
    one = bought(office)
    assert changed(office, one, SubscriptionChange.quantity(8)).quantity == 8
    assert changed(office, one, SubscriptionChange.quantity(4)).quantity == 4
    office.advance(days=8)
    with pytest.raises(errors.WindowClosed):
        change(office, one, SubscriptionChange.quantity(3))
    later = changed(office, one, SubscriptionChange.quantity(6))
    assert [each.quantity for each in later.refundable] == [2]
    assert changed(office, one, SubscriptionChange.quantity(4)).refundable == ()
    with pytest.raises(errors.QuantityRefused):
        change(office, one, SubscriptionChange.quantity(301))


def story_renewal_brings_what_was_scheduled(open_office: OpenOffice) -> None:
    office = open_office(switches={"availability_days": 0})
    one = bought(office)
    assert changed(office, one, SubscriptionChange.name("Head office")).friendly_name == (
        "Head office"
    )
    product, sku, availability = item_id(SEATS, YEARLY).split(":")
    term = NextTerm(
        product_id=product,
        sku_id=sku,
        availability_id=availability,
        billing_cycle="monthly",
        term_duration="P1Y",
        quantity=3,
    )
    with pytest.raises(errors.RenewalRefused):
        changed(office, one, SubscriptionChange.auto_renew(on=False))
        change(office, one, SubscriptionChange.at_renewal(term))
    changed(office, one, SubscriptionChange.auto_renew(on=True))
    scheduled = changed(office, one, SubscriptionChange.at_renewal(term)).next_term
    assert scheduled is not None
    assert scheduled.quantity == 3
    assert one.last_day == date(2027, 11, 20)
    office.advance(days=366)
    renewed = office.app.subscriptions.get(CUSTOMER, one.id)
    assert (renewed.quantity, renewed.next_term, renewed.friendly_name) == (3, None, "Head office")
    assert renewed.last_day == date(2028, 11, 20)


def story_suspended_resumed_and_cancelled(open_office: OpenOffice) -> None:
    office = open_office()
    one, other = bought(office), bought(office)
    suspended = changed(office, one, SubscriptionChange.suspend())
    assert (suspended.status, suspended.suspension_reasons) == (
        "suspended",
        ("customer_cancellation",),
    )
    with pytest.raises(errors.SubscriptionRefused):
        change(office, one, SubscriptionChange.quantity(9))
    assert changed(office, one, SubscriptionChange.resume()).status == "active"
    assert changed(office, one, SubscriptionChange.cancel()).status == "deleted"
    office.advance(days=8)
    with pytest.raises(errors.WindowClosed):
        change(office, other, SubscriptionChange.cancel())
    assert changed(office, other, SubscriptionChange.billing_cycle("annual")).billing_cycle == (
        "annual"
    )


def story_accepted_change_shows_later_and_holds_off_others(open_office: OpenOffice) -> None:
    for absolute, body in ((False, False), (True, True)):
        office = open_office(
            switches={
                "patch_accepted": True,
                "location_absolute": absolute,
                "accepted_body": body,
                "patch_seconds": 30,
            }
        )
        one = bought(office)
        accepted = change(office, one, SubscriptionChange.quantity(9))
        assert isinstance(accepted, ChangeAccepted)
        assert accepted.location.startswith("http" if absolute else "/")
        assert (accepted.subscription is not None) is body
        assert office.app.subscriptions.get(CUSTOMER, one.id).quantity == 5
        with pytest.raises(errors.PendingOperation):
            change(office, one, SubscriptionChange.name("Too early"))
        office.advance(seconds=31)
        assert office.app.subscriptions.get(CUSTOMER, one.id).quantity == 9


def story_change_of_what_has_changed_is_refused(open_office: OpenOffice) -> None:
    office = open_office(
        subscriptions=[make_legacy(CUSTOMER, "a0000000-0000-4000-8000-000000000001")]
    )
    subscriptions = office.app.subscriptions
    (old,) = subscriptions.list(CUSTOMER)
    assert old.etag
    changed(office, old, SubscriptionChange.name("First"))
    with pytest.raises(errors.PreconditionFailed):
        what = SubscriptionChange.name("Second")
        subscriptions.change(CUSTOMER, old, what, request_id=key())
    assert subscriptions.get(CUSTOMER, old.id).friendly_name == "First"


def _transitions(office: Office, **more: Any) -> None:
    transitions, one = office.app.transitions, bought(office, 10)
    office.advance(days=8)
    target = item_id(SUITE, YEARLY)
    offered = {each.catalog_item_id: each for each in transitions.targets(CUSTOMER, one.id)}
    assert any(way.is_eligible for way in offered[target].ways)
    later = transitions.targets(CUSTOMER, one.id, at_renewal=True)
    assert {each.catalog_item_id for each in later} == set(offered)
    begun = transitions.start(
        CUSTOMER,
        one.id,
        NewTransition(
            to_catalog_item_id=target,
            quantity=4,
            transition_type="transition_only",
            from_catalog_item_id=one.offer_id,
            term_duration="P1Y",
            billing_cycle="monthly",
        ),
        request_id=key(),
    )
    office.advance(seconds=61)
    (told,) = transitions.history(CUSTOMER, one.id)
    assert [event.status for event in told.events][-1] == "completed"
    if told.operation_id:
        assert transitions.history(CUSTOMER, one.id, told.operation_id) == (told,)
    moved = office.app.subscriptions.get(CUSTOMER, begun.to_subscription_id)
    assert (moved.offer_id, moved.quantity) == (target, 4)
    assert office.app.subscriptions.get(CUSTOMER, one.id).quantity == 6
    with pytest.raises(errors.TransitionRefused):
        transitions.start(
            CUSTOMER,
            one.id,
            NewTransition(
                to_catalog_item_id=item_id("CFQ7TTC0XXXX:0001"),
                quantity=1,
                transition_type="transition_only",
            ),
            request_id=key(),
        )


def story_part_of_the_seats_moves_to_another_product(open_office: OpenOffice) -> None:
    more = [item(SEATS, YEARLY), item(SUITE, YEARLY, title="Suite")]
    for ids in (True, False):
        switches = {"transition_seconds": 60, "transition_operation_ids": ids}
        _transitions(open_office(catalog=more, switches=switches))


def story_another_reseller_supports_it(open_office: OpenOffice) -> None:
    office = open_office()
    client, one = office.app, bought(office)
    before = client.subscriptions.support_contact(CUSTOMER, one.id)
    contact = SupportContact(RESELLER["id"], RESELLER["mpnId"], RESELLER["name"])
    assert before != contact
    client.subscriptions.set_support_contact(CUSTOMER, one.id, contact, request_id=key())
    assert client.subscriptions.support_contact(CUSTOMER, one.id) == contact
    assert (
        changed(office, one, SubscriptionChange.partner(RESELLER["mpnId"])).partner_id
        == (RESELLER["mpnId"])
    )
    assert [each.id for each in client.subscriptions.list(CUSTOMER, partner_id="7000002")] == [
        one.id
    ]


def story_what_is_not_renewed_runs_out(open_office: OpenOffice) -> None:
    office = open_office()
    one = bought(office)
    changed(office, one, SubscriptionChange.auto_renew(on=False))
    seen = []
    for days in (366, 31, 91):
        office.simulator.advance(timedelta(days=days))
        seen.append(office.app.subscriptions.get(CUSTOMER, one.id).status)
    assert seen == ["expired", "disabled", "deleted"]
