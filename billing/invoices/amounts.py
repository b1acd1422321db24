"""Amounts as programs read them: every digit that matters, never an exponent."""

from decimal import Decimal

FEWEST_PLACES = 2


def exact(amount: Decimal) -> Decimal:
    """Return an amount with two decimal places, or as many more as it needs."""
    exponent = amount.normalize().as_tuple().exponent
    places = max(-exponent if isinstance(exponent, int) else 0, FEWEST_PLACES)
    return amount.quantize(Decimal(1).scaleb(-places))


def plain(amount: Decimal) -> str:
    """Write an exact amount as text."""
    return f"{exact(amount):f}"
