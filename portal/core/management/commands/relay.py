"""Keep waking jobs that are due."""

import os
import signal
import threading
import time
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError, close_old_connections
from redis.exceptions import RedisError
from structlog import get_logger

from portal.core.checks import refuse_unsafe_start
from portal.core.jobs.heartbeat import RELAY, beat
from portal.core.jobs.relay import relay_due, ring_again_after_loss

BUSY_SHARE = 0.2
"""Of the interval, while there is more to ring for than one round takes."""
EXIT_STATUS = 75  # EX_TEMPFAIL: try again
log = get_logger(__name__)


class Command(BaseCommand):
    help = "Wake jobs that are due: those whose message was lost and those whose worker died."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--interval", type=float, default=1.0, help="seconds between rounds")
        parser.add_argument("--once", action="store_true", help="one round, then stop")

    def handle(self, *args: Any, **options: Any) -> None:
        """Go round until told to stop; neither database nor broker has to be there all the time."""
        stop = threading.Event()
        if not options["once"]:
            for name in (signal.SIGTERM, signal.SIGINT):
                signal.signal(name, lambda *_: stop.set())
        try:
            refuse_unsafe_start()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None
        watch = Watch()
        while not stop.is_set():
            watch.begin_round()
            rung = _go_round()
            if options["once"]:
                self.stdout.write(f"{rung} jobs rung")
                return
            stop.wait(options["interval"] * (BUSY_SHARE if rung else 1))


class Watch:
    """Ends the process when a round does not end: a line that is dead without anybody noticing."""

    def __init__(self) -> None:
        self.begin_round()
        threading.Thread(target=self._watch, daemon=True).start()

    def begin_round(self) -> None:
        """Say that the last round has ended."""
        self.began = time.monotonic()

    def _watch(self) -> None:
        patience = settings.JOB_PATIENCE_SECONDS
        while (left := self.began + patience - time.monotonic()) > 0:
            time.sleep(left)
        log.critical("relay_stands_still", seconds=patience)
        os._exit(EXIT_STATUS)


def _go_round() -> int:
    try:
        beat(RELAY)
        ring_again_after_loss()
        return relay_due()
    except (RedisError, OSError) as error:
        log.warning("relay_broker_away", reason=type(error).__name__)
    except (OperationalError, InterfaceError) as error:
        log.warning("relay_database_away", reason=type(error).__name__)
    finally:
        close_old_connections()
    return 0
