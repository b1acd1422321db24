"""I09, I11: what was dumped is what is restored, per reseller, with its protection and its keys."""

import base64
import hashlib
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from portal.core.database.dumping import manifest_of
from portal.core.database.inspection import violations
from portal.core.encryption import SealBroken, unseal
from portal.demo.servers import RunningServer
from tenants.connections.models import Connection
from tests.access.cast import both_sides
from tests.database import administrator
from tests.environment import BACKUP_PASSWORD, DATABASE, database_url
from tests.factories.billing import Charge, make_invoice
from tests.factories.core import make_reseller
from tests.factories.tenants import SECRET, make_connection
from tests.operating.conftest import Figure
from tests.operating.tools import at, program

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("backup_login"),
]
LINES = 400
NUMBERED = """
    SELECT attrelid FROM pg_attribute WHERE attname = 'id' AND attidentity <> ''
        AND attrelid::regclass::text ~ '^[a-z]+_[a-z]+$'
"""
TABLES = """
    SELECT relname, EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid
        AND a.attname = CASE relname WHEN 'core_reseller' THEN 'id' ELSE 'reseller_id' END)
    FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
"""
MONEY = """
    SELECT reseller_id || currency, sum(total), sum(subtotal), sum(tax) FROM billing_invoiceline
    GROUP BY 1
"""
FLAGS = """
    SELECT relname, relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'S') ORDER BY 1
"""
POLICIES = """
    SELECT tablename, policyname, roles::text, cmd, qual, with_check FROM pg_policies ORDER BY 1, 2
"""
GRANTS = """
    SELECT table_name, grantee, privilege_type FROM information_schema.role_table_grants
    WHERE table_schema = 'public' AND grantee LIKE 'app!_%' ESCAPE '!' ORDER BY 1, 2, 3
"""
COLUMN_GRANTS = GRANTS.replace("role_table_grants", "role_column_grants").replace(
    "table_name,", "table_name || column_name,"
)


@dataclass(frozen=True, slots=True)
class Restored:
    """A database restored into an empty server."""

    url: str
    database: str

    @contextmanager
    def open(self) -> Iterator[Any]:
        address = urlsplit(self.url)._replace(path=f"/{self.database}").geturl()
        connection = psycopg2.connect(address)
        try:
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()


@pytest.fixture
def filled() -> None:
    """Two resellers with everything, and a third with another currency and connection."""
    for side in both_sides():
        charges = [
            Charge(uuid4(), Decimal(n).scaleb(-6) * 142_857, tax=Decimal(n).scaleb(-2))
            for n in range(LINES)
        ]
        make_invoice(side.connection, charges)
        make_invoice(side.connection, charges[:50], currency="USD")
    third = make_connection(make_reseller(currency="USD"))
    make_invoice(third, [Charge(None, Decimal("-0.000001"))], currency="USD")


def restore(server: RunningServer, dump: Path) -> Restored:
    name = f"restored_{uuid4().hex[:8]}"
    call_command("restore", str(dump), "--admin-url", server.url, "--database", name)
    return Restored(server.url, name)


def rows_per_reseller(cursor: Any) -> dict[tuple[str, str], int]:
    """Return the count of every table that has rows, of each reseller apart."""
    found: dict[tuple[str, str], int] = {}
    cursor.execute(TABLES)
    for table, is_own in cursor.fetchall():
        owner = "id" if table == "core_reseller" else "reseller_id"
        whose = f"{owner}::text" if is_own else "''"
        cursor.execute(f"SELECT {whose}, count(*) FROM {table} GROUP BY 1")
        found |= {(table, reseller): count for reseller, count in cursor.fetchall()}
    return found


def sums_per_reseller(cursor: Any) -> dict[str, list[Decimal]]:
    """Return each reseller's money in each currency, summed by this test and nobody else."""
    return {whose: sums for whose, *sums in fetched(cursor, MONEY)}


def numbering(cursor: Any) -> list[tuple[str, bool]]:
    """Return each table that numbers its rows, and whether its next number is free."""
    found = []
    for (table,) in fetched(cursor, "SELECT relname FROM pg_class WHERE oid IN (" + NUMBERED + ")"):
        ((next_number, largest),) = fetched(
            cursor,
            f"SELECT nextval(pg_get_serial_sequence('{table}', 'id')), max(id) FROM {table}",
        )
        found.append((table, next_number > (largest or 0)))
    assert len(found) >= 5
    return found


def fetched(cursor: Any, statement: str) -> list[Any]:
    cursor.execute(statement)
    return list(cursor.fetchall())


def test_i09_a_restored_dump_holds_every_row_every_cent_and_every_lock(
    filled: None, dump: Path, empty_server: RunningServer, figure: Figure
) -> None:
    with administrator(DATABASE) as before, before.cursor() as cursor:
        rows, money = rows_per_reseller(cursor), sums_per_reseller(cursor)
        locks = {text: fetched(cursor, text) for text in (FLAGS, POLICIES, GRANTS, COLUMN_GRANTS)}
    assert len(money) >= 3
    assert len({table for table, _ in rows}) >= 20, "the database has to be full for this to count"
    call_command("backup", str(dump))
    with restore(empty_server, dump).open() as cursor:
        found = rows_per_reseller(cursor)
        equal = sum(found.get(place) == count for place, count in rows.items())
        sums = sums_per_reseller(cursor)
        figure(
            f"I09: {equal} of {len(rows)} row counts and"
            f" {sum(sums.get(reseller) == s for reseller, s in money.items())} of {len(money)}"
            " resellers' sums are equal after a restore into an empty server"
        )
        assert found == rows
        assert sums == money
        for statement, facts in locks.items():
            assert fetched(cursor, statement) == facts
        assert violations(cursor.connection) == []
        assert all(next_is_free for _, next_is_free in numbering(cursor))


def test_i09_a_dump_that_lacks_the_rows_of_a_table_is_refused(
    filled: None, dump: Path, empty_server: RunningServer, figure: Figure
) -> None:
    tables = ("billing_invoiceline", "core_apitoken", "core_auditevent")
    call_command("backup", str(dump))
    for table in tables:
        redump(dump, f"--exclude-table-data={table}")
        with pytest.raises(CommandError, match=f"{table}: rows: [1-9][0-9]* before, 0 now"):
            restore(empty_server, dump)
    figure(f"I09: {len(tables)} of {len(tables)} dumps with 0 rows of a filled table are refused")


def test_a_restore_that_fails_leaves_the_database_empty(
    filled: None, dump: Path, empty_server: RunningServer
) -> None:
    call_command("backup", str(dump))
    whole = dump.read_bytes()
    replace(dump, whole[: len(whole) * 3 // 4])
    name = f"restored_{uuid4().hex[:8]}"
    arguments = [str(dump), "--admin-url", empty_server.url, "--database", name]
    with pytest.raises(CommandError, match="pg_restore failed"):
        call_command("restore", *arguments)
    replace(dump, whole)
    call_command("restore", *arguments)


def test_a_dump_without_policies_or_rights_is_refused(
    dump: Path, empty_server: RunningServer
) -> None:
    make_reseller()
    call_command("backup", str(dump))
    for option, missing in (("--no-policies", "policy app_"), ("--no-privileges", " may SELECT")):
        redump(dump, option)
        with pytest.raises(CommandError, match=f"missing: .*{missing}"):
            restore(empty_server, dump)


def test_manifest_and_dump_agree_while_people_work(
    filled: None, dump: Path, empty_server: RunningServer
) -> None:
    done, written = Event(), [0]

    def work() -> None:
        with at(DATABASE) as cursor:
            while not done.is_set():
                cursor.execute(
                    "INSERT INTO django_session (session_key, session_data, expire_date)"
                    " VALUES (gen_random_uuid(), '', now())"
                )
                written[0] += 1

    people = Thread(target=work)
    people.start()
    try:
        call_command("backup", str(dump))
    finally:
        done.set()
        people.join()
    assert written[0] > 1
    restore(empty_server, dump)


def test_i11_a_backup_opens_with_the_keys_and_never_without(
    filled: None, dump: Path, empty_server: RunningServer, settings: Settings, figure: Figure
) -> None:
    call_command("backup", str(dump))
    assert SECRET.encode() not in dump.read_bytes()
    with restore(empty_server, dump).open() as cursor:
        sealed_columns = fetched(
            cursor,
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND column_name LIKE '%sealed%' ORDER BY 1, 2",
        )
        assert sealed_columns == [
            ("notify_webhooksecret", "secret_sealed"),
            ("organizations_firstpassword", "password_sealed"),
            ("tenants_accesstoken", "token_sealed"),
            ("tenants_connection", "secret_sealed"),
            ("tenants_consent", "refresh_sealed"),
            ("tenants_consentrequest", "verifier_sealed"),
        ]
        rows = fetched(cursor, "SELECT id, secret_version, secret_sealed FROM tenants_connection")
    assert len(rows) >= 3
    with_keys = opened(rows)
    settings.ENCRYPTION_KEYS = f"stand-in:{base64.b64encode(os.urandom(32)).decode()}"
    with_others = opened(rows)
    figure(
        f"I11: {with_keys} of {len(rows)} restored secrets open with the keys,"
        f" {with_others} with others"
    )
    assert (with_keys, with_others) == (len(rows), 0)


def opened(rows: list[Any]) -> int:
    """Return how many of the sealed secrets open."""
    count = 0
    for pk, version, sealed in rows:
        try:
            secret = unseal(sealed, Connection(pk=pk, secret_version=version).secret_seal())
        except SealBroken:
            continue
        count += secret == SECRET
    return count


def redump(dump: Path, option: str) -> None:
    """Replace a dump by one made with an option, and let its manifest vouch for that one."""
    dump.unlink()
    url = database_url("app_backup", BACKUP_PASSWORD, DATABASE)
    command = [program("pg_dump"), "--format=custom", f"--file={dump}", option, url]
    subprocess.run(command, check=True)
    replace(dump, dump.read_bytes())


def replace(dump: Path, content: bytes) -> None:
    """Write another dump, and let the manifest vouch for it."""
    dump.write_bytes(content)
    manifest = json.loads(manifest_of(dump).read_text())
    manifest["sha256"] = hashlib.sha256(dump.read_bytes()).hexdigest()
    manifest_of(dump).write_text(json.dumps(manifest))
