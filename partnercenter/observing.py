"""Tells whoever listens about each exchange: what it was about, how it ended, how long it took.

Only words from fixed lists are told, never an address, an id or a name: what listens may show them
to people who have nothing to do with a customer.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

FAMILIES = frozenset(
    {
        "carts",
        "checkout",
        "customers",
        "domains",
        "invoices",
        "lineitems",
        "orders",
        "products",
        "profiles",
        "relationships",
        "skus",
        "subscriptions",
        "token",
        "validations",
    }
)
OTHER = "other"
NO_ANSWER = "no_answer"


@dataclass(slots=True)
class Exchange:
    """One request. ``outcome``: ``2xx`` to ``5xx``, ``429``, or ``no_answer``."""

    family: str
    method: str
    outcome: str = NO_ANSWER
    seconds: float = 0.0


Listener = Callable[[Exchange], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Have ``listener`` called after every exchange of this process; twice is once."""
    if listener not in _listeners:
        _listeners.append(listener)


@contextmanager
def observed(method: str, url: str) -> Iterator[Exchange]:
    """Time a block that makes one exchange; it says with `ended` what the answer was."""
    exchange = Exchange(family_of(url), method)
    started = time.perf_counter()
    try:
        yield exchange
    finally:
        exchange.seconds = time.perf_counter() - started
        for listener in _listeners:
            listener(exchange)


def ended(exchange: Exchange, status: int) -> None:
    """Write down how an exchange was answered."""
    exchange.outcome = "429" if status == 429 else f"{status // 100}xx"


def family_of(url: str) -> str:
    """Return what an address is about: its last word that is known, such as ``subscriptions``."""
    words = urlsplit(url).path.lower().split("/")
    return next((word for word in reversed(words) if word in FAMILIES), OTHER)
