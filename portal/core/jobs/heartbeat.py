"""When the parts that nobody talks to last did their round: the relay, the schedule.

A row each, not a key in Redis, because whether the relay lives is asked most when Redis is away.
Times are the database's. The table belongs to no reseller and says nothing of any.
"""

from django.db import connection, models

BEAT = """
    INSERT INTO core_heartbeat (name, at) VALUES (%s, clock_timestamp())
    ON CONFLICT (name) DO UPDATE SET at = excluded.at
"""
AGE = "SELECT extract(epoch FROM clock_timestamp() - at) FROM core_heartbeat WHERE name = %s"
RELAY = "relay"


class Heartbeat(models.Model):
    """When something by this name last did its round."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at}"


def beat(name: str) -> None:
    """Write down that ``name`` did its round just now. Call in no scope, as often as a second."""
    with connection.cursor() as cursor:
        cursor.execute(BEAT, [name])


def last_beat(name: str) -> float | None:
    """Return the seconds since ``name`` last did its round, or None if it never did."""
    with connection.cursor() as cursor:
        cursor.execute(AGE, [name])
        row = cursor.fetchone()
    return float(row[0]) if row else None
