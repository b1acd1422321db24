"""Dumps the database beside a manifest of what is in it, and restores only what agrees with that.

The manifest is read in the snapshot the dump is made of, so the two agree while people work. It is
written last: a dump without one was cut short. Programs are PostgreSQL's own; passwords reach them
through the environment, because the arguments of a process are visible to everybody.
"""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import make_dsn

from portal.core.database.contents import Contents, bound_role, read_contents
from portal.core.database.inspection import violations
from portal.core.database.preparing import connected, exists, prepare

FORMAT = 1
OWNER_ONLY = 0o600
SHOWN_DIFFERENCES = 10
UNLIMITED = (
    "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0"
)

OCCUPANTS = """
    SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                      AND d.objid = c.oid AND d.deptype = 'e')
"""


class DumpFailed(Exception):
    """A dump or restore that did not come about, or is not what it should be; says why."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a dump holds. ``taken_at``: the moment of the snapshot, ISO 8601 in UTC."""

    taken_at: str
    server: str
    sha256: str
    contents: Contents


def manifest_of(file: Path) -> Path:
    """Return where the manifest of a dump lies."""
    return file.with_name(f"{file.name}.json")


def dump(target: dict[str, str], file: Path) -> Manifest:
    """Dump the database to ``file`` (custom format) and write its manifest beside it.

    Raises:
        DumpFailed: there is such a file already, or no program; row-level security would hide rows
            from the login; or `pg_dump` failed.
        psycopg2.Error: the database does not answer.
    """
    program = _program("pg_dump")
    if file.exists() or manifest_of(file).exists():
        raise DumpFailed(f"{file} or its manifest exists already; a backup replaces no other.")
    unfinished = file.with_name(f"{file.name}.unfinished")
    os.close(_open_private(unfinished))
    try:
        with _snapshot(target) as (connection, snapshot):
            taken_at = datetime.now(UTC).isoformat(timespec="seconds")
            contents = read_contents(connection)
            server = connection.info.parameter_status("server_version") or ""
            arguments = [f"--snapshot={snapshot}", "--format=custom", f"--file={unfinished}"]
            _run(program, target, *arguments)
        manifest = Manifest(taken_at, server, _sha256(unfinished), contents)
        unfinished.rename(file)
    finally:
        unfinished.unlink(missing_ok=True)
    _write_manifest(file, manifest)
    return manifest


def restore(target: dict[str, str], file: Path) -> Manifest:
    """Restore a dump into an empty database and compare the two; ``target``: an administrator's.

    Database and roles are made where they are missing. All of the dump comes in, or nothing.

    Raises:
        DumpFailed: the dump is not whole, the database is not empty, `pg_restore` failed, or what
            is there now differs from the manifest.
        psycopg2.Error: the database does not answer, or the login may not make databases and roles.
    """
    program = _program("pg_restore")
    manifest = read_manifest(file)
    _require_empty(target)
    prepare(target)
    _run(program, target, "--single-transaction", str(file))
    with connected(target) as connection:
        with connection.cursor() as cursor:
            cursor.execute(UNLIMITED)
            cursor.execute("ANALYZE")
        _require_insight(connection)
        found = [*manifest.contents.differences(read_contents(connection)), *violations(connection)]
    if found:
        more = len(found) - SHOWN_DIFFERENCES
        raise DumpFailed(
            "The restored database differs from the dump; let nobody in:\n  "
            + "\n  ".join(found[:SHOWN_DIFFERENCES])
            + (f"\n  and {more} more" if more > 0 else "")
        )
    return manifest


def read_manifest(file: Path) -> Manifest:
    """Return the manifest of a dump. Raises DumpFailed when dump and manifest are not one pair."""
    beside = manifest_of(file)
    missing = next((path for path in (file, beside) if not path.is_file()), None)
    if missing:
        raise DumpFailed(f"{missing} is not there; a dump is restored with its manifest only.")
    try:
        read = json.loads(beside.read_text(encoding="utf-8"))
        if read["format"] != FORMAT:
            raise DumpFailed(f"{beside} is of another release (format {read['format']}).")
        contents = Contents(**read["contents"])
        manifest = Manifest(read["taken_at"], read["server"], read["sha256"], contents)
    except (ValueError, KeyError, TypeError):
        raise DumpFailed(f"{beside} is no manifest of a dump.") from None
    if _sha256(file) != manifest.sha256:
        raise DumpFailed(f"{file} is not the dump that {beside.name} describes, or was damaged.")
    return manifest


@contextmanager
def _snapshot(target: dict[str, str]) -> Iterator[tuple[Connection, str]]:
    """Open a transaction that sees one moment, with the name by which pg_dump sees the same."""
    connection = psycopg2.connect(make_dsn(**target))
    try:
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with connection.cursor() as cursor:
            cursor.execute(UNLIMITED)
            _require_insight(connection)
            cursor.execute("SELECT pg_export_snapshot()")
            ((snapshot,),) = cursor.fetchall()
        yield connection, str(snapshot)
    finally:
        connection.close()


def _require_insight(connection: Connection) -> None:
    if role := bound_role(connection):
        raise DumpFailed(
            f"Row-level security binds {role}, which therefore sees no rows. Use"
            " app_backup, or another role with BYPASSRLS."
        )


def _require_empty(target: dict[str, str]) -> None:
    with connected(target | {"dbname": "postgres"}) as server:
        if not exists(server, target["dbname"]):
            return
    with connected(target) as database, database.cursor() as cursor:
        cursor.execute(OCCUPANTS)
        ((occupants,),) = cursor.fetchall()
    if occupants:
        raise DumpFailed(
            f"Database {target['dbname']} is not empty. Restore into a new one (--database), or"
            " drop this one yourself first."
        )


def _program(name: str) -> str:
    folder = os.environ.get("PORTAL_PG_BIN")
    found = shutil.which(name, path=folder)
    if found is None:
        raise DumpFailed(
            f"{name} was not found {f'in {folder}' if folder else 'on PATH'}. Install the client"
            " programs of PostgreSQL, of the server's version, or name their folder in"
            f" PORTAL_PG_BIN."
        )
    return found


def _run(program: str, target: dict[str, str], *arguments: str) -> None:
    address = {name: value for name, value in target.items() if name != "password"}
    password = {"PGPASSWORD": target["password"]} if "password" in target else {}
    outcome = subprocess.run(  # noqa: S603
        [program, "--no-password", f"--dbname={make_dsn(**address)}", *arguments],
        env=os.environ | password,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
    )
    if outcome.returncode:
        raise DumpFailed(f"{Path(program).name} failed: {outcome.stderr.strip()}")


def _write_manifest(file: Path, manifest: Manifest) -> None:
    unfinished = manifest_of(file).with_suffix(".unfinished")
    with os.fdopen(_open_private(unfinished), "w", encoding="utf-8") as output:
        json.dump({"format": FORMAT, **asdict(manifest)}, output, indent=1)
    unfinished.rename(manifest_of(file))


def _open_private(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, OWNER_ONLY)


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
