"""The last calls made in a user's name, from which the service tells who lacks multi-factor.

Only in memory and only the latest: it is telemetry about calls, not an effect of them. A restart
or a reset forgets it.
"""

import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime

from partnercenter.simulator.identity import Caller
from partnercenter.simulator.routing import Route
from partnercenter.simulator.wire import Request

_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One call with a signed-in user, refused or not."""

    request_id: str
    correlation_id: str
    operation: str
    peer: str
    at: datetime
    caller: Caller
    compliant: bool


class RequestLog:
    """The latest calls of users, oldest first; calls of an application alone are left out."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=_KEPT)
        self._lock = threading.Lock()

    def add(self, request: Request, route: Route, caller: Caller, *, at: datetime) -> None:
        """Note a call, if a user stands behind it."""
        if caller.app_only:
            return
        version = "/v{version}" if route.versioned else ""
        entry = Entry(
            request_id=request.request_id,
            correlation_id=request.correlation_id,
            operation=f"{request.method.capitalize()} {version}{route.path}",
            peer=request.peer,
            at=at,
            caller=caller,
            compliant="mfa" in caller.methods,
        )
        with self._lock:
            self._entries.append(entry)

    def all(self) -> list[Entry]:
        """Return the calls, oldest first."""
        with self._lock:
            return list(self._entries)

    def reset(self) -> None:
        """Forget all calls."""
        with self._lock:
            self._entries.clear()
