"""The clients of a load: ``python -m bench.clients`` reads an `Order` and prints an `Outcome`.

They are threads of a process of their own with nothing but the standard library in it, so that they
take as little as possible of the machine the server runs on. Each keeps one connection, asks as
somebody drawn by lot, waits for the answer and asks again. Every answer is searched for the mark
that each tenant carries in its domain, and by which it is known whose it is.
"""

import json
import random
import re
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from http.client import HTTPConnection, HTTPException
from time import perf_counter
from typing import Any

MARK = re.compile(rb"tenant(\d+)-of-(\d+)\.")
TIMEOUT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody to ask as: the headers of a session or token, and the id of the reseller."""

    reseller: int
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Order:
    """What to ask: ``requests`` in all of ``path``, whose answers list ``rows`` tenants each."""

    port: int
    path: str
    rows: int
    seats: list[Seat]
    clients: int
    requests: int
    seed: int


@dataclass(slots=True)
class Outcome:
    """What came of it: the time all of it took, and milliseconds of each answer that was good.

    ``errors`` tells of each answer that was not, ``foreign`` counts rows of other resellers.
    """

    seconds: float = 0.0
    milliseconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    foreign: int = 0

    def add(self, other: "Outcome") -> None:
        """Take in what was found by another client at another time."""
        self.seconds += other.seconds
        self.take_answers(other)

    def take_answers(self, other: "Outcome") -> None:
        """Take in what was found by another client at the same time."""
        self.milliseconds += other.milliseconds
        self.errors += other.errors
        self.foreign += other.foreign


def ask_all(order: Order) -> Outcome:
    """Ask with all clients at once."""
    shares = [len(range(at, order.requests, order.clients)) for at in range(order.clients)]
    began = perf_counter()
    with ThreadPoolExecutor(order.clients) as pool:
        found = list(pool.map(lambda at: _client(order, at, shares[at]), range(order.clients)))
    whole = Outcome(seconds=perf_counter() - began)
    for one in found:
        whole.take_answers(one)
    return whole


def _client(order: Order, at: int, share: int) -> Outcome:
    lot = random.Random(f"{order.seed} {at}")
    found = Outcome()
    connection = HTTPConnection("127.0.0.1", order.port, timeout=TIMEOUT_SECONDS)
    for _ in range(share):
        seat = lot.choice(order.seats)
        began = perf_counter()
        try:
            connection.request("GET", order.path, headers=seat.headers)
            answer = connection.getresponse()
            status, body = answer.status, answer.read()
        except (OSError, HTTPException) as error:
            found.errors.append(repr(error))
            connection.close()
            continue
        took = (perf_counter() - began) * 1000
        own, foreign = _rows(body, seat.reseller)
        found.foreign += foreign
        if status == 200 and own == order.rows:
            found.milliseconds.append(took)
        else:
            found.errors.append(f"{status} with {own} rows: {body[:200]!r}")
    connection.close()
    return found


def _rows(body: bytes, reseller: int) -> tuple[int, int]:
    """Return how many tenants of the reseller, and how many of others, an answer shows."""
    owners = [int(owner) for _, owner in set(MARK.findall(body))]
    own = owners.count(reseller)
    return own, len(owners) - own


def main(lines: Iterable[str]) -> None:
    """Carry out the order on standard input."""
    given: dict[str, Any] = json.loads("".join(lines))
    order = Order(**given | {"seats": [Seat(**seat) for seat in given["seats"]]})
    sys.stdout.write(json.dumps(asdict(ask_all(order))))


if __name__ == "__main__":
    main(sys.stdin)
