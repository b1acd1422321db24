"""The demo from nothing to "ready", and back: the order of the steps.

Servers first, then the schema and the seed, then the programs people talk to. The addresses are
printed only when `/health/ready/` answers, so that what is printed works.
"""

import http.client
import json
import os
import signal
import socket
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TextIO

from portal.demo.console import Console
from portal.demo.environment import (
    HOST,
    DemoSettings,
    SimulatedCloud,
    database_name,
    portal_environment,
    preparation_environment,
    write_environment_file,
)
from portal.demo.errors import DemoError, StopRequested
from portal.demo.plan import (
    MANAGE,
    STOP_POSTGRES,
    STOP_VALKEY,
    portal_programs,
    simulator_program,
)
from portal.demo.private_files import read_private, write_private
from portal.demo.programs import server_program
from portal.demo.servers import RunningServer, Watch, start_postgres, start_valkey
from portal.demo.servers.account import ENTER_ONLY, OWNER_ONLY, make_folder
from portal.demo.servers.folder import FolderLock, kept_port, port_is_free
from portal.demo.supervisor import Supervisor

_SIMULATOR_SECONDS = 600.0  # a large world is generated before the first answer
_READY_SECONDS = 120.0
_WORLD = "world"
SECOND_WORLD = "second"  # the second reseller's, so that each sees only its own tenants


def run_demo(settings: DemoSettings, stream: TextIO) -> None:
    """Run the demo until it is asked to stop; then nothing of it is left running.

    Raises DemoError when it cannot start or a part of it keeps dying; then too everything has been
    stopped.
    """
    console = Console(stream)
    make_folder(settings.state, ENTER_ONLY if os.geteuid() == 0 else OWNER_ONLY)
    lock = FolderLock(settings.state / "lock")
    try:
        if not port_is_free(settings.port):
            raise DemoError(
                f"Port {settings.port} is in use by another program. Stop that program, or give "
                "the demo another port: PORTAL_PORT=8001 make demo"
            )
        check_world(settings)
        for name in ("logs", "mail"):
            make_folder(settings.state / name, OWNER_ONLY)
        supervisor = Supervisor(console)
        supervisor.take_signals()
        try:
            Demo(settings, console, supervisor).run()
        except StopRequested:
            pass
        finally:
            with console.step("Stopping"):
                supervisor.stop_all()
    finally:
        lock.release()


class Demo:
    """One run: the settings, and what its steps find out for the steps after them."""

    def __init__(self, settings: DemoSettings, console: Console, supervisor: Supervisor) -> None:
        self._settings = settings
        self._console = console
        self._supervisor = supervisor

    def run(self) -> None:
        """Start everything, print how to use it, and watch over it."""
        self._console.say(f"Tenantry demo in {self._settings.state}")
        admin_url = self._database()
        redis_url = self._broker()
        clouds = self._clouds()
        variables = portal_environment(
            self._settings, admin_url=admin_url, redis_url=redis_url, clouds=clouds
        )
        write_environment_file(self._settings.state / "env", variables)
        environment = {**_surroundings(), **variables}
        self._schema(admin_url, environment)
        self._simulators(clouds, environment)
        self._seed(environment)
        self._portal(environment)
        self._console.say(summary(self._settings))
        self._supervisor.watch_over()

    def _database(self) -> str:
        if self._settings.database_url:
            self._console.say("  Using the PostgreSQL of DATABASE_URL")
            return self._settings.database_url
        return self._server("PostgreSQL", start_postgres, signal.SIGINT, STOP_POSTGRES)

    def _broker(self) -> str:
        if self._settings.redis_url:
            self._console.say("  Using the Redis of REDIS_URL")
            return self._settings.redis_url
        return self._server("Valkey", start_valkey, signal.SIGTERM, STOP_VALKEY)

    def _server(
        self,
        name: str,
        starter: Callable[..., RunningServer],
        stop_signal: signal.Signals,
        stop_rank: int,
    ) -> str:
        watch: Watch = self._supervisor.server_watch(stop_signal)

        def start() -> RunningServer:
            try:
                return starter(self._settings.state, durable=True, watch=watch)
            except DemoError:
                if self._supervisor.wanted():
                    raise
                raise StopRequested from None  # given up because we said so

        with self._console.step(name):
            server = start()
            program = server_program(server, start, stop_rank=stop_rank)
            self._supervisor.adopt(program, server.process)
        if server.folder.place != server.folder.home:
            self._console.say(
                f"    its data is in {server.folder.place}: as root it runs as user nobody, who "
                f"cannot enter {self._settings.state}"
            )
        return server.url

    def _clouds(self) -> list[SimulatedCloud]:
        """Return one Partner Center for each of the two resellers, on the ports of last time."""
        clouds: list[SimulatedCloud] = []
        for name, world in (("simulator", self._settings.world), ("simulator-2", SECOND_WORLD)):
            folder = self._settings.state / name
            make_folder(folder, OWNER_ONLY)
            taken = {cloud.port for cloud in clouds} | {self._settings.port}
            port = kept_port(folder / "port", taken=taken)
            clouds.append(SimulatedCloud(name=name, world=world, port=port, folder=folder))
        return clouds

    def _simulators(self, clouds: list[SimulatedCloud], environment: Mapping[str, str]) -> None:
        with self._console.step("Partner Center simulators"):
            for cloud in clouds:
                self._supervisor.start(simulator_program(self._settings, environment, cloud))
            for cloud in clouds:
                self._supervisor.wait_for(
                    f"The {cloud.name}",
                    partial(_listens, cloud.port),
                    seconds=_SIMULATOR_SECONDS,
                    log=self._settings.logs / f"{cloud.name}.log",
                )

    def _seed(self, environment: Mapping[str, str]) -> None:
        note_world(self._settings)
        options = (f"--world={self._settings.world}", f"--state={self._settings.state}")
        self._manage("Seed and discovery", "seed_demo", environment, *options)
        refresh_base_url(self._settings)

    def _schema(self, admin_url: str, environment: Mapping[str, str]) -> None:
        preparation = preparation_environment(
            _surroundings(), self._settings.state, admin_url=admin_url
        )
        database = f"--database={database_name(admin_url)}"
        self._manage("Database roles", "prepare_database", preparation, database)
        self._manage("Schema", "migrate", environment, "--no-input", "--verbosity=1")

    def _manage(
        self, title: str, command: str, environment: Mapping[str, str], *options: str
    ) -> None:
        with self._console.step(title):
            self._supervisor.run_step(
                (*MANAGE, command, *options),
                environment=environment,
                log=self._settings.logs / f"{command}.log",
            )

    def _portal(self, environment: Mapping[str, str]) -> None:
        with self._console.step("Web, workers, beat, relay"):
            for program in portal_programs(self._settings, environment):
                self._supervisor.start(program)
            self._supervisor.wait_for(
                "The portal",
                lambda: _answers_ready(self._settings.port),
                seconds=_READY_SECONDS,
                log=self._settings.logs / "web.log",
            )


def summary(settings: DemoSettings) -> str:
    """Return the closing lines: address, a login for each persona, and where things are."""
    text = read_private(settings.state / "credentials.json")
    users = json.loads(text)["users"] if text else []
    widths = [max((len(user[key]) for user in users), default=0) for key in ("persona", "email")]
    logins = [
        f"  {user['persona']:<{widths[0]}}  {user['email']:<{widths[1]}}  {user['password']}"
        for user in users
    ]
    shown = _shown(settings.state)
    return "\n".join(
        (
            "",
            f"Ready at {settings.base_url}/",
            "",
            *logins,
            "",
            f"API           {settings.base_url}/api/docs/  (tokens: {shown}/credentials.json)",
            f"Logs          {shown}/logs/",
            f"Commands      set -a; . {shown}/env; set +a; .venv/bin/python manage.py …",
            "Stop          Ctrl-C (the data is kept for the next start)",
        )
    )


def check_world(settings: DemoSettings) -> None:
    """Raise DemoError when the state folder was seeded from another world.

    Tenants and links of one world mean nothing in the next: the seeded connection would be refused
    by a Partner Center that does not know it.
    """
    before = read_private(settings.state / _WORLD)
    if before and before != settings.world:
        raise DemoError(
            f"The data in {settings.state} was made with PARTNERCENTER_WORLD={before}, now it is "
            f"{settings.world}. Choose another PORTAL_STATE_DIR, or remove that folder."
        )


def note_world(settings: DemoSettings) -> None:
    """Note what the state folder is seeded from, for `check_world` of later starts."""
    write_private(settings.state / _WORLD, f"{settings.world}\n")


def refresh_base_url(settings: DemoSettings) -> None:
    """Correct the address in `credentials.json` where the port has changed since the seed."""
    path = settings.state / "credentials.json"
    text = read_private(path)
    if text:
        credentials = json.loads(text)
        if credentials.get("base_url") != settings.base_url:
            credentials["base_url"] = settings.base_url
            write_private(path, json.dumps(credentials, indent=2) + "\n")


def _surroundings() -> dict[str, str]:
    """Return the environment we were started in, without addresses meant for other steps."""
    ours = {"DATABASE_URL", "REDIS_URL", "DATABASE_MIGRATE_URL", "DATABASE_ADMIN_URL"}
    return {name: text for name, text in os.environ.items() if name not in ours}


def _shown(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def _answers_ready(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/health/ready/")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
