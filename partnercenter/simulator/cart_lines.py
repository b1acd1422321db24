"""One line of a cart or order, checked against the catalogue and the customer.

The same checks serve three callers. A new cart keeps a bad line with the error beside it; a direct
order is refused for it; a checkout looks again, because what was on sale may be so no more. The
same mistake has one code in a cart and another outside, so a refusal carries both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from partnercenter.simulator.buying import Buyer
from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import fold, read_enum
from partnercenter.simulator.line_checks import (
    LineRefusal,
    check_base,
    check_currency,
    check_prerequisites,
    check_sandbox,
    read_partner,
)
from partnercenter.simulator.promotions import Wish, concerns, discount, errors_of, is_automatic
from partnercenter.simulator.shelf import Item, list_price
from partnercenter.simulator.stores.catalogue import Row
from partnercenter.simulator.terms import (
    cents,
    first_period,
    last_day,
    periods,
    refuse_end,
    share,
)

CYCLES = ("monthly", "annual", "triennial", "one_time", "none")


@dataclass(frozen=True, slots=True)
class Price:
    """The money of a line in the customer's currency: per seat and billing period, and in all."""

    listed: Decimal
    discount: Decimal
    share: Decimal
    extended: Decimal

    @property
    def discounted(self) -> Decimal:
        """Return the list price less the promotion."""
        return cents(self.listed * (1 - self.discount))

    @property
    def prorated(self) -> Decimal:
        """Return the discounted price of the first billing period, which may be cut short."""
        return cents(self.discounted * self.share)


@dataclass(frozen=True, slots=True)
class Line:
    """A line that can be bought: an item of new commerce, or a legacy offer.

    `duration` is empty where there is no term, `end` the last day of the first term, None for what
    does not end; `friendly_name` is what the caller wants to call it. One that `follows` is an
    add-on bought with the legacy base before it.
    """

    item: Item | None
    offer: Row | None
    catalog_id: str
    quantity: int
    billing_cycle: str
    duration: str
    start: date
    end: date | None
    custom_end: date | None
    currency: str
    symbol: str
    friendly_name: str
    promotion_id: str
    price: Price | None
    partner_id: str
    raw: Mapping[str, Any]
    follows: bool = False

    @property
    def family(self) -> str:
        """Return `legacy`, `seats` (new-commerce licences) or `other`."""
        if self.item is None:
            return "legacy"
        return "seats" if self.item.product_type == "OnlineServicesNCE" else "other"

    @property
    def is_azure_plan(self) -> bool:
        """Tell whether this is the plan under which Azure itself is used."""
        sub = ((self.item.product if self.item else {}).get("productType") or {}).get("subType")
        return bool(self.item) and fold((sub or {}).get("id") or "") == "azure"

    @property
    def becomes_subscription(self) -> bool:
        """Tell whether a subscription is made of it: not of reservations or perpetual software."""
        return self.billing_cycle != "one_time" or self.is_azure_plan

    @property
    def name(self) -> str:
        """Return what the line is called on orders and subscriptions."""
        title = (self.item.sku.get("title") or self.item.product.get("title")) if self.item else ""
        return self.friendly_name or str(title or (self.offer or {}).get("name") or "")


def read_line(
    buyer: Buyer, raw: Mapping[str, Any], *, beside: frozenset[str], taken: int = 0
) -> Line:
    """Return a line as it can be bought now.

    `beside` are the `product:sku` of all lines it is bought with, `taken` the subscriptions that
    the lines before it become. Raises LineRefusal.
    """
    catalog_id = str(raw.get("catalogItemId") or raw.get("offerId") or "")
    if not catalog_id:
        raise LineRefusal(10010, "catalogItemId is required.", code=800002)
    offer = None if ":" in catalog_id else _find_offer(buyer, catalog_id)
    item = None if offer is not None else _find_item(buyer, catalog_id)
    sku: Row = offer if offer is not None else item.sku if item else {}
    quantity = _read_quantity(raw, sku)
    cycle, duration, term = _read_term(raw, item, sku)
    start = buyer.now.date()
    custom_end = _read_custom_end(buyer, raw, sku, start=start, duration=duration)
    natural = last_day(start, duration) if duration else None
    wish = Wish(
        ":".join(catalog_id.split(":")[:2]), duration, cycle, quantity, buyer.owned, buyer.now
    )
    promotion = _read_promotion(buyer, raw, wish) if item else None
    currency = (item.availability if item else {}).get("defaultCurrency") or {}
    line = Line(
        item=item,
        offer=offer,
        catalog_id=item.id if item else str(sku.get("id") or catalog_id),
        quantity=quantity,
        billing_cycle=cycle,
        duration=duration,
        start=start,
        end=custom_end or natural,
        custom_end=custom_end,
        currency=str(currency.get("code") or ""),
        symbol=str(currency.get("symbol") or ""),
        friendly_name=str(raw.get("friendlyName") or ""),
        promotion_id=str(promotion["id"]) if promotion else "",
        price=_price(term, wish, promotion, custom_end=custom_end),
        partner_id=read_partner(buyer, raw),
        raw=raw,
    )
    check_currency(raw, line.currency)
    check_base(buyer, sku, raw, beside=beside)
    check_prerequisites(sku, raw)
    check_sandbox(
        buyer,
        quantity=quantity,
        plans=taken if line.is_azure_plan else None,
        subscriptions=taken if line.becomes_subscription else None,
    )
    return line


def _find_offer(buyer: Buyer, offer_id: str) -> Row:
    offer = buyer.call.site.catalogue.offer(offer_id)
    country = fold(buyer.country)
    if offer is None or fold(offer.get("country") or country) != country:
        raise LineRefusal(10001, f"Offer {offer_id} is not sold here.", code=800004)
    return offer


def _find_item(buyer: Buyer, catalog_id: str) -> Item:
    try:
        item = buyer.shelf.find(catalog_id)
    except Problem as problem:
        raise LineRefusal(
            10001, problem.description, status=problem.status, code=problem.code
        ) from problem
    if item.availability.get("isPurchasable") is False:
        raise LineRefusal(10001, f"{catalog_id} cannot be bought now.", code=400072)
    segment = fold(item.availability.get("segment") or "commercial")
    if segment not in buyer.segments:
        raise LineRefusal(800020, f"The customer is not qualified for {segment}.", status=403)
    return item


def _read_quantity(raw: Mapping[str, Any], sku: Row) -> int:
    quantity = raw.get("quantity")
    if not isinstance(quantity, int) or isinstance(quantity, bool) or quantity < 1:
        raise LineRefusal(10010, "quantity must be a whole number above zero.", code=800002)
    least, most = int(sku.get("minimumQuantity") or 1), sku.get("maximumQuantity")
    if quantity < least:
        raise LineRefusal(10010, f"At least {least} have to be bought.", code=800010)
    if most is not None and quantity > int(most):
        raise LineRefusal(10015, f"At most {most} can be bought.", status=403, code=800089)
    return quantity


def _read_term(raw: Mapping[str, Any], item: Item | None, sku: Row) -> tuple[str, str, Row]:
    """Return billing cycle, duration and the term they make; only what is on offer is accepted."""
    supported = [str(one) for one in sku.get("supportedBillingCycles") or ()]
    asked = raw.get("billingCycle")
    if item is None and (asked is None or fold(asked) == "unknown"):
        # Orders of legacy offers were sent with the enum's first member, which means no choice.
        asked = "monthly" if not supported or "monthly" in supported else supported[0]
    cycle = read_enum(asked, CYCLES)
    if cycle is None:
        raise LineRefusal(10010, f"billingCycle {asked!r} is not known.", code=900126)
    duration = str(raw.get("termDuration") or "").upper()
    terms: list[Row] = list((item.availability if item else {}).get("terms") or ())
    if not terms:
        if supported and fold(cycle) not in (fold(one) for one in supported):
            raise LineRefusal(400039, f"{cycle} billing is not offered for this item.")
        return cycle, duration, {}
    if not duration and len(terms) == 1 and item and item.product_type == "Azure":
        # Reservations and plans are ordered without a term: their item has but one.
        duration = str(terms[0].get("duration") or "")
    for term in terms:
        own = fold(term.get("billingCycle") or cycle)
        if fold(term.get("duration") or "") == fold(duration) and own == fold(cycle):
            return cycle, duration, term
    raise LineRefusal(400039, f"Term {duration!r} with {cycle} billing is not offered.")


def _read_custom_end(
    buyer: Buyer, raw: Mapping[str, Any], sku: Row, *, start: date, duration: str
) -> date | None:
    asked = raw.get("customTermEndDate")
    if asked is None:
        return None
    if not duration or sku.get("isTrial"):
        raise LineRefusal(900242, "Only paid seats can end with other subscriptions.")
    try:
        end = date.fromisoformat(str(asked)[:10])
    except ValueError as error:
        raise LineRefusal(900242, f"customTermEndDate {asked!r} is not a date.") from error
    why_not = refuse_end(end, start=start, duration=duration, others=buyer.seat_ends())
    if why_not:
        raise LineRefusal(900242, why_not)
    return end


def _read_promotion(buyer: Buyer, raw: Mapping[str, Any], wish: Wish) -> Row | None:
    catalogue = buyer.call.site.catalogue
    asked = str(raw.get("promotionId") or "").strip()
    if not asked:
        fitting = (
            one
            for one in catalogue.promotions()
            if is_automatic(one) and concerns(one, wish) and not errors_of(one, wish)
        )
        return next(fitting, None)
    promotion = catalogue.promotion(asked)
    if promotion is None or not concerns(promotion, wish) or errors_of(promotion, wish):
        raise LineRefusal(27006, f"Promotion {asked} does not apply to this purchase.")
    return promotion


def _price(
    term: Row, wish: Wish, promotion: Row | None, *, custom_end: date | None
) -> Price | None:
    listed = list_price(term)
    if listed is None:
        return None
    start, natural = wish.now.date(), last_day(wish.now.date(), wish.duration)
    end = custom_end or natural
    off = discount(promotion, wish) if promotion else Decimal(0)
    each = cents(listed * (1 - off))
    whole = each * wish.quantity * periods(wish.duration, wish.billing_cycle)
    return Price(
        listed=listed,
        discount=off,
        share=first_period(start, end, wish.billing_cycle)[1],
        extended=cents(whole * share(start, end, natural)),
    )
