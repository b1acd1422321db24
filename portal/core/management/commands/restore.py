"""Restore a dump into an empty database and compare it with its manifest."""

from pathlib import Path
from typing import Any

import psycopg2
from django.core.management.base import CommandError, CommandParser

from portal.core.database.dumping import DumpFailed, restore
from portal.core.management.shared import AdministratorCommand


class Command(AdministratorCommand):
    help = (
        "Restore a dump made by backup into an empty database, with its roles, and compare rows,"
        " sums, policies and rights with its manifest. Passwords of the logins come from the"
        " environment, as for prepare_database. pg_restore is taken from PATH or PORTAL_PG_BIN."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="its manifest lies beside it")
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            target = self.target(options)
            manifest = restore(target, options["file"])
        except DumpFailed as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from None
        except psycopg2.Error as error:
            raise CommandError(
                f"The database could not be restored: {str(error).strip()}"
            ) from None
        self.stdout.write(
            f"Database {target['dbname']} holds {manifest.contents.rows} rows as of"
            f" {manifest.taken_at}; rows, sums, policies and rights are those of the dump.\n"
            "Start the portal with PORTAL_READ_ONLY=true until somebody has looked: it no longer"
            " remembers what it did at Microsoft after that moment."
        )
