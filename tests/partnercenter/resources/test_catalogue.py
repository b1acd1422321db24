"""The catalogue, promotions and offers: markets, mixed-up answers, what can be bought."""

import json
from typing import Any

import pytest

from partnercenter import errors
from partnercenter.client import PartnerCenter
from partnercenter.schemas.catalogue import read_availability
from partnercenter.schemas.promotions import WantedItem
from tests.partnercenter.fake_service import GUIDS, FakeService, Reply, collection, replying
from tests.partnercenter.schemas.commerce_examples import (
    AVAILABILITY,
    CUSTOMER,
    ELIGIBLE_ITEM,
    ITEM,
    OFFER,
    PRODUCT,
    PROMOTION,
    SKU,
    STOCK,
)

P, S, A = ITEM.split(":")


def _client(*replies: Reply) -> tuple[FakeService, PartnerCenter]:
    service = FakeService(replying(*replies))
    return service, service.client()


def test_market_is_a_country_or_a_customer() -> None:
    service, client = _client(collection([PRODUCT]))
    client.catalogue.in_country("us").products("OnlineServices", "commercial")
    client.catalogue.for_customer(CUSTOMER).products("OnlineServices")
    assert [(asked.path, asked.query) for asked in service.calls] == [
        (
            "/v1/products",
            {"country": "US", "targetView": "OnlineServices", "targetSegment": "commercial"},
        ),
        (f"/v1/customers/{CUSTOMER}/products", {"targetView": "OnlineServices"}),
    ]


def test_way_from_product_to_what_can_be_bought() -> None:
    service, client = _client(
        Reply(body=PRODUCT),
        collection([SKU]),
        Reply(body=SKU),
        collection([AVAILABILITY]),
        Reply(body=AVAILABILITY),
    )
    shelf = client.catalogue.in_country("US")
    assert shelf.product(P).product_type == "OnlineServicesNCE"
    (sku,) = shelf.skus(P)
    assert (sku.is_addon, sku.prerequisite_skus) == (True, ("CFQ7TTC0LF8Q:0001",))
    assert (sku.minimum_quantity, sku.maximum_quantity) == (1, 300)
    assert shelf.sku(P, S) == sku
    (availability,) = shelf.availabilities(P, S)
    assert (availability.catalog_item_id, availability.currency) == (ITEM, "USD")
    assert availability.terms[0].refunds[0].expires_after == "P1D"
    assert shelf.availability(P, S, A) == availability
    assert service.calls[-1].path == f"/v1/products/{P}/skus/{S}/availabilities/{A}"
    assert {asked.query["country"] for asked in service.calls} == {"US"}


@pytest.mark.parametrize(
    ("term", "cycle", "offered"),
    [
        ("P1Y", "annual", True),
        ("P1Y", "Annual", True),
        ("P1Y", "monthly", False),
        ("P3Y", "annual", False),
    ],
)
def test_terms_say_what_a_cart_may_ask_for(term: str, cycle: str, offered: bool) -> None:
    availability = read_availability(AVAILABILITY)
    assert availability.offers(term_duration=term, billing_cycle=cycle) is offered


@pytest.mark.parametrize(
    "ask",
    [
        lambda shelf: shelf.product("OTHER"),
        lambda shelf: shelf.skus("OTHER"),
        lambda shelf: shelf.sku("OTHER", S),
        lambda shelf: shelf.sku(P, "0002"),
        lambda shelf: shelf.availabilities("OTHER", S),
        lambda shelf: shelf.availabilities(P, "0002"),
        lambda shelf: shelf.availability(P, S, "OTHER"),
    ],
)
def test_answer_about_another_thing_is_not_used(ask: Any) -> None:
    def answer(asked: Any) -> Reply:
        if asked.path.endswith("/skus"):
            return collection([SKU])
        if asked.path.endswith("/availabilities"):
            return collection([AVAILABILITY])
        if "/availabilities/" in asked.path:
            return Reply(body=AVAILABILITY)
        return Reply(body=SKU if "/skus/" in asked.path else PRODUCT)

    shelf = FakeService(answer).client().catalogue.in_country("US")
    with pytest.raises(errors.MixedUpAnswer):
        ask(shelf)


def test_availability_whose_ids_do_not_fit_is_refused() -> None:
    _, client = _client(Reply(body={**AVAILABILITY, "catalogItemId": f"{P}:0002:{A}"}))
    with pytest.raises(errors.MalformedAnswer):
        client.catalogue.in_country("US").availability(P, S, A)


def test_item_that_is_not_available_is_an_error_despite_its_status() -> None:
    _, client = _client(Reply(200, body={"code": 400072, "description": "gone"}))
    with pytest.raises(errors.RequestRefused) as caught:
        client.catalogue.in_country("US").availability(P, S, A)
    assert caught.value.code == "400072"


def test_customer_nobody_knows_is_told_as_such() -> None:
    _, client = _client(Reply(404))
    with pytest.raises(errors.CustomerNotFound):
        client.catalogue.for_customer(CUSTOMER).products("OnlineServices")
    with pytest.raises(errors.InvalidRequest):
        client.catalogue.for_customer("somebody")


def test_stock_is_a_bare_list_and_about_what_was_asked() -> None:
    service, client = _client(Reply(body=[STOCK]))
    (stock,) = client.catalogue.stock("US", [("DZH318Z0BQ3P", "")], customer_id=CUSTOMER)
    assert (stock.sku_id, stock.is_restricted) == ("0039", True)
    assert stock.restrictions[0].reason == "NotAvailableForSubscription"
    assert json.loads(service.calls[0].body) == {
        "targetItems": [{"productId": "DZH318Z0BQ3P"}],
        "inventoryContext": {"customerId": CUSTOMER},
    }
    with pytest.raises(errors.MixedUpAnswer):
        client.catalogue.stock("US", [("OTHER", "0001")], customer_id=CUSTOMER)
    with pytest.raises(errors.InvalidRequest):
        client.catalogue.stock("US", [], customer_id=CUSTOMER)


def test_promotions_are_listed_and_found() -> None:
    service, client = _client(collection([PROMOTION]), Reply(body=PROMOTION))
    (promotion,) = client.promotions.list("US", "commercial")
    assert (promotion.ends, promotion.products[0].discounts) == (
        None,
        (("percent_discount", "0.5"),),
    )
    assert client.promotions.get(promotion.id, "US") == promotion
    assert service.calls[0].query == {"country": "US", "segment": "commercial"}
    with pytest.raises(errors.MixedUpAnswer):
        client.promotions.get("P:1:2", "US")


def test_eligibility_is_asked_for_and_answered_per_item() -> None:
    service, client = _client(collection([ELIGIBLE_ITEM]))
    item = WantedItem(ITEM, 1, "P1Y", "monthly", promotion_id="P:1:2")
    (answered,) = client.promotions.eligibilities(CUSTOMER, [item])
    (eligibility,) = answered.eligibilities
    assert (eligibility.is_eligible, eligibility.reasons) == (False, ("seat_count",))
    assert json.loads(service.calls[0].body)["items"][0]["promotionId"] == "P:1:2"
    with pytest.raises(errors.MixedUpAnswer):
        client.promotions.eligibilities(CUSTOMER, [item, item])
    with pytest.raises(errors.InvalidRequest):
        client.promotions.eligibilities(CUSTOMER, [])


def test_offers_are_asked_for_until_a_page_is_empty() -> None:
    offers = [{**OFFER, "id": guid} for guid in GUIDS[:5]]

    def answer(asked: Any) -> Reply:
        offset, size = int(asked.query["offset"]), int(asked.query["size"])
        return collection(offers[offset : offset + size])

    service = FakeService(answer)
    listed = [offer.id for offer in service.client().offers.list("us", size=2)]
    assert listed == GUIDS[:5]
    assert [asked.query["offset"] for asked in service.calls] == ["0", "2", "4", "5"]


def test_offers_that_shift_while_they_are_read_are_noticed() -> None:
    pages = [collection([{**OFFER, "id": GUIDS[at]} for at in page]) for page in ((0, 1), (1, 2))]
    _, client = _client(*pages)
    with pytest.raises(errors.PagingError):
        list(client.offers.list("US", size=2))
    with pytest.raises(errors.InvalidRequest):
        client.offers.pages("US", size=0)


def test_one_offer_its_addons_and_categories() -> None:
    service, client = _client(
        Reply(body=OFFER), collection([OFFER]), collection([{"id": "k", "name": "Enterprise"}])
    )
    offer = client.offers.get(GUIDS[8], "US")
    assert client.offers.addons(GUIDS[8], "US") == (offer,)
    assert [category.name for category in client.offers.categories("US")] == ["Enterprise"]
    assert [asked.path for asked in service.calls] == [
        f"/v1/offers/{GUIDS[8]}",
        f"/v1/offers/{GUIDS[8]}/addons",
        "/v1/offercategories",
    ]
    _, other = _client(Reply(body=OFFER))
    with pytest.raises(errors.MixedUpAnswer):
        other.offers.get(GUIDS[1], "US")
