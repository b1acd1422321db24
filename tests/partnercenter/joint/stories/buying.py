"""From the catalogue to a subscription: carts, checkouts, orders, promotions, offers."""

from datetime import date
from decimal import Decimal

import pytest

from partnercenter import errors
from partnercenter.schemas.carts import NewCartLine
from partnercenter.schemas.orders import NewOrderLine, Order
from partnercenter.schemas.promotions import WantedItem
from tests.partnercenter.joint.office import Office, OpenOffice, key
from tests.partnercenter.simulator.sample_catalogue import (
    MONTHLY,
    OFFER,
    OFFER_ADDON,
    PLAN,
    PROMOTION,
    SEATS,
    SOFTWARE,
    YEARLY,
    YEARLY_AT_ONCE,
    item_id,
)
from tests.partnercenter.simulator.sample_worlds import customer_id

CUSTOMER = customer_id(1)
_ONCE = ("", "OneTime", "")


def seats(quantity: int = 5, term: tuple[str, str, str] = YEARLY, sku: str = SEATS) -> NewCartLine:
    """Return a cart line of seats."""
    return NewCartLine(
        catalog_item_id=item_id(sku, term),
        quantity=quantity,
        billing_cycle=term[1].lower(),
        term_duration=term[0],
    )


def buy(office: Office, *lines: NewCartLine) -> Order:
    """Put lines into a cart of the first customer, check it out and return the order."""
    carts = office.app.carts
    cart = carts.create(CUSTOMER, lines, request_id=key())
    assert cart.bad_lines == ()
    bought = carts.checkout(CUSTOMER, cart.id, request_id=key())
    assert bought.is_complete
    (order,) = bought.orders
    return order


def story_cart_with_a_bad_line_becomes_an_order(open_office: OpenOffice) -> None:
    office = open_office(switches={"provisioning_seconds": 60, "visibility_lag_seconds": 600})
    client = office.app
    shelf = client.catalogue.for_customer(CUSTOMER)
    product = next(each for each in shelf.products("OnlineServices") if each.id in SEATS)
    assert shelf.product(product.id) == product
    sku = next(each for each in shelf.skus(product.id) if each.id == SEATS.split(":")[1])
    assert shelf.sku(product.id, sku.id) == sku
    offered = shelf.availabilities(product.id, sku.id)
    yearly = next(each for each in offered if each.catalog_item_id == item_id(SEATS, YEARLY))
    assert shelf.availability(product.id, sku.id, yearly.id) == yearly

    unknown = seats(sku="CFQ7TTC0XXXX:0001")
    cart = client.carts.create(CUSTOMER, [seats(), unknown], request_id=key())
    (bad,) = cart.bad_lines
    assert (bad.catalog_item_id, bad.error and bad.error.code) == (unknown.catalog_item_id, "10001")
    with pytest.raises(errors.CartHasErrors):
        client.carts.checkout(CUSTOMER, cart.id, request_id=key())
    cart = client.carts.update(CUSTOMER, cart.id, [seats(7)], request_id=key())
    assert (cart.bad_lines, client.carts.get(CUSTOMER, cart.id).lines[0].quantity) == ((), 7)

    request_id = key()
    bought = client.carts.checkout(CUSTOMER, cart.id, request_id=request_id)
    again = client.carts.checkout(CUSTOMER, cart.id, request_id=request_id)
    assert [each.id for each in again.orders] == [each.id for each in bought.orders]
    (order,) = bought.orders
    assert (order.currency, [line.quantity for line in order.lines]) == ("USD", [7])
    assert client.orders.list(CUSTOMER) == ()
    assert order.lines[0].subscription_id == ""
    (line,) = office.person.orders.provisioning(CUSTOMER, order.id)
    assert line.status != "fulfilled"

    office.advance(minutes=10)
    assert [each.id for each in client.orders.list(CUSTOMER)] == [order.id]
    assert [each.id for each in client.orders.list(CUSTOMER, "monthly")] == [order.id]
    (line,) = office.person.orders.provisioning(CUSTOMER, order.id)
    assert line.status == "fulfilled"
    found = client.orders.get(CUSTOMER, order.id).lines[0].subscription_id
    subscription = client.subscriptions.get(CUSTOMER, found)
    assert (subscription.quantity, subscription.status) == (7, "active")
    assert client.subscriptions.list(CUSTOMER, order_id=order.id) == (subscription,)
    assert office.person.subscriptions.provisioning(CUSTOMER, found).status == "success"


def story_promotion_halves_what_is_paid_at_once(open_office: OpenOffice) -> None:
    client = open_office().app
    (listed,) = client.promotions.list("US", "commercial")
    assert client.promotions.get(listed.id, "US") == listed
    assert listed.id == PROMOTION
    item = item_id(SEATS, YEARLY_AT_ONCE)
    few, enough = (WantedItem(item, number, "P1Y", "annual", PROMOTION) for number in (9, 10))
    told = client.promotions.eligibilities(CUSTOMER, [few, enough])
    assert [each.eligibilities[0].is_eligible for each in told] == [False, True]
    lines = [
        NewCartLine(
            catalog_item_id=item,
            quantity=10,
            billing_cycle="annual",
            term_duration="P1Y",
            promotion_id=PROMOTION,
        )
    ]
    cart = client.carts.create(CUSTOMER, lines, request_id=key())
    assert cart.bad_lines == ()
    (order,) = client.carts.checkout(CUSTOMER, cart.id, request_id=key()).orders
    assert order.total == Decimal(600)


def story_catalogue_of_a_country_and_its_stock(open_office: OpenOffice) -> None:
    client = open_office().app
    shelf = client.catalogue.in_country("us")
    assert SEATS.split(":")[0] in {each.id for each in shelf.products("OnlineServices")}
    product, sku = SOFTWARE.split(":")
    stock = client.catalogue.stock("US", [(product, sku)], customer_id=CUSTOMER)
    assert [each.product_id for each in stock] == [product]


def story_old_offer_is_ordered_with_an_add_on(open_office: OpenOffice) -> None:
    client = open_office().app
    offers = client.offers
    assert {each.id.upper() for each in offers.list("US")} == {OFFER, OFFER_ADDON}
    assert sum(len(page.items) for page in offers.pages("US", size=1)) == 2
    assert offers.get(OFFER, "US").is_addon is False
    assert [each.id.upper() for each in offers.addons(OFFER, "US")] == [OFFER_ADDON]
    assert isinstance(offers.categories("US"), tuple)
    line = NewOrderLine(offer_id=OFFER, quantity=3)
    order = client.orders.create(CUSTOMER, [line], billing_cycle="monthly", request_id=key())
    base = order.lines[0].subscription_id
    addon = NewOrderLine(offer_id=OFFER_ADDON, quantity=3, parent_subscription_id=base)
    order = client.orders.add_addon(
        CUSTOMER, client.orders.get(CUSTOMER, order.id), addon, request_id=key()
    )
    assert [each.offer_id.upper() for each in order.lines] == [OFFER, OFFER_ADDON]
    (found,) = client.subscriptions.addons(CUSTOMER, base)
    assert found.parent_id == base
    with pytest.raises(errors.PreconditionFailed):
        stale = client.orders.get(CUSTOMER, order.id)
        client.orders.change_billing_cycle(CUSTOMER, stale, "annual", request_id=key())
        client.orders.change_billing_cycle(CUSTOMER, stale, "monthly", request_id=key())
    assert client.orders.get(CUSTOMER, order.id).billing_cycle == "annual"
    assert client.subscriptions.get(CUSTOMER, base).billing_cycle == "annual"


def story_software_is_bought_once_and_given_back(open_office: OpenOffice) -> None:
    office = open_office()
    client = office.app
    order = buy(office, seats(1, term=_ONCE, sku=SOFTWARE))
    order = client.orders.get(CUSTOMER, order.id)
    assert client.orders.cancel(CUSTOMER, order, request_id=key()).status == "cancelled"
    plan = buy(office, seats(1, term=_ONCE, sku=PLAN))
    assert plan.lines[0].offer_id.startswith(PLAN)


def story_term_ends_with_another(open_office: OpenOffice) -> None:
    office = open_office()
    client = office.app
    first = client.orders.get(CUSTOMER, buy(office, seats()).id).lines[0].subscription_id
    office.advance(days=20)
    last_day = client.subscriptions.get(CUSTOMER, first).last_day
    ends = client.subscriptions.term_ends(CUSTOMER, "P1Y")
    aligned = [each for each in ends if first in each.subscription_ids]
    assert [each.ends.date() for each in aligned] == [last_day]
    line = NewCartLine(
        catalog_item_id=item_id(SEATS, YEARLY),
        quantity=2,
        billing_cycle="monthly",
        term_duration="P1Y",
        custom_term_end=last_day,
    )
    second = client.orders.get(CUSTOMER, buy(office, line).id).lines[0].subscription_id
    assert client.subscriptions.get(CUSTOMER, second).last_day == last_day
    bad = NewCartLine(
        catalog_item_id=item_id(SEATS, YEARLY),
        quantity=2,
        billing_cycle="monthly",
        term_duration="P1Y",
        custom_term_end=date(2027, 3, 15),
    )
    assert client.carts.create(CUSTOMER, [bad], request_id=key()).bad_lines


def story_catalogue_that_has_changed_is_read_again(open_office: OpenOffice) -> None:
    office = open_office(switches={"availability_days": 10})
    office.advance(days=30)
    shelf, (product, sku) = office.app.catalogue.in_country("US"), SEATS.split(":")
    old = seats(term=MONTHLY)
    cart = office.app.carts.create(CUSTOMER, [old], request_id=key())
    assert len(cart.bad_lines) == 1
    fresh = {each.catalog_item_id for each in shelf.availabilities(product, sku)}
    assert old.catalog_item_id not in fresh
