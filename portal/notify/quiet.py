"""When somebody wants to be reached: pure, in the person's own time zone.

Days and hours are the wall clock's. An hour that the change to summer time leaves out counts as the
one after it; an hour that comes twice in autumn counts once, the first time.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def latest_digest(now: datetime, *, day: int, hour: int, zone: ZoneInfo) -> datetime:
    """Return the last moment, ``now`` included, at which a weekly digest was due, in UTC.

    ``day`` counts from Monday, 0.
    """
    local = now.astimezone(zone)
    on = local.date() - timedelta(days=(local.weekday() - day) % 7)
    due = _moment(on, time(hour), zone)
    return due if due <= now else _moment(on - timedelta(days=7), time(hour), zone)


def quiet_end(
    now: datetime, *, begins: time | None, ends: time | None, zone: ZoneInfo
) -> datetime | None:
    """Return when the quiet hours that ``now`` lies in are over, in UTC; None outside of them.

    They may go over midnight. The first minute is quiet, the last one no more.
    """
    if begins is None or ends is None or begins == ends:
        return None
    today = now.astimezone(zone).date()
    for first in (today - timedelta(days=1), today):
        last = first + timedelta(days=1) if ends < begins else first
        begin, end = _moment(first, begins, zone), _moment(last, ends, zone)
        if begin <= now < end:
            return end
    return None


def _moment(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)
