"""The hook between the integration test and what receives events.

What receives events tells by `use_receiver`, when the process starts, where Microsoft is to send
them and whether a test event arrived. Until something does, the step is skipped with that reason.
"""

import ipaddress
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from tenants.connections.models import Connection


class Receiver(Protocol):
    """What the test asks of the receiver of events. None of it calls Microsoft."""

    def address_of(self, connection: Connection) -> str:
        """Return where Microsoft is to send a connection's events; "" when nowhere."""

    def events(self) -> Sequence[str]:
        """Return the names of the events to register for."""

    def test_arrived_at(self, connection: Connection, correlation_id: str) -> datetime | None:
        """Return when a test event arrived whose signature was good; None while none has."""


_receiver: list[Receiver] = []


def use_receiver(receiver: Receiver | None) -> None:
    """Name what receives events in this installation; None: nothing does."""
    _receiver[:] = [receiver] if receiver is not None else []


def receiver_in_use() -> Receiver | None:
    """Return what receives events, None when nothing does."""
    return _receiver[0] if _receiver else None


def is_public(address: str) -> bool:
    """Tell whether Microsoft could reach an address: https, and no name or number of a LAN."""
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
    except ValueError:
        return False
    if parts.scheme != "https" or not host:
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        local = host.endswith((".localhost", ".local", ".internal", ".lan", ".home.arpa"))
        return "." in host and not local
