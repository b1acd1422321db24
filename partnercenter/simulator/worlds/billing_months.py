"""The months a world is billed for, and the exchange rates of each.

Partner Center bills new commerce by calendar month in the partner's currency; customers abroad
are priced in their own, so every row carries the month's rate.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from partnercenter.simulator.worlds.chance import source

# Value of one unit in euro; every month moves around it by up to two per cent.
_EURO_VALUE = {
    "EUR": Decimal(1),
    "USD": Decimal("0.921"),
    "GBP": Decimal("1.168"),
    "NOK": Decimal("0.0862"),
    "SEK": Decimal("0.0887"),
    "DKK": Decimal("0.1341"),
}
_RATE_STEP = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month with its exchange rates into the billing currency, by pricing currency."""

    first: date
    last: date
    rates: dict[str, Decimal]

    @property
    def days(self) -> int:
        """Return how many days the month has."""
        return self.last.day


def billed_months(*, today: date, currency: str, seed: int) -> tuple[Month, ...]:
    """Return the three complete months before `today`, oldest first."""
    months: list[Month] = []
    end = today.replace(day=1) - timedelta(days=1)
    for _ in range(3):
        months.insert(0, _month(end, currency=currency, seed=seed))
        end = end.replace(day=1) - timedelta(days=1)
    return tuple(months)


def exchange_rate(source_currency: str, target: str) -> Decimal:
    """Return the value of one unit of a currency in another; an unknown one counts as euro."""
    value = _EURO_VALUE.get(source_currency, Decimal(1))
    return (value / _EURO_VALUE.get(target, Decimal(1))).quantize(_RATE_STEP)


def months_after(start: date, count: int) -> date:
    """Return the same day `count` months later, or that month's last day when it is shorter."""
    year, month = divmod(start.year * 12 + start.month - 1 + count, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def _month(last: date, *, currency: str, seed: int) -> Month:
    rng = source(f"{seed}/rates/{last:%Y-%m}")
    rates = {}
    for code, value in _EURO_VALUE.items():
        drift = Decimal(rng.randrange(9800, 10200)) / 10000
        rate = (value / _EURO_VALUE[currency] * drift).quantize(_RATE_STEP)
        rates[code] = Decimal(1) if code == currency else rate
    return Month(first=last.replace(day=1), last=last, rates=rates)
