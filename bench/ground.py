"""The ground a run stands on: servers, databases, environment, simulated Partner Centers.

Servers are thrown away afterwards, also when the run is interrupted or killed. With `DATABASE_URL`
(an administrator's) and `REDIS_URL` those are used instead, and only the databases made here are
removed again. Settings are read when Django is first imported, so all addresses are known before:
simulators get their ports at once and are started when somebody asks for them.
"""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from bench.floor import administrator
from bench.results import BenchError
from bench.sizes import Sizes
from partnercenter.simulator.worlds import make_world
from portal.demo.guard import Guard
from portal.demo.programs import PROJECT, log_tail, spawn
from portal.demo.servers import Watch, start_postgres, start_valkey
from portal.demo.servers.account import ENTER_ONLY, OWNER_ONLY
from portal.demo.servers.folder import free_port

SEED = 20_260_901
CLOUDS = ("small", "customers", "lines")
_STARTING_SECONDS = 120
_STOPPING_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Center:
    """A simulated Partner Center that answers, and the partner it answers to."""

    cloud: str
    url: str
    authority: Path
    partner_tenant: str
    client_id: str
    secret: str
    process: int


class Ground:
    """Where measurements are made; `open_ground` makes it."""

    def __init__(self, stack: ExitStack, guard: Guard, folder: Path, sizes: Sizes) -> None:
        self.sizes = sizes
        self.database = f"tenantry_bench_{os.getpid()}"
        self.admin_url = ""
        self.folder = folder
        self._stack = stack
        self._guard = guard
        self._ports = {cloud: free_port() for cloud in CLOUDS}
        self._centers: dict[str, Center] = {}

    @contextmanager
    def admin(self) -> Iterator[Connection]:
        """Open the portal's database as the server's administrator."""
        with administrator(self.admin_url, self.database) as opened:
            yield opened

    @contextmanager
    def floor(self) -> Iterator[Connection]:
        """Open the database of plain tables."""
        with administrator(self.admin_url, f"{self.database}_floor") as opened:
            yield opened

    def center(self, cloud: str) -> Center:
        """Return a simulated Partner Center, making its world and starting it the first time."""
        if cloud not in self._centers:
            self._centers[cloud] = self._start_center(cloud)
        return self._centers[cloud]

    def start(
        self,
        name: str,
        arguments: Sequence[str],
        *,
        ready: Callable[[str], bool],
        **environment: str,
    ) -> int:
        """Start a Python program of the project and wait until ``ready`` likes what it said.

        It stops with the run. Returns the id of its process.
        """
        log = self.folder / f"{name}.log"
        command = [sys.executable, *arguments]
        process = spawn(command, environment=os.environ | environment, log=log)
        self._guard.add(process.pid, signal.SIGTERM)
        self._stack.callback(self._stop, process)
        deadline = time.monotonic() + _STARTING_SECONDS
        while not ready(log.read_text(encoding="utf-8", errors="replace")):
            if process.poll() is not None or time.monotonic() > deadline:
                raise BenchError(f"{name} did not start. It said:\n{log_tail(log)}")
            time.sleep(0.05)
        return process.pid

    def keep(self, server: AbstractContextManager[str]) -> str:
        """Start a server that stops with the run, and return its address."""
        return self._stack.enter_context(server)

    def watch(self, stop_signal: signal.Signals) -> Watch:
        """Return what keeps a server from living longer than this run."""
        return Watch(
            spawned=lambda pid: self._guard.add(pid, stop_signal), ended=self._guard.remove
        )

    def take_environment(self, broker: str) -> None:
        """Name everything where the settings, here and in children, look for it."""
        known = {
            name: os.environ.get(name) or secrets.token_urlsafe(24)
            for name in ("PORTAL_DB_WEB_PASSWORD", "PORTAL_DB_MIGRATE_PASSWORD")
        }
        os.environ.update(
            known,
            PORTAL_ENV="demo",
            PORTAL_ALLOWED_HOSTS="testserver",
            PORTAL_BASE_URL="http://testserver",
            PORTAL_LOG_LEVEL="WARNING",
            # Counted as ever, but a bench asks faster than anybody may.
            PORTAL_LIMIT_USER="1000000",
            PORTAL_LIMIT_TOKEN="1000000",
            PORTAL_LIMIT_RESELLER="1000000",
            PORTAL_LIMIT_ADDRESS="1000000",
            PARTNERCENTER_CALLS_A_MINUTE="0",
            PYTHONWARNINGS="ignore",
            DATABASE_ADMIN_URL=self.admin_url,
            DATABASE_URL=self._address("app_web", known["PORTAL_DB_WEB_PASSWORD"]),
            DATABASE_MIGRATE_URL=self._address("app_migrate", known["PORTAL_DB_MIGRATE_PASSWORD"]),
            REDIS_URL=broker,
            CACHE_URL=broker,
            EMAIL_URL="memorymail://",
            PARTNERCENTER_SIMULATORS=",".join(
                f"{cloud}={self._center_url(cloud)}" for cloud in CLOUDS
            ),
            PARTNERCENTER_CA_BUNDLE=str(self._authority),
        )

    def make_databases(self) -> None:
        """Make the portal's database, migrated, and the one of plain tables."""
        _manage("prepare_database", "--database", self.database)
        self._stack.callback(self._drop_databases)
        _manage("migrate", "--verbosity", "0")
        with administrator(self.admin_url, "postgres") as server, server.cursor() as cursor:
            name = sql.Identifier(f"{self.database}_floor")
            cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(name))

    def _drop_databases(self) -> None:
        with administrator(self.admin_url, "postgres") as server, server.cursor() as cursor:
            for name in (self.database, f"{self.database}_floor"):
                drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
                cursor.execute(drop.format(sql.Identifier(name)))

    def _address(self, login: str, password: str) -> str:
        parts = urlsplit(self.admin_url)
        host = parts.netloc.rpartition("@")[2]
        return f"postgres://{login}:{password}@{host}/{self.database}"

    @property
    def _authority(self) -> Path:
        return self.folder / "certificates" / "ca.pem"

    def _center_url(self, cloud: str) -> str:
        return f"https://localhost:{self._ports[cloud]}"

    def _start_center(self, cloud: str) -> Center:
        customers, lines = {
            "small": (self.sizes.customers[0], self.sizes.lines[0]),
            "customers": (self.sizes.customers[1], 0),
            "lines": (self.sizes.billed, self.sizes.lines[1]),
        }[cloud]
        world = self.folder / f"world-{cloud}"
        make_world(world, customers=customers, lines=lines, seed=SEED)
        arguments = ["manage.py", "partnercenter_simulator", "--world", str(world)]
        arguments += ["--port", str(self._ports[cloud]), "--state", str(self.folder / cloud)]
        arguments += ["--certificate-folder", str(self._authority.parent)]
        process = self.start(
            f"simulator-{cloud}", arguments, ready=lambda said: "simulator ready" in said
        )
        partner = json.loads((world / "partner.json").read_text(encoding="utf-8"))
        return Center(
            cloud=cloud,
            url=self._center_url(cloud),
            authority=self._authority,
            partner_tenant=partner["tenantId"],
            client_id=partner["clientId"],
            secret=partner["clientSecret"],
            process=process,
        )

    def _stop(self, process: "subprocess.Popen[bytes]") -> None:
        process.terminate()
        try:
            process.wait(_STOPPING_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._guard.remove(process.pid)


@contextmanager
def open_ground(sizes: Sizes) -> Iterator[Ground]:
    """Start servers, make the databases and set the environment; everything is gone afterwards."""
    with ExitStack() as stack:
        guard = Guard()
        stack.callback(guard.dismiss)
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="tenantry-bench-")))
        folder.chmod(ENTER_ONLY if os.geteuid() == 0 else OWNER_ONLY)
        ground = Ground(stack, guard, folder, sizes)
        database, broker = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
        if not database:
            postgres = start_postgres(folder, durable=False, watch=ground.watch(signal.SIGINT))
            stack.callback(postgres.remove)
            database = postgres.url
        if not broker:
            valkey = start_valkey(folder, durable=False, watch=ground.watch(signal.SIGTERM))
            stack.callback(valkey.remove)
            broker = valkey.url
        ground.admin_url = database
        ground.take_environment(broker)
        ground.make_databases()
        yield ground


def _manage(*arguments: str) -> None:
    outcome = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    if outcome.returncode:
        said = f"{outcome.stdout}{outcome.stderr}".strip()
        raise BenchError(f"manage.py {arguments[0]} failed:\n{said}")
