"""How often somebody may try to sign in, or ask for a password: counted in the database.

These limits protect passwords, so neither emptying nor losing Redis may reset them (DEC16). One
statement decides and counts, outside any transaction, so that of parallel tries exactly the limit
gets through and nobody waits for another's password to be checked.
"""

import hashlib
from dataclasses import dataclass

from django.db import connection

TAKE = """
    INSERT INTO core_signintries AS t (name, count, until)
    VALUES (%(name)s, 1, now() + make_interval(secs => %(seconds)s))
    ON CONFLICT (name) DO UPDATE SET
        count = CASE WHEN t.until <= now() THEN 1 ELSE t.count + 1 END,
        until = CASE WHEN t.until <= now() THEN excluded.until ELSE t.until END
    WHERE t.until <= now() OR t.count < %(most)s
    RETURNING count
"""
WAIT = "SELECT ceil(extract(epoch FROM until - now())) FROM core_signintries WHERE name = %s"
GIVE_BACK = "UPDATE core_signintries SET count = count - 1 WHERE name = %s AND count > 0"
FORGET = """
    DELETE FROM core_signintries WHERE name IN (
        SELECT name FROM core_signintries WHERE until < now() - interval '1 hour'
        LIMIT 100 FOR UPDATE SKIP LOCKED)
"""


@dataclass(frozen=True, slots=True)
class Tries:
    """How many tries ``subject`` (an address, a name) has at ``what`` within so many seconds."""

    what: str
    subject: str
    most: int
    seconds: int

    @property
    def name(self) -> str:
        """What is stored: nobody reads from it who tried."""
        return hashlib.sha256(f"{self.what}:{self.subject}".encode()).hexdigest()


def take_try(tries: list[Tries]) -> int:
    """Count a try against all of ``tries``; returns 0, or the seconds until there is another one.

    A try that is refused is counted nowhere.
    """
    for place, one in enumerate(tries):
        with connection.cursor() as cursor:
            cursor.execute(TAKE, {"name": one.name, "seconds": one.seconds, "most": one.most})
            row = cursor.fetchone()
            if row is None:
                cursor.execute(WAIT, [one.name])
                found = cursor.fetchone()
                give_back(tries[:place])
                return max(1, int(found[0])) if found else 1
            if row[0] == 1:
                cursor.execute(FORGET)
    return 0


def give_back(tries: list[Tries]) -> None:
    """Take back a try that was none: the password was right."""
    with connection.cursor() as cursor:
        for one in tries:
            cursor.execute(GIVE_BACK, [one.name])
