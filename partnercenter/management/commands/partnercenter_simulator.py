"""Serve a world as a Partner Center on a port, for the demo, for compose and for people with curl.

It opens nothing of the portal: no database, no cache, no settings beyond Django's own start.
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

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Command(BaseCommand):
    """Runs the simulator until SIGINT or SIGTERM."""

    help = "Serve a simulated Partner Center over a world, on one port for http and https."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, required=True, help="port; 0 takes any free one")
        parser.add_argument(
            "--world",
            required=True,
            metavar="NAME|DIR",
            help="a named world (small, large) or the folder of one",
        )
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument(
            "--state",
            type=Path,
            metavar="DIR",
            help="keep effects, keys and caches here; without it they end with the process",
        )
        parser.add_argument(
            "--certificate-folder",
            type=Path,
            metavar="DIR",
            help="where ca.pem and the certificate are; by default inside the state folder",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve, and return after the signal; every wrong input ends with exit status 2."""
        for number in _SIGNALS:
            signal.signal(number, _stop)
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
