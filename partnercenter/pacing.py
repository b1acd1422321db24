"""Going slower than Microsoft's limits, so that being refused is the exception.

Microsoft counts the calls of a partner tenant, whichever program and process makes them. So the
count must be shared by all of them; where it is kept is for who makes the client to say.
"""

import re
from typing import Protocol

# Customer, order and subscription resources: 500 calls a minute and tenant (Partner Center's page
# on throttling; enforced for the others dynamically, which a refusal then tells).
_LIMITED = re.compile(
    r"/v1/customers(/[^/]+(/(orders|carts|subscriptions|transfers|migrations)\b.*)?)?"
    r"|/v1/productupgrades\b.*",
    re.IGNORECASE,
)
LONGEST_WAIT = 30.0
"""Seconds a call waits for its turn; for a later one it is raised, and the job comes back."""


class Pace(Protocol):
    """Whose turn it is, among all who call as the same partner tenant."""

    def turn(self, *, limited: bool) -> float:
        """Take a turn and return the seconds until then.

        One further away than `LONGEST_WAIT` is told but not taken. ``limited`` calls count against
        the figure Microsoft publishes; all wait after a refusal.
        """

    def refused(self, seconds: float) -> None:
        """Have all wait, because Microsoft refused a call for so many seconds."""


class Unpaced:
    """Lets every call go at once."""

    def turn(self, *, limited: bool) -> float:
        """Return no wait."""
        return 0.0

    def refused(self, seconds: float) -> None:
        """Remember nothing."""


def is_limited(path: str) -> bool:
    """Tell whether calls of a path count against Microsoft's published limit."""
    return bool(_LIMITED.fullmatch(path.rstrip("/")))
