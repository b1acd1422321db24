"""Money: a Decimal that never parts from its currency.

Amounts are kept with six places, as Microsoft sends them, and rounded once, where a line of a
report is made. Adding two currencies is a programming error and raises.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from babel.numbers import get_currency_precision
from django.core.validators import RegexValidator
from django.db import models

STORED_PLACES = 6
currency_code = RegexValidator(r"^[A-Z]{3}\Z", "Use the three capital letters of an ISO 4217 code.")


class CurrencyMismatch(ArithmeticError):
    """Two currencies met in one sum."""


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An exact amount in one currency."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise TypeError(f"Money needs a Decimal, not {type(self.amount).__name__}.")

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def rounded(self) -> "Money":
        """Round half up to the currency's own number of places."""
        return Money(round_amount(self.amount, self.currency), self.currency)

    def _same(self, other: "Money") -> Decimal:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} cannot be added.")
        return other.amount


def round_amount(amount: Decimal, currency: str) -> Decimal:
    """Round half up to the places ISO 4217 gives ``currency`` (2 for EUR, 0 for JPY, 3 for KWD)."""
    return amount.quantize(Decimal(1).scaleb(-get_currency_precision(currency)), ROUND_HALF_UP)


class AmountField(models.DecimalField):
    """``numeric(20, 6)``: the amount of a currency column that stands beside it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 20)
        kwargs.setdefault("decimal_places", STORED_PLACES)
        super().__init__(*args, **kwargs)


class CurrencyField(models.CharField):
    """An ISO 4217 code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 3)
        kwargs.setdefault("validators", [currency_code])
        super().__init__(*args, **kwargs)
