"""An access token kept in memory until shortly before it ends."""

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable

from partnercenter.secrecy import Secret

# A token is given back this long before it ends, so that it does not end on the way.
MARGIN_SECONDS = 300.0


def usable_seconds(lifetime: float) -> float:
    """Return for how many of its seconds a token is handed out."""
    return max(lifetime - MARGIN_SECONDS, lifetime / 2)


class HeldToken(ABC):
    """One token, obtained when it is first asked for or has ended; safe between threads."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._token = Secret()
        self._good_until = 0.0

    def token(self) -> Secret:
        """Return a token that is still good. Raises: what obtaining one raises."""
        with self._lock:
            if not self._token or self._clock() >= self._good_until:
                self._hold()
            return self._token

    def renewed(self, refused: str) -> Secret:
        """Return another token than ``refused``; one fetched meanwhile by a thread will do."""
        with self._lock:
            if self._token == refused:
                self._token = Secret()
                self._hold()
            return self._token

    def _hold(self) -> None:
        token, lifetime = self._obtain()
        self._token = token
        self._good_until = self._clock() + usable_seconds(lifetime)

    @abstractmethod
    def _obtain(self) -> tuple[Secret, float]:
        """Fetch a token; return it with its lifetime in seconds."""
