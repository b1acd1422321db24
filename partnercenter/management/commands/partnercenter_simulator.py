"""Serve a world as a Partner Center on a port, or make a new world in a folder.

For the demo, for compose and for people with curl. It opens nothing of the portal: no database, no
cache, no settings beyond Django's own start.
"""

import signal
import tempfile
import threading
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError

from partnercenter.simulator import Simulator, SimulatorError
from partnercenter.simulator.certificates import open_certificates
from partnercenter.simulator.courier import Courier
from partnercenter.simulator.server import SimulatorServer
from partnercenter.simulator.worlds import WorldError, open_world
from partnercenter.simulator.worlds.folder import PROGRAMS
from partnercenter.simulator.worlds.generator import make_world

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Command(BaseCommand):
    """Runs the simulator until SIGINT or SIGTERM, or makes a world."""

    help = "Serve a simulated Partner Center on one port for http and https, or make its world."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        task = parser.add_mutually_exclusive_group(required=True)
        task.add_argument(
            "--world",
            metavar="NAME|DIR",
            help="serve this world: a named one (small, large) or the folder of one",
        )
        task.add_argument(
            "--make-world",
            type=Path,
            metavar="DIR",
            help="write a new world into this folder and end; on one day a seed makes one world",
        )
        served = parser.add_argument_group("serving")
        served.add_argument("--port", type=int, help="port; 0 takes any free one")
        served.add_argument("--host", default="127.0.0.1", help="address to listen on")
        served.add_argument(
            "--state",
            type=Path,
            metavar="DIR",
            help="keep effects, keys and caches here; without it they end with the process",
        )
        served.add_argument(
            "--certificate-folder",
            type=Path,
            metavar="DIR",
            help="where ca.pem and the certificate are; by default inside the state folder",
        )
        made = parser.add_argument_group("making a world")
        made.add_argument("--customers", type=int, default=60, help="how many (60)")
        made.add_argument("--lines", type=int, default=2_000, help="invoice rows in all (2000)")
        made.add_argument("--seed", type=int, default=1, help="another number, another world (1)")
        made.add_argument("--home", default="NL", help="country of the partner (NL)")
        made.add_argument("--program", choices=PROGRAMS, default="direct")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make a world, or serve one until the signal; wrong input ends with exit status 2."""
        for number in _SIGNALS:
            signal.signal(number, _stop)
        if options["make_world"] is not None:
            self._make(options["make_world"], **options)
            return
        if options["port"] is None:
            raise CommandError(
                "Name the port to serve on: --port, 0 for any free one.", returncode=2
            )
        with ExitStack() as stack:
            temporary = stack.enter_context(tempfile.TemporaryDirectory(prefix="partnercenter-"))
            try:
                server, courier = self._open(Path(temporary), **options)
            except (SimulatorError, WorldError) as error:
                raise CommandError(str(error), returncode=2) from error
            stack.callback(server.stop)
            server.start()
            courier.start()
            threading.Event().wait()

    def _make(
        self,
        folder: Path,
        *,
        customers: int,
        lines: int,
        seed: int,
        home: str,
        program: str,
        **_: Any,
    ) -> None:
        try:
            make_world(
                folder,
                customers=customers,
                lines=lines,
                seed=seed,
                home=home.upper(),
                program=program,
            )
        except (WorldError, OSError) as error:
            raise CommandError(str(error), returncode=2) from error
        self.stdout.write(
            f"World {folder} is made: {customers} customers, {lines} invoice rows, seed {seed}. "
            f"Serve it with --port N --world {folder}"
        )

    def _open(
        self,
        temporary: Path,
        *,
        world: str,
        host: str,
        port: int,
        state: Path | None,
        certificate_folder: Path | None,
        **_: Any,
    ) -> tuple[SimulatorServer, Courier]:
        folder = state or temporary
        opened = open_world(world, cache=folder / "worlds")
        effects = state / "effects" if state else None
        simulator = Simulator(opened, state_folder=effects)
        certificates = open_certificates(certificate_folder or folder / "certificates")
        simulator.use_certificates(certificates)
        server = SimulatorServer(simulator.wsgi, host=host, port=port)
        server.tls = certificates.context()
        self.stdout.write(
            f"Partner Center simulator ready: http://{host}:{server.port} and "
            f"https://localhost:{server.port}, world {world} of {opened.partner.company_name} "
            f"({opened.partner.domain}), trust {certificates.authority}"
        )
        self.stdout.flush()
        return server, simulator.courier


def _stop(*_: object) -> NoReturn:
    # An exception, not a flag: making a large world takes a while and must end at once too.
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise SystemExit(0)
