"""A clock that runs like the real one and can be moved on, so that a year takes no year.

Renewals, expiries, lags and throttle windows all ask it. How far it was moved is an effect in the
ledger, so it is still moved after a restart.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from partnercenter.simulator.ledger import Effect


def real_time() -> datetime:
    """Return the time of this machine."""
    return datetime.now(UTC)


class VirtualClock:
    """Tells the time of its source and how far it was moved on since; never goes back."""

    def __init__(self, source: Callable[[], datetime] = real_time) -> None:
        self._source = source
        self._moved = timedelta()

    def __call__(self) -> datetime:
        """Return the simulated moment, in UTC."""
        return self._source() + self._moved

    def apply_moved(self, effect: Effect) -> None:
        """Take in that the clock was moved on."""
        self._moved += timedelta(seconds=effect.data["seconds"])

    def reset(self) -> None:
        """Return to the time of the source."""
        self._moved = timedelta()
