"""I07: a migrate that is killed at any moment goes on to the very same schema."""

import random
import time
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest
from django.db import migrations, models
from django.db.migrations.recorder import MigrationRecorder
from psycopg2 import sql

from portal.core.database.roles import open_database, prepare_schema
from tests.database import administrator, drop_database
from tests.environment import BACKUP_PASSWORD, DATABASE, database_url
from tests.operating.conftest import Figure
from tests.operating.late import (
    LATE,
    apply,
    late_migrate,
    migration_of,
    transaction_of,
    waited_for,
)
from tests.operating.tools import addresses_of, at, one, run_command, schema_of, start_command

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True, databases=["default", "migrate"]),
]

KILLS = 8


def test_i07_a_killed_migrate_goes_on_to_the_same_schema(late: str, figure: Figure) -> None:
    name, chance, kills, applied = f"{DATABASE}_killed", random.Random(7), 0, 0
    settings = {**addresses_of(name), **LATE}
    with administrator("postgres") as admin, admin.cursor() as cursor:
        drop_database(name)
        cursor.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name))
        )
        open_database(admin, name)
    try:
        with administrator(name) as admin:
            prepare_schema(admin)
        for _ in range(KILLS):
            with start_command("migrate", **settings) as process:
                read_lines(process.stdout, "Applying ", 1 + chance.randrange(7))
                time.sleep(chance.random() / 10)
                process.kill()
            kills += process.returncode == -9
            now_applied = migrations_applied(name)
            assert now_applied >= applied
            applied = now_applied
        status, said = run_command("migrate", **settings)
        assert status == 0, said
        assert late_migrate(late)[0] == 0
        assert migrations_applied(name) == migrations_applied(late)
        same = schema_of(admin_url(name)) == schema_of(admin_url(late))
    finally:
        drop_database(name)
    figure(f"I07: {kills} kills half-way, then the same schema: {'yes' if same else 'no'}")
    assert kills >= KILLS // 2
    assert same


def read_lines(stream: Any, word: str, times: int) -> None:
    """Read what a process says until it has said a word so many times, or ends."""
    said = ""
    while said.count(word) < times and (character := stream.read(1)):
        said += character


def migrations_applied(name: str) -> int:
    with at(name) as cursor:
        if not one(cursor, "SELECT to_regclass('django_migrations') IS NOT NULL"):
            return 0
        return int(one(cursor, "SELECT count(*) FROM django_migrations"))


def admin_url(name: str) -> str:
    return database_url("app_backup", BACKUP_PASSWORD, name)


def test_i07_an_index_left_half_built_is_built_again(late: str) -> None:
    """Built concurrently it belongs to no transaction, so that a death leaves an invalid one."""
    assert late_migrate(late, "lateapp", "0001")[0] == 0
    valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('late_index')"
    with at(late) as cursor:
        with (
            transaction_of(late, "UPDATE core_job SET done = 0 WHERE reseller_id = 99"),
            start_command("migrate", **addresses_of(late), **LATE) as process,
        ):
            waited_for(lambda: rows_of(cursor, valid))
            process.kill()
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND usename = 'app_migrate'"
            )
        assert rows_of(cursor, valid) == [(False,)]
        status, said = late_migrate(late)
        assert status == 0, said
        assert rows_of(cursor, valid) == [(True,)]
        cursor.execute("DELETE FROM django_migrations WHERE name IN ('0002_index', '0003_data')")
        assert late_migrate(late)[0] == 0, "killed after building and before noting it"


def rows_of(cursor: Any, statement: str) -> list[Any]:
    cursor.execute(statement)
    return list(cursor.fetchall())


def test_i07_a_migration_and_the_note_that_it_is_done_are_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(MigrationRecorder, "record_applied", die)
    fields: list[tuple[str, models.Field[Any, Any]]] = [
        ("id", models.BigAutoField(primary_key=True)),
        ("name", models.TextField()),
    ]
    indexed = {"indexes": [models.Index(fields=["name"], name="made_up_index")]}
    with pytest.raises(KeyboardInterrupt):
        apply(migration_of(migrations.CreateModel("Made", fields, indexed)))
    with at(DATABASE) as cursor:
        assert one(cursor, "SELECT to_regclass('made_up_made')") is None


def test_i07_what_is_not_atomic_is_one_operation_only() -> None:
    """Killed between two, it could neither go on nor start over."""
    seen = 0
    for package in (
        "portal.core",
        "tenants",
        "organizations",
        "billing",
        "tests.operating.lateapp",
    ):
        folder = import_module(f"{package}.migrations")
        for module in iter_modules(folder.__path__):
            migration = import_module(f"{folder.__name__}.{module.name}").Migration
            assert migration.atomic or len(migration.operations) == 1, migration.__module__
            seen += 1
    assert seen >= 14
