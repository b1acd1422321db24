"""What one reader is registered with, and values that occur in many bodies."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

WHEN = "2026-11-20T10:00:00.1234567Z"


@dataclass(frozen=True)
class Reader:
    """A reader, a body it reads, and the names without which it must not."""

    read: Callable[[object], Any]
    body: dict[str, Any]
    needs: frozenset[str]


def reader(read: Callable[[object], Any], body: dict[str, Any], *needs: str) -> Reader:
    """Return a registration; ``needs`` are top-level names on which identity or money hangs."""
    return Reader(read, body, frozenset(needs))
