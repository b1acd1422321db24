"""When a failed call is tried again, and after how long.

Only the transport retries calls, and only the rows of jobs retry work, so the waiting here has a
budget: what would exceed it is raised with Microsoft's own figure in ``retry_after``, and the job
comes back later instead of holding a worker.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from secrets import SystemRandom
from typing import TypeVar

from partnercenter.errors import PartnerCenterError, Throttled

# Told waits are lengthened by up to this share, never shortened: all workers of a partner share
# one limit and would otherwise return in the same instant.
_SPREAD = 0.1

T = TypeVar("T")

random_share: Callable[[], float] = SystemRandom().random


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often one call is tried and how long it may wait; all times in seconds."""

    tries: int = 4
    first_wait: float = 0.5
    longest_wait: float = 30.0
    budget: float = 120.0

    def wait_before_next(
        self,
        error: PartnerCenterError,
        *,
        tried: int,
        waited: float,
        repeatable: bool,
        share: float,
    ) -> float | None:
        """Return the seconds to wait before trying again, or None when that is all.

        ``repeatable`` says whether a call that may have had its effect can be sent again; a
        throttled one certainly had none. ``share`` in [0, 1) is the jitter.
        """
        if tried >= self.tries or not error.transient or error.lasts:
            return None
        if not repeatable and not isinstance(error, Throttled):
            return None
        if error.retry_after is not None:
            wait = error.retry_after * (1 + _SPREAD * share)
        else:
            ceiling = min(self.longest_wait, self.first_wait * 2 ** (tried - 1))
            wait = ceiling * (1 + share) / 2
        return wait if waited + wait <= self.budget else None


def asked_wait(headers: Mapping[str, str]) -> float | None:
    """Return the seconds ``Retry-After`` asks for, given as a number or as a date; None without.

    A date is compared with the answer's own ``Date``, because the two clocks need not agree.
    """
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    then = _http_date(text)
    if then is None:
        return None
    now = _http_date(headers.get("Date", "")) or datetime.now(UTC)
    return max(0.0, (then - now).total_seconds())


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def call_with_retries(
    attempt: Callable[[], T],
    *,
    policy: RetryPolicy,
    repeatable: bool,
    sleep: Callable[[float], None],
    share: Callable[[], float] = random_share,
) -> T:
    """Call ``attempt`` until it succeeds or the policy ends; the last error is raised."""
    tried, waited = 0, 0.0
    while True:
        try:
            return attempt()
        except PartnerCenterError as error:
            tried += 1
            wait = policy.wait_before_next(
                error, tried=tried, waited=waited, repeatable=repeatable, share=share()
            )
            if wait is None:
                raise
        sleep(wait)
        waited += wait
