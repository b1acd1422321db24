"""What happens by the clock: each slot once, however many beats tick, and a missed one caught up.

Beat only ticks. Whether a slot is due is a row: of any number of ticks one takes it, by the
database's time, and after hours without a beat the latest slot is taken once, not each one missed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from structlog import get_logger

from portal.core.database.clock import database_time
from portal.core.database.scope import scope

TAKEN_SECONDS: Final = 900
"""Who took a slot and was killed is followed by the first tick after this."""
log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Daily:
    """Something done once a day, at an hour and minute of UTC."""

    name: str
    hour: int
    minute: int
    do: Callable[[], None]

    def latest_slot(self, now: datetime) -> datetime:
        """Return the last time before ``now`` (UTC) at which this was due."""
        today = now.replace(hour=self.hour, minute=self.minute, second=0, microsecond=0)
        return today if today <= now else today - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Every:
    """Something done every so many minutes of the hour, from the full hour of UTC on."""

    name: str
    minutes: int
    do: Callable[[], None]

    def __post_init__(self) -> None:
        if self.minutes < 1 or 60 % self.minutes:
            raise LookupError(f"An hour is not divided by {self.minutes} minutes.")

    def latest_slot(self, now: datetime) -> datetime:
        """Return the last time before ``now`` (UTC) at which this was due."""
        minute = now.minute - now.minute % self.minutes
        return now.replace(minute=minute, second=0, microsecond=0)


_schedules: dict[str, Daily | Every] = {}


def register_schedule(schedule: Daily | Every) -> None:
    """Have something done by the clock; one of each name."""
    if _schedules.setdefault(schedule.name, schedule) is not schedule:
        raise LookupError(f"Something called {schedule.name!r} is done by the clock already.")


def registered_schedules() -> tuple[str, ...]:
    """Return the names of all there are, for the gate that lists them."""
    return tuple(sorted(_schedules))


def tick() -> list[str]:
    """Do what is due and nobody has done; return the names of what was done here."""
    with scope(None):
        now = database_time()
    done = []
    for schedule in _schedules.values():
        slot = schedule.latest_slot(now)
        if _take(schedule.name, slot):
            log.info("slot_taken", schedule=schedule.name, slot=slot.isoformat())
            schedule.do()
            _finish(schedule.name, slot)
            done.append(schedule.name)
    return done


def _take(name: str, slot: datetime) -> bool:
    with scope(None), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO core_slot AS held (name, slot, taken_until)
            VALUES (%(name)s, %(slot)s, now() + make_interval(secs => %(seconds)s))
            ON CONFLICT (name) DO UPDATE
            SET slot = excluded.slot, taken_until = excluded.taken_until, done_at = NULL
            WHERE held.slot < excluded.slot
               OR (held.slot = excluded.slot AND held.done_at IS NULL AND held.taken_until < now())
            RETURNING name
            """,
            {"name": name, "slot": slot, "seconds": TAKEN_SECONDS},
        )
        return cursor.fetchone() is not None


def _finish(name: str, slot: datetime) -> None:
    with scope(None), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE core_slot SET done_at = now() WHERE name = %s AND slot = %s", [name, slot]
        )
