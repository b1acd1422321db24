"""The request limit Microsoft puts on customer, order and subscription calls.

The last minute is a sliding window in which refused calls count too, so a client that hammers
instead of waiting stays locked out, as its pages warn.
"""

import re
import threading
from collections import deque
from datetime import datetime, timedelta

from partnercenter.simulator.wire import Response

_LIMITED = re.compile(
    r"/customers/[^/]+(/(orders|carts|subscriptions|transfers|migrations)\b.*)?/?$"
    r"|/customers/?$|/productupgrades\b",
    re.IGNORECASE,
)
_WINDOW = timedelta(minutes=1)


class Throttle:
    """Counts calls per tenant, and per tenant and route where a route has its own limit."""

    def __init__(self) -> None:
        self._calls: dict[str, deque[datetime]] = {}
        self._lock = threading.Lock()

    def refuse(self, path: str, *, tenant_id: str, limit: int, now: datetime) -> Response | None:
        """Count a call and return its refusal when the tenant is over the limit."""
        if limit <= 0 or not _LIMITED.search(path):
            return None
        return self.count(tenant_id, limit=limit, now=now)

    def count(self, key: str, *, limit: int, now: datetime) -> Response | None:
        """Count a call under a key of its own; return its refusal when there are too many."""
        with self._lock:
            calls = self._calls.setdefault(key, deque())
            calls.append(now)
            while calls and now - calls[0] >= _WINDOW:
                calls.popleft()
            if len(calls) <= limit:
                return None
            # Room comes back when the call `limit` places before the end leaves the window.
            wait = calls[-limit] + _WINDOW - now
        return throttled(max(1, -int(-wait.total_seconds() // 1)))

    def reset(self) -> None:
        """Forget all calls."""
        with self._lock:
            self._calls.clear()


def throttled(seconds: int, *, retry_after: str | None = None) -> Response:
    """Return the 429 of the service, which has a body of its own; `retry_after` may be a date."""
    return Response(
        status=429,
        headers={"Retry-After": retry_after or str(seconds), "Content-Type": "application/json"},
        body={
            "statusCode": 429,
            "message": f"Rate limit is exceeded. Try again in {seconds} seconds.",
        },
    )
