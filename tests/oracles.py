"""What must be true after any fault, whatever the test was about (A07).

*Ledger*: each piece of work had its effect once, or a person is told why not. *Isolation*: nothing
of a reseller lies with another, and row-level security still stands. *Secret*: no secret lies
anywhere it could be read. *Cents*: a second, independent sum gives the same money.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

import redis
from django.db import connection, transaction

from portal.core.access import acting
from portal.core.database.inspection import violations
from tests.database import administrator
from tests.environment import DATABASE, MIGRATE_PASSWORD, WEB_PASSWORD
from tests.factories.core import Person

CANARY = re.compile(r"CANARY-[A-Z]+")
SECRETS = ("SECRET-CANARY", WEB_PASSWORD, MIGRATE_PASSWORD)
ENDED = ("done", "needs_person", "failed")


@dataclass(frozen=True, slots=True)
class Findings:
    """What is wrong, in words; all empty is what every test ends with."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    leaked: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.lost or self.doubled or self.leaked or self.wrong)


def ledger(asked: Iterable[UUID], effects: Mapping[str, int], found: Findings) -> None:
    """Compare what was asked for with what came of it, job by job."""
    with administrator(DATABASE) as database, database.cursor() as cursor:
        cursor.execute(
            "SELECT id::text, state, error FROM core_job WHERE id = ANY (%s::uuid[])",
            [[str(job) for job in asked]],
        )
        rows = {job: (state, error) for job, state, error in cursor.fetchall()}
    for job in map(str, asked):
        state, error = rows.get(job, ("gone", ""))
        times = effects.get(job, 0)
        if times > 1:
            found.doubled.append(f"job {job} had its effect {times} times")
        if state == "done" and times == 0:
            found.lost.append(f"job {job} is done without an effect")
        elif state not in ENDED or (state != "done" and not error):
            found.lost.append(f"job {job} is {state} and says nothing")
        elif state != "done" and times:
            found.wrong.append(f"job {job} had its effect and is {state}: {error}")


def isolation(people: Iterable[Person], found: Findings) -> None:
    """Read each table as each reseller and look for another's canary."""
    people = list(people)
    marks = {person.actor.reseller_id: _marks([person.actor.label]) for person in people}
    tables = _reseller_tables()
    for person in people:
        foreign = set().union(*marks.values()) - marks[person.actor.reseller_id]
        with acting(person.actor):
            for table in tables:
                seen = _marks(_texts(table)) & foreign
                if seen:
                    found.leaked.append(f"{table}: {person.actor.label} sees {sorted(seen)}")
    with administrator(DATABASE) as database:
        found.wrong.extend(violations(database))


def secrecy(said: Mapping[str, str], redis_url: str, found: Findings) -> None:
    """Look for secrets in what programs wrote, in the broker and in the rows people read."""
    for name, text in said.items():
        found.leaked.extend(
            f"the output of {name} holds {it[:13]}…" for it in SECRETS if it in text
        )
    with redis.Redis.from_url(redis_url) as broker:
        held = b"\n".join(_values(broker)).decode(errors="replace")
    found.leaked.extend(f"the broker holds {it[:13]}…" for it in SECRETS if it in held)
    with administrator(DATABASE) as database, database.cursor() as cursor:
        for table in ("core_job", "core_auditevent"):
            cursor.execute(f"SELECT t::text FROM {table} t")
            rows = "\n".join(row for (row,) in cursor.fetchall())
            found.leaked.extend(f"{table} holds {it[:13]}…" for it in SECRETS if it in rows)


def cents(found: Findings) -> None:
    """Add every published invoice up again, line by line in Python, and compare."""
    with administrator(DATABASE) as database, database.cursor() as cursor:
        cursor.execute(
            "SELECT id::text, lines, lines_total, adjustment, total FROM billing_invoice"
            " WHERE state = 'published'"
        )
        for invoice, lines, lines_total, adjustment, total in cursor.fetchall():
            cursor.execute("SELECT total FROM billing_invoiceline WHERE invoice_id = %s", [invoice])
            amounts = [amount for (amount,) in cursor.fetchall()]
            summed = sum(amounts, Decimal(0))
            if (len(amounts), summed) != (lines, lines_total) or summed + adjustment != total:
                found.wrong.append(f"invoice {invoice}: {summed} + {adjustment} is not {total}")


def _marks(texts: Iterable[str]) -> set[str]:
    return {mark for text in texts for mark in CANARY.findall(text)}


def _texts(table: str) -> list[str]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT t::text FROM {table} t")
        return [row for (row,) in cursor.fetchall()]


def _reseller_tables() -> list[str]:
    with administrator(DATABASE) as database, database.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p') AND NOT relispartition AND relrowsecurity"
            " AND has_table_privilege('app_reseller', oid, 'SELECT') ORDER BY relname"
        )
        return [table for (table,) in cursor.fetchall()]


def _values(broker: Any) -> Iterable[bytes]:
    for key in broker.scan_iter():
        yield key
        kind = broker.type(key)
        if kind == b"string":
            yield broker.get(key) or b""
        elif kind == b"list":
            yield from broker.lrange(key, 0, -1)
        elif kind == b"hash":
            yield from broker.hvals(key)
        elif kind in (b"set", b"zset"):
            yield from broker.sscan_iter(key) if kind == b"set" else broker.zrange(key, 0, -1)
