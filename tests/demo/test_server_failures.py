"""Why a server did not start, in words: each cause is named with its place and a way out."""

from collections.abc import Callable
from pathlib import Path

import pytest

from portal.demo.errors import DemoError
from portal.demo.servers import RunningServer, start_postgres, start_valkey
from portal.demo.servers import binaries as binaries_module
from portal.demo.servers.folder import open_server_folder, port_is_free
from portal.demo.servers.launch import explained

pytestmark = pytest.mark.processes

Start = Callable[..., RunningServer]
STARTERS = pytest.mark.parametrize("start", [start_postgres, start_valkey])


def test_data_of_another_major_version_is_named_and_left_alone(
    open_state: Path, running: Callable[[RunningServer], RunningServer]
) -> None:
    server = running(start_postgres(open_state, durable=False))
    server.stop()
    version = server.folder.data / "PG_VERSION"
    version.write_text("14\n")
    with pytest.raises(DemoError, match=r"made by PostgreSQL 14, but PostgreSQL 18 .*Dump it"):
        start_postgres(open_state, durable=False)
    assert version.read_text() == "14\n"


@STARTERS
def test_missing_programs_are_named(
    open_state: Path, monkeypatch: pytest.MonkeyPatch, start: Start
) -> None:
    monkeypatch.setattr(binaries_module, "find_spec", lambda _name: None)
    with pytest.raises(DemoError, match=r"programs are installed.*make install.*_URL"):
        start(open_state, durable=False)


@STARTERS
def test_state_that_cannot_be_a_folder_is_named(open_state: Path, start: Start) -> None:
    obstacle = open_state / "file"
    obstacle.write_text("")
    with pytest.raises(DemoError, match=rf"{obstacle / 'state'}.*PORTAL_STATE_DIR"):
        start(obstacle / "state", durable=False)


def test_failed_start_says_what_the_server_said(
    open_state: Path, running: Callable[[RunningServer], RunningServer]
) -> None:
    server = running(start_postgres(open_state, durable=False))
    server.stop()
    (server.folder.data / "pg_hba.conf").write_text("nonsense\n")
    with pytest.raises(DemoError, match=r"PostgreSQL did not start in .*(?s:.*)pg_hba.conf"):
        start_postgres(open_state, durable=False)
    assert port_is_free(server.port)


def test_full_disk_is_explained_in_words(open_state: Path) -> None:
    folder = open_server_folder(open_state, "postgres")
    said = 'FATAL:  could not write lock file "postmaster.pid": No space left on device'
    message = explained("PostgreSQL", folder, said)
    assert "the disk is full" in message
    assert said in message
