"""A04: no test speaks to anything beyond this machine, whatever the code under test believes."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any
from unittest.mock import patch

LOCAL_NAMES = {"localhost", ""}


class OutsideCall(AssertionError):
    """Something tried to leave this machine."""


@contextmanager
def nobody_outside() -> Iterator[None]:
    """Refuse, for a block, every connection of Python's that is not to this machine."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guarded(real: Any) -> Any:
        def call(self: socket.socket, address: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_local(address[0]):
                raise OutsideCall(f"A test tried to reach {address[0]}:{address[1]}.")
            return real(self, address)

        return call

    with (
        patch.object(socket.socket, "connect", guarded(connect)),
        patch.object(socket.socket, "connect_ex", guarded(connect_ex)),
    ):
        yield


def _is_local(host: str) -> bool:
    if host in LOCAL_NAMES:
        return True
    try:
        return ip_address(host.split("%")[0]).is_loopback
    except ValueError:
        return False
