"""What Microsoft leaves open: the client copes with either answer."""

from decimal import Decimal

import pytest

from partnercenter import errors
from partnercenter.schemas.agreements import AgreementContact
from partnercenter.schemas.subscription_changes import SubscriptionChange
from tests.partnercenter.joint.office import Office, OpenOffice, key
from tests.partnercenter.joint.stories.buying import CUSTOMER, buy, seats
from tests.partnercenter.joint.stories.changing import bought, change
from tests.partnercenter.joint.stories.customers import NEW
from tests.partnercenter.simulator.receivers import Receiver
from tests.partnercenter.simulator.sample_directories import TWO_PRODUCTS
from tests.partnercenter.simulator.sample_worlds import customer_id, make_customer


def story_password_is_shown_again_or_not(open_office: OpenOffice) -> None:
    for replayed in (True, False):
        client, request_id = open_office(switches={"replay_password": replayed}).app, key()
        first = client.customers.create(NEW, request_id=request_id)
        again = client.customers.create(NEW, request_id=request_id)
        assert first.customer.id == again.customer.id
        assert again.password == (first.password if replayed else "")


def story_taken_domain_is_told_by_any_code(open_office: OpenOffice) -> None:
    for status, code in ((409, 800002), (400, 800002), (409, 600001), (400, 2000)):
        switches = {"taken_domain_status": status, "taken_domain_code": code}
        client = open_office(switches=switches).app
        client.customers.create(NEW, request_id=key())
        with pytest.raises(errors.DomainTaken) as caught:
            client.customers.create(NEW, request_id=key())
        assert caught.value.status == status


def story_second_checkout_is_repeated_or_refused(open_office: OpenOffice) -> None:
    client = open_office(switches={"checkout_replays": True}).app
    cart = client.carts.create(CUSTOMER, [seats()], request_id=key())
    first = client.carts.checkout(CUSTOMER, cart.id, request_id=key())
    again = client.carts.checkout(CUSTOMER, cart.id, request_id=key())
    assert [each.id for each in first.orders] == [each.id for each in again.orders]

    client = open_office(switches={"checkout_replays": False}).app
    cart = client.carts.create(CUSTOMER, [seats()], request_id=key())
    client.carts.checkout(CUSTOMER, cart.id, request_id=key())
    with pytest.raises(errors.AlreadySubmitted):
        client.carts.checkout(CUSTOMER, cart.id, request_id=key())
    assert len(client.orders.list(CUSTOMER)) == 1


def story_cart_is_updated_with_either_status_and_expires(open_office: OpenOffice) -> None:
    for status in (200, 201):
        office = open_office(switches={"cart_update_status": status, "cart_minutes": 15})
        carts = office.app.carts
        cart = carts.create(CUSTOMER, [seats(1)], request_id=key())
        updated = carts.update(CUSTOMER, cart.id, [seats(2)], request_id=key())
        assert updated.lines[0].quantity == 2
        office.advance(minutes=16)
        with pytest.raises(errors.CartExpired):
            carts.checkout(CUSTOMER, cart.id, request_id=key())


def story_closed_window_is_told_by_any_code(open_office: OpenOffice) -> None:
    codes = ((800090, 900117), (900214, 900213), (900257, 900117))
    for fewer, cancelled in codes:
        office = open_office(
            switches={"window_closed_code": fewer, "cancel_closed_code": cancelled}
        )
        one = bought(office)
        office.advance(days=8)
        for what in (SubscriptionChange.quantity(1), SubscriptionChange.cancel()):
            with pytest.raises(errors.WindowClosed):
                change(office, one, what)


def story_sign_in_without_a_second_factor(open_office: OpenOffice) -> None:
    for enforced in (True, False):
        office = open_office(switches={"mfa_enforced": enforced})
        office.sign_in(amr="pwd")
        if enforced:
            with pytest.raises(errors.MfaRequired):
                office.person.customers.get(CUSTOMER)
        else:
            assert office.person.customers.get(CUSTOMER).id == CUSTOMER
        (without,) = office.sign_in().security.principals_without_mfa()
        assert without.last_seen


def story_too_many_calls_are_refused_for_a_while(open_office: OpenOffice) -> None:
    office = open_office(switches={"requests_per_minute": 3})
    for _ in range(3):
        office.app.customers.get(CUSTOMER)
    with pytest.raises(errors.Throttled) as caught:
        office.app.customers.get(CUSTOMER)
    assert caught.value.retry_after
    office.advance(seconds=60)
    assert office.app.customers.get(CUSTOMER).id == CUSTOMER


def story_delegated_administration_is_needed_or_not(open_office: OpenOffice) -> None:
    files = TWO_PRODUCTS | {"customers": [make_customer(1, users=[], allowDelegatedAccess=False)]}
    for enforced in (True, False):
        client = open_office(switches={"gdap_enforced": enforced}, **files).person
        if enforced:
            with pytest.raises(errors.PermissionRefused):
                client.roles.list(CUSTOMER)
        else:
            assert client.roles.list(CUSTOMER)


def story_customer_that_left_is_told_with_either_status(open_office: OpenOffice) -> None:
    for status in (403, 400):
        office = open_office(switches={"no_relationship_status": status})
        office.person.customers.end_relationship(CUSTOMER)
        with pytest.raises(errors.NoResellerRelationship) as caught:
            office.app.subscriptions.list(CUSTOMER)
        assert caught.value.status == status
        with pytest.raises(errors.CustomerNotFound):
            office.app.customers.get(CUSTOMER)


def story_agreement_confirmed_twice_is_told_with_either_status(open_office: OpenOffice) -> None:
    contact = AgreementContact(first_name="Ann", last_name="Lee", email="ann@sample1.example")
    for status in (400, 409):
        office = open_office(switches={"duplicate_agreement_status": status})
        agreements = office.person.agreements
        (template,) = agreements.templates()
        agreed = office.simulator.clock()
        agreements.confirm(CUSTOMER, template.id, contact, agreed=agreed, request_id=key())
        with pytest.raises(errors.AgreementExists) as caught:
            agreements.confirm(CUSTOMER, template.id, contact, agreed=agreed, request_id=key())
        assert caught.value.status == status


def story_views_and_segments_may_be_closed(open_office: OpenOffice) -> None:
    switches = {"refused_views": "Software", "refused_segments": "education"}
    shelf = open_office(switches=switches).app.catalogue.in_country("US")
    assert shelf.products("OnlineServices")
    for view, segment in (("Software", ""), ("OnlineServices", "education")):
        with pytest.raises(errors.PermissionRefused):
            shelf.products(view, segment)


def story_sandbox_has_limits_or_not(open_office: OpenOffice) -> None:
    for limited in (True, False):
        carts = open_office(switches={"sandbox_limits": limited}).app.carts
        cart = carts.create(CUSTOMER, [seats(26)], request_id=key())
        assert bool(cart.bad_lines) is limited


def story_event_waits_and_is_tried_again(open_office: OpenOffice) -> None:
    office = open_office(switches={"webhook_lag_seconds": 60, "webhook_retry_seconds": 30})
    receiver = office.simulator.courier.post = Receiver([500, 500])
    office.app.webhooks.register("https://portal.example.test/events", ["test-created"])
    test = office.app.webhooks.send_test()
    seen = []
    for seconds in (0, 61, 31, 61):
        office.advance(seconds=seconds)
        office.simulator.courier.deliver_due()
        seen.append((len(receiver.arrivals), office.app.webhooks.test_result(test).status))
    assert seen[0] == (0, "inprogress")
    assert seen[-1] == (3, "completed")


def _exported(office: Office) -> Decimal:
    export, partner = office.app.billing_export, office.simulator.site.world.partner.tenant_id
    place = export.request_unbilled("USD").place
    export.operation(place)
    found = export.manifest(export.operation(place), partner_tenant=partner)
    return sum((line.total for line in export.lines(found)), Decimal(0))


def story_export_is_found_however_it_is_named(open_office: OpenOffice) -> None:
    for manifest in ("inline", "link", "string"):
        switches = {"manifest": manifest, "unknown_columns": True, "blob_rows": 1}
        office = open_office(switches=switches)
        buy(office, seats(3))
        buy(office, seats(2))
        assert _exported(office) == Decimal("50.00")


def story_links_lead_on_with_and_without_a_version(open_office: OpenOffice) -> None:
    for versioned in (True, False):
        office = open_office(switches={"links_with_version": versioned, "bom": versioned})
        listed = [each.id for each in office.app.customers.list(size=2)]
        assert listed == [customer_id(number) for number in range(1, 6)]


def story_token_that_has_ended_is_replaced(open_office: OpenOffice) -> None:
    office = open_office(switches={"access_token_seconds": 600})
    for client in (office.app, office.person):
        assert client.customers.get(CUSTOMER).id == CUSTOMER
    office.advance(minutes=11)
    assert office.app.customers.get(CUSTOMER).id == CUSTOMER
    # This person's source of tokens has no other one to give.
    with pytest.raises(errors.TokenRefused):
        office.person.customers.get(CUSTOMER)
