"""The pace of all workers that call as one partner tenant, kept in Redis.

The last turns that were given stand in a list: as many as may be in one minute. A new turn is at
once, or a minute after the oldest of them. So no minute ever holds more, wherever it begins, and
whoever comes after a quiet minute need not dawdle.

Without Redis nobody is held up: Microsoft's refusals, which are waited out, remain as the limit.
"""

from django.conf import settings

from partnercenter.pacing import LONGEST_WAIT
from portal.core import shared

PREFIX = "tenantry:microsoft:"
TURN = """
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local turn = math.max(now, tonumber(redis.call('GET', KEYS[2]) or '0'))
local most, minute, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if most > 0 then
    local oldest = redis.call('LINDEX', KEYS[1], most - 1)
    if oldest then
        turn = math.max(turn, tonumber(oldest) + minute)
    end
    if turn - now <= longest then
        redis.call('LPUSH', KEYS[1], turn)
        redis.call('LTRIM', KEYS[1], 0, most - 1)
        redis.call('PEXPIRE', KEYS[1], turn - now + minute)
    end
end
return turn - now
"""
REFUSED = """
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local pause = now + tonumber(ARGV[1])
if pause > tonumber(redis.call('GET', KEYS[1]) or '0') then
    redis.call('SET', KEYS[1], pause, 'PX', ARGV[1])
end
return 0
"""
MOST_PAUSE = 24 * 3600.0
"""Seconds; a refusal for longer is believed for so long and then tried."""
_MINUTE = 60_000


class SharedPace:
    """The pace of one partner tenant; `PARTNERCENTER_CALLS_A_MINUTE` is the most in any minute."""

    def __init__(self, partner_tenant: str) -> None:
        self._key = PREFIX + partner_tenant.lower()

    def turn(self, *, limited: bool) -> float:
        """Take a turn and return the seconds until then."""
        most = settings.PARTNERCENTER_CALLS_A_MINUTE if limited else 0
        keys = [self._key, f"{self._key}:pause"]
        values = [most, _MINUTE, int(LONGEST_WAIT * 1000)]
        wait = shared.ask(lambda redis: redis.register_script(TURN)(keys=keys, args=values))
        return 0.0 if wait is None else int(wait) / 1000

    def refused(self, seconds: float) -> None:
        """Have all workers of this partner tenant wait."""
        keys = [f"{self._key}:pause"]
        values = [int(min(max(seconds, 1.0), MOST_PAUSE) * 1000)]
        shared.ask(lambda redis: redis.register_script(REFUSED)(keys=keys, args=values))
