"""Run the whole portal on this machine, with its own servers and a seeded reseller.

Only the command line is here; it needs no configured database, so Django's checks, which would look
for one, are left out.
"""

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.demo.environment import read_settings
from portal.demo.errors import DemoError
from portal.demo.start import run_demo


class Command(BaseCommand):
    help = (
        "Run PostgreSQL, Valkey, the Partner Center simulator and the portal until Ctrl-C. "
        "PORTAL_PORT (8000), PORTAL_STATE_DIR (.demo), PARTNERCENTER_WORLD (small, or a folder), "
        "DATABASE_URL (an administrator's) and REDIS_URL steer it."
    )
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            # Not self.stdout: it ends every write with a new line; the console rewrites its line.
            run_demo(read_settings(os.environ), sys.stdout)
        except DemoError as error:
            raise CommandError(str(error)) from error
