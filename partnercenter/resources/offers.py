"""Offers of old commerce, which customers may still have."""

from collections.abc import Iterator

from partnercenter.errors import InvalidRequest, PagingError
from partnercenter.paging import Listing, Page, read_pages
from partnercenter.resources.asking import ask, check_about, country_code, whole
from partnercenter.schemas.offers import Offer, OfferCategory, read_offer, read_offer_category
from partnercenter.transport import Transport, join_path

PAGE_SIZE = 500


class Offers:
    """Offers of old commerce, per market."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def pages(self, country: str, size: int = PAGE_SIZE) -> Iterator[Page[Offer]]:
        """Yield a market's offers page by page; the last page may be empty.

        Raises: PagingError rather than end early.
        """
        if size < 1:
            raise InvalidRequest("A page has at least one offer.")
        listing = Listing(
            path="/v1/offers",
            params={"country": country_code(country)},
            size=size,
            read=read_offer,
            identity=None,
            # Offers are paged by offset, and no next link is promised.
            probes=True,
        )
        return read_pages(self._transport, listing)

    def list(self, country: str, size: int = PAGE_SIZE) -> Iterator[Offer]:
        """Yield a market's offers. Raises: PagingError when one comes twice."""
        seen: set[str] = set()
        for page in self.pages(country, size):
            for offer in page.items:
                if offer.id in seen:
                    raise PagingError("An offer came twice.", page=page.number)
                seen.add(offer.id)
            yield from page.items

    def get(self, offer_id: str, country: str) -> Offer:
        """Return one offer. Raises: NotFound, MixedUpAnswer."""

        def read(body: object) -> Offer:
            offer = read_offer(body)
            check_about(offer.id, offer_id, "offer")
            return offer

        return ask(
            self._transport,
            join_path("v1", "offers", offer_id),
            params={"country": country_code(country)},
            read=read,
        )

    def addons(self, offer_id: str, country: str) -> tuple[Offer, ...]:
        """Return the offers that can be added to one. Raises: NotFound."""
        return ask(
            self._transport,
            join_path("v1", "offers", offer_id, "addons"),
            params={"country": country_code(country)},
            read=lambda body: whole(body, read=read_offer, identity=lambda offer: offer.id),
        )

    def categories(self, country: str) -> tuple[OfferCategory, ...]:
        """Return a market's categories of offers."""
        return ask(
            self._transport,
            "/v1/offercategories",
            params={"country": country_code(country)},
            read=lambda body: whole(body, read=read_offer_category, identity=None),
        )
