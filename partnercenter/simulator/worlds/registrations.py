"""Company registration numbers in the shape of each country, with its check digit where it has one.

They are drawn by chance and belong to nobody on purpose; a right check digit matters because
forms, matching and address screens refuse or ignore numbers that cannot be.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random


def registration_number(country: str, rng: Random) -> str:
    """Return a well-formed number for the country, or "" where this module knows no form."""
    form = _FORMS.get(country)
    return form(rng) if form else ""


def luhn_digit(digits: str) -> str:
    """Return the check digit that makes `digits` pass the Luhn test."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def weighted_sum(digits: str, weights: tuple[int, ...]) -> int:
    """Return the sum of each digit times its weight."""
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))


def _digits(rng: Random, count: int) -> str:
    return str(rng.randrange(10 ** (count - 1), 10**count))


def _norwegian(rng: Random) -> str:
    # Nine digits; the ninth makes the weighted sum divisible by eleven (a rest of 10 is unused).
    while True:
        body = "9" + _digits(rng, 7)
        check = -weighted_sum(body, (3, 2, 7, 6, 5, 4, 3, 2)) % 11
        if check < 10:
            return body + str(check)


def _danish(rng: Random) -> str:
    while True:
        body = _digits(rng, 7)
        check = -weighted_sum(body, (2, 7, 6, 5, 4, 3, 2)) % 11
        if check < 10:
            return body + str(check)


def _polish(rng: Random) -> str:
    while True:
        body = _digits(rng, 9)
        check = weighted_sum(body, (6, 5, 7, 2, 3, 4, 5, 6, 7)) % 11
        if check < 10:
            return body + str(check)


def _swedish(rng: Random) -> str:
    body = "55" + _digits(rng, 7)
    number = body + luhn_digit(body)
    return f"{number[:6]}-{number[6:]}"


def _french(rng: Random) -> str:
    body = _digits(rng, 8)
    return body + luhn_digit(body)


def _belgian(rng: Random) -> str:
    body = "0" + _digits(rng, 7)
    check = 97 - int(body) % 97
    return f"{body[:4]}.{body[4:7]}.{body[7:]}{check:02d}"


_FORMS: dict[str, Callable[[Random], str]] = {
    "BE": _belgian,
    "DE": lambda rng: f"HRB {rng.randrange(1000, 260000)}",
    "DK": _danish,
    "FR": _french,
    "GB": lambda rng: _digits(rng, 8),
    "NL": lambda rng: _digits(rng, 8),
    "NO": _norwegian,
    "PL": _polish,
    "SE": _swedish,
    "US": lambda rng: f"00-{_digits(rng, 7)}",
}
