"""What is to be looked at: wanted by events and the audit, taken one by one, at most once a minute.

Taking a look puts it off by a minute at the same time. So whoever is killed with one in hand leaves
it to be found again, and no number of events makes more than one call a minute and thing.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection as database

from partnercenter.event_subjects import EventSubject
from tenants.connections.models import Connection

AUDIT = EventSubject("audit", "")
"""The connection's audit: looked at where an event says that something ended and not whose it was.
"""
APART_SECONDS = 60
LATER_SECONDS = 900
RECENT = "1 day"
"""Tenants that were found absent within this time are counted together."""

WISH = f"""
    INSERT INTO tenants_look AS kept (id, reseller_id, connection_id, subject_kind, subject_id,
        source, due_at, wishes, failure_code)
    SELECT gen_random_uuid(), %(reseller)s, %(connection)s, kind, given.id, %(source)s, now(), 1, ''
    FROM unnest(%(kinds)s::text[], %(ids)s::text[]) AS given (kind, id)
    ORDER BY kind, given.id
    ON CONFLICT (reseller_id, connection_id, subject_kind, subject_id) DO UPDATE SET
        due_at = least(kept.due_at,
                       greatest(now(), kept.looked_at + interval '{APART_SECONDS} seconds')),
        source = CASE WHEN kept.due_at IS NULL THEN EXCLUDED.source ELSE kept.source END,
        wishes = kept.wishes + 1
"""  # noqa: S608  (constants alone)

# Materialized: a subquery may be run once per row, and each time finds another row that is due.
TAKE = f"""
    WITH next AS MATERIALIZED (
        SELECT id FROM tenants_look
        WHERE reseller_id = %(reseller)s AND connection_id = %(connection)s AND due_at <= now()
        ORDER BY due_at, id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE tenants_look look
    SET looked_at = now(), due_at = now() + interval '{APART_SECONDS} seconds'
    FROM next WHERE look.id = next.id
    RETURNING look.id, subject_kind, subject_id, source, wishes
"""  # noqa: S608  (constants alone)

DONE = f"""
    UPDATE tenants_look SET failure_code = %(code)s,
        absent_since = CASE WHEN %(absent)s THEN coalesce(absent_since, now()) END,
        due_at = CASE WHEN %(later)s THEN now() + interval '{LATER_SECONDS} seconds'
                      WHEN %(again)s OR wishes <> %(wishes)s
                      THEN looked_at + interval '{APART_SECONDS} seconds' END
    WHERE reseller_id = %(reseller)s AND id = %(look)s
"""  # noqa: S608  (constants alone)

PUT_OFF = f"""
    UPDATE tenants_look SET due_at = now() + interval '{LATER_SECONDS} seconds'
    WHERE reseller_id = %(reseller)s AND connection_id = %(connection)s AND due_at IS NOT NULL
"""  # noqa: S608  (constants alone)

# What Partner Center said before the tenant was last changed here is of another time.
ABSENCE = f"""
    SELECT t.status = 'active',
           coalesce(look.absent_since > t.changed_at, false),
           (SELECT count(*) FROM tenants_look other
            WHERE other.reseller_id = look.reseller_id
              AND other.connection_id = look.connection_id AND other.id <> look.id
              AND other.absent_since > now() - interval '{RECENT}')
    FROM tenants_look look JOIN tenants_tenant t
        ON t.reseller_id = look.reseller_id AND t.connection_id = look.connection_id
       AND t.microsoft_id = %(microsoft_id)s
    WHERE look.reseller_id = %(reseller)s AND look.id = %(look)s
"""  # noqa: S608  (constants alone)

# Said of another time, so it begins anew.
FORGET_ABSENCE = "UPDATE tenants_look SET absent_since = NULL WHERE reseller_id = %s AND id = %s"


@dataclass(frozen=True, slots=True)
class Taken:
    """A look in hand."""

    id: UUID
    subject: EventSubject
    source: str
    wishes: int


@dataclass(frozen=True, slots=True)
class Absence:
    """What is known of a tenant that Partner Center does not have.

    ``confirmed``: it said so before. ``others``: as many more were absent within a day.
    """

    active: bool
    confirmed: bool
    others: int


def wish(connection: Connection, subjects: Collection[EventSubject], *, source: str) -> None:
    """Want things to be looked at, in the caller's transaction (1 statement)."""
    wanted = sorted(set(subjects), key=lambda subject: (subject.kind, subject.id))
    if not wanted:
        return
    _execute(
        WISH,
        connection,
        source=source,
        kinds=[subject.kind for subject in wanted],
        ids=[subject.id for subject in wanted],
    )


def take_look(connection: Connection) -> Taken | None:
    """Take the look that has been due longest, None when none is (1 statement)."""
    row = _execute(TAKE, connection)
    if row is None:
        return None
    identity, kind, subject_id, source, wishes = row
    return Taken(identity, EventSubject(kind, subject_id), source, wishes)


def end_look(
    connection: Connection,
    look: Taken,
    *,
    absent: bool = False,
    again: bool = False,
    later: bool = False,
    code: str = "",
) -> None:
    """Write how a look went; it stays due if it was wanted once more meanwhile.

    ``again``: to be asked once more in a minute; ``later``: in a quarter of an hour.
    """
    _execute(
        DONE,
        connection,
        look=look.id,
        wishes=look.wishes,
        absent=absent,
        again=again,
        later=later,
        code=code[:60],
    )


def put_off(connection: Connection) -> None:
    """Put off all looks of a connection that does not work."""
    _execute(PUT_OFF, connection)


def absence_of(connection: Connection, look: Taken) -> Absence | None:
    """Return what is known of an absent customer; None for no tenant of this connection."""
    row = _execute(ABSENCE, connection, look=look.id, microsoft_id=look.subject.id)
    if row is None:
        return None
    absence = Absence(*row)
    if not absence.confirmed:
        with database.cursor() as cursor:
            cursor.execute(FORGET_ABSENCE, [connection.reseller_id, look.id])
    return absence


def _execute(statement: str, connection: Connection, **values: Any) -> Sequence[Any] | None:
    given = {"reseller": connection.reseller_id, "connection": connection.pk, **values}
    with database.cursor() as cursor:
        cursor.execute(statement, given)
        return cursor.fetchone() if cursor.description else None
