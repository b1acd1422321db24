"""Promotions of a market, and which of them a purchase would get."""

from collections.abc import Iterable

from partnercenter.errors import InvalidRequest, MixedUpAnswer
from partnercenter.resources.asking import ask, ask_by_post, check_about, country_code, whole
from partnercenter.resources.customers import customer_path
from partnercenter.schemas.promotions import (
    EligibleItem,
    Promotion,
    WantedItem,
    read_eligible_item,
    read_promotion,
)
from partnercenter.transport import Transport, join_path


class Promotions:
    """Promotions for new commerce."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, country: str, segment: str) -> tuple[Promotion, ...]:
        """Return the promotions of a market for a segment (``commercial``)."""
        return ask(
            self._transport,
            "/v1/productpromotions",
            params={"country": country_code(country), "segment": segment},
            read=lambda body: whole(body, read=read_promotion, identity=lambda each: each.id),
        )

    def get(self, promotion_id: str, country: str) -> Promotion:
        """Return one promotion. Raises: NotFound, MixedUpAnswer."""

        def read(body: object) -> Promotion:
            promotion = read_promotion(body)
            check_about(promotion.id, promotion_id, "promotion")
            return promotion

        return ask(
            self._transport,
            join_path("v1", "productpromotions", promotion_id),
            params={"country": country_code(country)},
            read=read,
        )

    def eligibilities(
        self, customer_id: str, items: Iterable[WantedItem]
    ) -> tuple[EligibleItem, ...]:
        """Return which promotions a customer would get on these items.

        Raises: CustomerNotFound, MixedUpAnswer when the answer names other items.
        """
        wanted = tuple(items)
        if not wanted:
            raise InvalidRequest("Promotions are asked for with at least one item.")

        def read(body: object) -> tuple[EligibleItem, ...]:
            found = whole(body, read=read_eligible_item, identity=None)
            if sorted(each.catalog_item_id.casefold() for each in found) != sorted(
                each.catalog_item_id.casefold() for each in wanted
            ):
                raise MixedUpAnswer("The answer is about other items.")
            return found

        return ask_by_post(
            self._transport,
            customer_path(customer_id, "promotionEligibilities"),
            body={"items": [item.body(position) for position, item in enumerate(wanted)]},
            read=read,
        )
