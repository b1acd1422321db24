"""The launcher of PostgreSQL and Valkey, with the real programs.

What is promised: it starts and stops, keeps data and ports, survives being killed, changes nothing
outside its folder, and says clearly why it could not start.
"""

import os
import pwd
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import psycopg2
import pytest
import redis

from portal.demo.errors import DemoError
from portal.demo.servers import RunningServer, start_postgres, start_valkey
from portal.demo.servers.folder import command_line, port_is_free

pytestmark = pytest.mark.processes

Start = Callable[..., RunningServer]
STARTERS = pytest.mark.parametrize("start", [start_postgres, start_valkey])


def ask(server: RunningServer, statement: str) -> str:
    """Return the first value of a statement's first row."""
    connection = psycopg2.connect(server.url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            row = cursor.fetchone() if cursor.description else None
            return str(row[0]) if row else ""
    finally:
        connection.close()


def modes_above(path: Path) -> dict[Path, int]:
    """Return the modes of every folder above a path that exists."""
    return {folder: folder.stat().st_mode for folder in path.parents if folder.exists()}


def test_postgres_has_the_extensions_and_collation_the_portal_needs(
    open_state: Path, running: Callable[[RunningServer], RunningServer]
) -> None:
    server = running(start_postgres(open_state, durable=False))
    ask(server, "CREATE EXTENSION pg_trgm")
    ask(server, "CREATE EXTENSION btree_gin")
    assert ask(server, "SHOW server_encoding") == "UTF8"
    assert ask(server, "SELECT upper('é')") == "É"
    assert ask(server, "SHOW server_version_num").startswith("18")


@pytest.mark.parametrize(
    ("durable", "fsync", "append"), [(True, "on", "yes"), (False, "off", "no")]
)
def test_durable_servers_write_through_and_others_do_not(
    open_state: Path,
    running: Callable[[RunningServer], RunningServer],
    durable: bool,
    fsync: str,
    append: str,
) -> None:
    postgres = running(start_postgres(open_state, durable=durable))
    valkey = running(start_valkey(open_state, durable=durable))
    assert ask(postgres, "SHOW fsync") == fsync
    with redis.Redis.from_url(valkey.url, decode_responses=True) as client:
        assert client.config_get("appendonly") == {"appendonly": append}
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


@STARTERS
def test_stopped_server_leaves_no_process_and_no_listener(
    open_state: Path, running: Callable[[RunningServer], RunningServer], start: Start
) -> None:
    server = running(start(open_state, durable=False))
    assert server.is_running()
    assert not port_is_free(server.port)
    server.stop()
    server.stop()
    assert str(server.folder.data) not in command_line(server.pid)
    assert port_is_free(server.port)


def test_second_start_keeps_data_and_port(
    open_state: Path, running: Callable[[RunningServer], RunningServer]
) -> None:
    addresses: list[tuple[str, str]] = []
    for visit in ("1", "2"):
        postgres = running(start_postgres(open_state, durable=True))
        valkey = running(start_valkey(open_state, durable=True))
        ask(postgres, "CREATE TABLE IF NOT EXISTS kept (mark int)")
        ask(postgres, "INSERT INTO kept VALUES (1)")
        with redis.Redis.from_url(valkey.url, decode_responses=True) as client:
            assert str(client.incr("kept")) == visit
        assert ask(postgres, "SELECT count(*) FROM kept") == visit
        addresses.append((postgres.url, valkey.url))
        valkey.stop()
        postgres.stop()
    assert addresses[0] == addresses[1]


@STARTERS
def test_port_taken_meanwhile_is_replaced(
    open_state: Path, running: Callable[[RunningServer], RunningServer], start: Start
) -> None:
    first = running(start(open_state, durable=False))
    first.stop()
    with socket.create_server(("127.0.0.1", first.port)):
        second = running(start(open_state, durable=False))
        assert second.is_running()
        assert second.port != first.port


@STARTERS
def test_start_after_kill_of_the_server_works(
    open_state: Path, running: Callable[[RunningServer], RunningServer], start: Start
) -> None:
    killed = running(start(open_state, durable=True))
    killed.process.kill()
    killed.process.wait()
    killed.stop()
    assert list(killed.folder.data.glob("*.pid"))
    assert running(start(open_state, durable=True)).is_running()


@STARTERS
def test_server_of_a_killed_launcher_is_replaced(
    open_state: Path, running: Callable[[RunningServer], RunningServer], start: Start
) -> None:
    orphan = running(start(open_state, durable=True))
    orphan.lock.release()  # what the kernel does when the launcher is killed
    successor = running(start(open_state, durable=True))
    assert successor.pid != orphan.pid
    assert not orphan.is_running()
    assert successor.is_running()


def test_pid_file_naming_a_stranger_stops_nobody(
    open_state: Path, running: Callable[[RunningServer], RunningServer]
) -> None:
    server = running(start_postgres(open_state, durable=True))
    server.stop()
    # This very test run plays the program that was given the old server's number.
    (server.folder.data / "postmaster.pid").write_text(f"{os.getpid()}\n")
    assert running(start_postgres(open_state, durable=True)).is_running()


@STARTERS
def test_second_launcher_on_one_folder_is_refused(
    open_state: Path, running: Callable[[RunningServer], RunningServer], start: Start
) -> None:
    first = running(start(open_state, durable=False))
    with pytest.raises(DemoError, match=f"in use .*process {os.getpid()}.*PORTAL_STATE_DIR"):
        start(open_state, durable=False)
    assert first.is_running()


@STARTERS
def test_servers_run_without_root_and_change_no_folder_above(
    open_state: Path,
    closed_state: Path,
    running: Callable[[RunningServer], RunningServer],
    start: Start,
) -> None:
    expected = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else os.geteuid()
    users = pwd.getpwall()
    closed_state.parent.mkdir()
    for state in (open_state / "state", closed_state):
        before = modes_above(state)
        server = running(start(state, durable=False))
        assert server.folder.data.stat().st_uid == expected
        assert Path(f"/proc/{server.pid}").stat().st_uid == expected
        assert modes_above(state) == before
    assert pwd.getpwall() == users


@STARTERS
def test_existing_state_folder_keeps_its_mode(
    tmp_path: Path, running: Callable[[RunningServer], RunningServer], start: Start
) -> None:
    state = tmp_path / "mine"
    state.mkdir(mode=0o700)
    assert running(start(state, durable=False)).is_running()
    assert stat.S_IMODE(state.stat().st_mode) == 0o700


@STARTERS
def test_removed_server_leaves_no_file_anywhere(closed_state: Path, start: Start) -> None:
    server = start(closed_state, durable=False)
    places = {server.folder.home, server.folder.place}
    assert all(place.exists() for place in places)
    server.remove()
    assert not any(place.exists() for place in places)


@STARTERS
def test_password_is_needed_and_kept_private(
    open_state: Path, running: Callable[[RunningServer], RunningServer], start: Start
) -> None:
    server = running(start(open_state, durable=False))
    password = server.folder.password()
    wrong = server.url.replace(password, "wrong")
    with pytest.raises((psycopg2.OperationalError, redis.AuthenticationError)):
        if start is start_postgres:
            psycopg2.connect(wrong)
        else:
            redis.Redis.from_url(wrong).ping()
    assert password not in command_line(server.pid)
    assert stat.S_IMODE(server.folder.data.stat().st_mode) == 0o700
    files = [path for path in server.folder.home.iterdir() if path.is_file()]
    assert {path.name for path in files} >= {"password", "port", "server.log"}
    for path in files:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
