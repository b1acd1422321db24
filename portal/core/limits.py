"""How many requests somebody may make: counters in Redis, all of a request's in one atomic step.

A window begins with somebody's first request and ends a fixed time later, rather than sliding:
what is left and when it begins anew are then true figures, which programs are told in headers. All
counters of a request are looked at before any is raised, in one script that Redis runs alone. So of
any number of parallel requests exactly the limit gets through, and what is refused is counted
nowhere: a program that runs wild uses up its own allowance and not its colleagues'.

Redis may be lost at any time. Then requests are not limited, because the portal must go on without
it; tries at signing in still are (`portal.core.identity.tries`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from portal.core import shared

PREFIX = "tenantry:limit:"
TAKE = """
local full = 0
for i = 1, #KEYS do
    if full == 0 and tonumber(redis.call('GET', KEYS[i]) or '0') >= tonumber(ARGV[i + 1]) then
        full = i
    end
end
local answer = {full}
for i = 1, #KEYS do
    if full == 0 and redis.call('INCR', KEYS[i]) == 1 then
        redis.call('PEXPIRE', KEYS[i], ARGV[1])
    end
    answer[#answer + 1] = tonumber(redis.call('GET', KEYS[i]) or '0')
    answer[#answer + 1] = redis.call('PTTL', KEYS[i])
end
return answer
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """A counter and how far it may go in one window. ``name`` says whose it is."""

    name: str
    most: int


@dataclass(frozen=True, slots=True)
class Allowance:
    """What became of a request. ``reset_seconds``: until the window of the limit ends."""

    allowed: bool
    most: int
    left: int
    reset_seconds: int


def take(limits: Sequence[Limit]) -> Allowance | None:
    """Count one request against ``limits``, or against none of them if one is used up.

    Returns the limit that refused, else the one with the least left; None where nothing is counted:
    no limit is set (``most`` is 0), or Redis is away.
    """
    counted = [limit for limit in limits if limit.most > 0]
    if not counted:
        return None
    keys = [PREFIX + limit.name for limit in counted]
    values = [settings.LIMIT_SECONDS * 1000, *(limit.most for limit in counted)]
    answer = shared.ask(lambda redis: redis.register_script(TAKE)(keys=keys, args=values))
    if answer is None:
        return None
    full, *figures = answer
    found = [
        Allowance(not full, limit.most, max(0, limit.most - used), max(1, -(-left // 1000)))
        for limit, used, left in zip(counted, figures[::2], figures[1::2], strict=True)
    ]
    return found[full - 1] if full else min(found, key=lambda allowance: allowance.left)
