"""Keep waking jobs that are due."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import InterfaceError, OperationalError, close_old_connections
from structlog import get_logger

from portal.core.checks import refuse_unsafe_start
from portal.core.jobs.relay import relay_due

log = get_logger(__name__)


class Command(BaseCommand):
    help = "Wake jobs that are due: those whose message was lost and those whose worker died."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--interval", type=float, default=1.0, help="seconds between rounds")
        parser.add_argument("--once", action="store_true", help="one round, then stop")

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_unsafe_start()
        stop = threading.Event()
        if not options["once"]:
            for name in (signal.SIGTERM, signal.SIGINT):
                signal.signal(name, lambda *_: stop.set())
        while not stop.is_set():
            try:
                rung = relay_due()
            except (OperationalError, InterfaceError) as error:
                log.warning("relay_database_away", reason=type(error).__name__)
                rung = 0
            close_old_connections()
            if options["once"]:
                self.stdout.write(f"{rung} jobs rung")
                return
            stop.wait(options["interval"])
