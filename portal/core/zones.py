"""The time zones there are.

Python finds them by opening each of some 600 files, every time it is asked. They are the machine's
and the same for as long as a process lives, so each process looks once.
"""

import functools
from zoneinfo import available_timezones


@functools.cache
def time_zones() -> frozenset[str]:
    return frozenset(available_timezones())
