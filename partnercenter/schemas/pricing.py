"""Prices on cart and order lines."""

from dataclasses import dataclass
from decimal import Decimal

from partnercenter.errors import MalformedAnswer
from partnercenter.schemas.fields import Fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Pricing:
    """What one line costs, in ``currency``.

    All are per unit but ``extended``, which is for the whole term and quantity (a yearly term
    billed monthly has twelve times the price of a month). None where Microsoft sent none.
    """

    currency: str
    list_price: Decimal | None
    discounted: Decimal | None
    prorated: Decimal | None
    price: Decimal | None
    extended: Decimal | None


def read_pricing(fields: Fields | None, currency: str) -> Pricing | None:
    """Return a line's prices, None when it has none.

    Raises: MalformedAnswer for an unreadable price, or one without a currency.
    """
    if fields is None or not fields.raw:
        return None
    if not currency:
        raise MalformedAnswer("The answer has a price without a currency.")
    return Pricing(
        currency=currency,
        list_price=fields.amount("listprice"),
        discounted=fields.amount("discountedprice"),
        prorated=fields.amount("proratedprice"),
        price=fields.amount("price"),
        extended=fields.amount("extendedprice"),
    )
