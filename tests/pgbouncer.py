"""PgBouncer in transaction mode in front of a PostgreSQL: the pooler large installations have.

It runs as the embedded servers do: under their account, because it refuses to be root, on a port of
its own, and gone with its files when the block ends.
"""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

import psycopg2

from portal.demo.errors import DemoError
from portal.demo.private_files import write_private
from portal.demo.servers import RunningServer, Watch
from portal.demo.servers.folder import (
    LOOPBACK,
    ServerFolder,
    open_server_folder,
    remove_server_folder,
)
from portal.demo.servers.launch import UNWATCHED, launch
from tools.ci.find_pgbouncer import SYSTEM_PROGRAMS

MOST_CLIENTS = 500
SETTINGS = """\
[databases]
* = host={host} port={server_port}
[pgbouncer]
listen_addr = {listen}
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {logins}
pool_mode = transaction
default_pool_size = {pool_size}
max_client_conn = {most_clients}
ignore_startup_parameters = options,extra_float_digits
log_connections = 0
log_disconnections = 0
"""


def pgbouncer_program() -> str | None:
    """Return the path of PgBouncer, or None: what PGBOUNCER names, or else what PATH has."""
    places = f"{os.environ.get('PATH', os.defpath)}:{SYSTEM_PROGRAMS}"
    return shutil.which(os.environ.get("PGBOUNCER") or "pgbouncer", path=places)


@contextmanager
def pgbouncer(
    url: str, folder: Path, *, pool_size: int = 8, watch: Watch = UNWATCHED
) -> Iterator[str]:
    """Start PgBouncer in front of a PostgreSQL address and yield the address through it.

    It lets in the login of that address alone, to whatever database it names. ``pool_size`` is how
    many connections it opens at most for one database; up to `MOST_CLIENTS` share them. A
    ``folder`` serves one at a time.

    Raises:
        DemoError: there is no PgBouncer, or it does not start.
    """
    program = pgbouncer_program()
    if program is None:
        raise DemoError("There is no PgBouncer. Install it, or set PGBOUNCER to its path.")
    server = urlsplit(url)

    def through(port: int) -> str:
        login = server.netloc.rpartition("@")[0]
        return server._replace(netloc=f"{login}@{LOOPBACK}:{port}").geturl()

    def answers(port: int) -> bool:
        try:
            psycopg2.connect(through(port), connect_timeout=5).close()
        except psycopg2.OperationalError:
            return False
        return True

    place = open_server_folder(folder, "pgbouncer")
    with ExitStack() as stack:
        lock = place.lock()
        stack.callback(remove_server_folder, place)
        stack.callback(lock.release)
        process, port = launch(
            "PgBouncer",
            place,
            command=lambda port: [program, str(_configure(place, server, port, pool_size))],
            answers=answers,
            watch=watch,
        )
        running = RunningServer(
            name="PgBouncer",
            url=through(port),
            port=port,
            folder=place,
            process=process,
            lock=lock,
            stop_signals=(signal.SIGTERM,),
        )
        stack.callback(watch.ended, process.pid)
        # Newer ones wait for their clients to leave when asked to end; ours have no say in it.
        stack.callback(running.stop, patience=1)
        yield running.url


def _configure(place: ServerFolder, server: SplitResult, port: int, pool_size: int) -> Path:
    """Write both files that PgBouncer reads and return the one it is started with."""
    data = place.make_folder("data")
    logins, settings = data / "logins.txt", data / "pgbouncer.ini"
    contents = {
        logins: f"{_quoted(server.username)} {_quoted(server.password)}\n",
        settings: SETTINGS.format(
            host=server.hostname or LOOPBACK,
            server_port=server.port or 5432,
            listen=LOOPBACK,
            port=port,
            logins=logins,
            pool_size=pool_size,
            most_clients=MOST_CLIENTS,
        ),
    }
    for path, text in contents.items():
        write_private(path, text)
        place.account.own(path)
    return settings


def _quoted(value: str | None) -> str:
    """Return a name or password of an address as PgBouncer's list of logins has it."""
    return '"{}"'.format(unquote(value or "").replace('"', '""'))
