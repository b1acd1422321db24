"""Migrations that never wait for a lock longer than a blink, and try again instead (DEC17).

Everybody who comes after a statement that waits for a table's lock waits behind it, readers too. So
each try waits 200 ms, gives way and tries again, fifty times at most, and then fails: a last try
without a limit would be the very standstill all the others avoided.

What is tried again is what PostgreSQL took back: the whole of an atomic migration, the single
statement of one that is not. An atomic migration and the note that it is done are one transaction,
so a migration that is killed at any moment is either done and noted, or neither.
"""

import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from django.db import OperationalError, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration
from django.db.migrations.state import ProjectState
from psycopg2 import sql
from psycopg2.errorcodes import DEADLOCK_DETECTED, LOCK_NOT_AVAILABLE
from structlog import get_logger

LOCK_TIMEOUT = "200ms"
CONCURRENT_LOCK_TIMEOUT = "30min"
"""An index that is built concurrently waits for every older transaction, and nobody for it."""
TRIES = 50
PAUSE_SECONDS = 0.1
"""After the n-th try up to n times this: two minutes of tries in all."""
SHOWN_CHARACTERS = 160

INDEX_BUILD = re.compile(
    r'\s*CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+(?:IF\s+NOT\s+EXISTS\s+)?"?(\w+)', re.I
)

Result = TypeVar("Result")
log = get_logger(__name__)


class LockNotGot(Exception):
    """Something held a lock a migration needs, at every try; says which migration and statement."""


@contextmanager
def short_waits(connection: Any) -> Iterator[None]:
    """Limit how long any statement of the session waits for a lock, and not how long it works."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'; SET statement_timeout = 0")
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout; RESET statement_timeout")


def in_one_go(connection: Any, name: str, work: Callable[[], Result]) -> Result:
    """Do ``work`` in one transaction, all of it again while it gets no lock.

    Raises:
        LockNotGot: it got none at any try; nothing of it is done.
    """

    def attempt() -> Result:
        with transaction.atomic(using=connection.alias):
            return work()

    told = _RefusedStatement()
    with connection.execute_wrapper(told):
        return _patiently(attempt, lambda: f"{name}, at: {told.statement}")


class PatientExecutor(MigrationExecutor):
    """Django's executor, with the patience above."""

    def __init__(self, connection: Any, progress_callback: Callable[..., Any] | None = None):
        super().__init__(connection, self._tell_once)  # type: ignore[arg-type]
        self._tell = progress_callback or (lambda *_: None)
        self._begun: Migration | None = None

    def apply_migration(
        self,
        state: ProjectState,
        migration: Migration,
        fake: bool = False,
        fake_initial: bool = False,
    ) -> ProjectState:
        """Apply one migration; raises `LockNotGot`."""
        # A try that failed has changed the state it was given, so each gets a copy.
        forwards = super().apply_migration
        return self._carry_out(
            migration, lambda: forwards(state.clone(), migration, fake, fake_initial)
        )

    def unapply_migration(
        self, state: ProjectState, migration: Migration, fake: bool = False
    ) -> ProjectState:
        """Take one migration back; raises `LockNotGot`."""
        backwards = super().unapply_migration
        return self._carry_out(migration, lambda: backwards(state.clone(), migration, fake))

    def _carry_out(self, migration: Migration, work: Callable[[], ProjectState]) -> ProjectState:
        name = f"{migration.app_label}.{migration.name}"
        if migration.atomic:
            return in_one_go(self.connection, name, work)
        with self.connection.execute_wrapper(partial(_statement_by_statement, name)):
            return work()

    def _tell_once(self, action: str, migration: Any = None, fake: bool = False) -> None:
        if action.endswith("_start") and migration is not None:
            if migration is self._begun:
                return
            self._begun = migration
        self._tell(action, migration, fake)


class _RefusedStatement:
    """Remembers what was refused, because PostgreSQL does not say which table's lock it missed."""

    statement = ""

    def __call__(self, execute: Any, statement: Any, params: Any, many: bool, context: Any) -> Any:
        try:
            return execute(statement, params, many, context)
        except OperationalError:
            self.statement = _shown(statement)
            raise


def _statement_by_statement(
    name: str, execute: Any, statement: Any, params: Any, many: bool, context: Any
) -> Any:
    """Execute one statement of a migration that is not atomic."""
    connection = context["connection"]
    work = partial(execute, statement, params, many, context)
    if connection.in_atomic_block:
        # Part of a batch of a data migration: only the whole of it could be tried again.
        return work()
    if build := INDEX_BUILD.match(str(statement)):
        return _build_index(connection.connection, build[1], work)
    return _patiently(work, lambda: f"{name}, at: {_shown(statement)}")


def _build_index(database: Any, name: str, work: Callable[[], Any]) -> Any:
    """Build an index unless an earlier run did; what a run left half-built goes first."""
    with database.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{CONCURRENT_LOCK_TIMEOUT}'")
        try:
            cursor.execute(
                "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [name]
            )
            found = cursor.fetchone()
            if found and found[0]:
                return None
            if found:
                cursor.execute(sql.SQL("DROP INDEX CONCURRENTLY {}").format(sql.Identifier(name)))
            return work()
        finally:
            cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")


def _patiently(work: Callable[[], Result], what: Callable[[], str]) -> Result:
    for attempt in range(1, TRIES + 1):
        try:
            return work()
        except OperationalError as error:
            code = getattr(error.__cause__, "pgcode", None)
            if code not in (LOCK_NOT_AVAILABLE, DEADLOCK_DETECTED):
                raise
        log.info("migration_waits_for_lock", migration=what(), attempt=attempt)
        if attempt < TRIES:
            time.sleep(random.uniform(0.5, 1) * attempt * PAUSE_SECONDS)  # noqa: S311
    raise LockNotGot(
        f"{what()}\nSomebody held the lock this needs at each of {TRIES} tries. Nothing of it was"
        " done. Look in pg_stat_activity for the transaction that stays open, then run migrate"
        " again: it goes on from here."
    )


def _shown(statement: Any) -> str:
    return " ".join(str(statement).split())[:SHOWN_CHARACTERS]
