"""PostgreSQL's programs for the commands under test, the backup login, and an empty server."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.demo.servers import RunningServer, start_postgres
from tests.environment import BACKUP_PASSWORD, DATABASE, database_url
from tests.operating.late import before_late
from tests.operating.tools import programs

Figure = Callable[[str], None]


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Figure:
    """Return a function that reports a figure of an acceptance test."""

    def report(text: str) -> None:
        record_property("figure", text)

    return report


@pytest.fixture
def postgres_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let backup and restore find the programs of the tests' own server."""
    if folder := programs():
        monkeypatch.setenv("PORTAL_PG_BIN", folder)


@pytest.fixture
def backup_login(postgres_programs: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Name the test database to backup, as the login made for it."""
    monkeypatch.setenv("DATABASE_BACKUP_URL", database_url("app_backup", BACKUP_PASSWORD, DATABASE))


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    """Where a dump may go."""
    return tmp_path / "tenantry.dump"


@pytest.fixture(scope="module")
def empty_server() -> Iterator[RunningServer]:
    """Run a PostgreSQL without any database, role or password of ours."""
    if "TENANTRY_TEST_RUN" not in os.environ or programs() is None:
        pytest.skip("needs the programs of a PostgreSQL to start one")
    folder = Path(tempfile.mkdtemp(prefix="tenantry-empty-"))
    folder.chmod(0o755)
    server = start_postgres(folder, durable=False)
    yield server
    server.remove()
    shutil.rmtree(folder)


@pytest.fixture
def late() -> Iterator[str]:
    """A database of its own in which the migrations of a later release are still to come."""
    with before_late() as name:
        yield name
