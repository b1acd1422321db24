"""Dump the database beside a manifest of what is in it."""

from pathlib import Path
from typing import Any

import psycopg2
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.core.database.dumping import DumpFailed, dump, manifest_of
from portal.core.database.preparing import given, read_address


class Command(BaseCommand):
    help = (
        "Dump the database of DATABASE_BACKUP_URL (the login app_backup) to FILE, and beside it a"
        " manifest: rows and sums per reseller as they were at that moment, which restore compares."
        " Work may go on meanwhile. pg_dump is taken from PATH or PORTAL_PG_BIN."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="must not exist yet")

    def handle(self, *args: Any, **options: Any) -> None:
        url = given("DATABASE_BACKUP_URL")
        if not url:
            raise CommandError("Set DATABASE_BACKUP_URL to the database's address for app_backup.")
        file: Path = options["file"]
        try:
            manifest = dump(read_address(url), file)
        except DumpFailed as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be written: {error.strerror}.") from None
        except psycopg2.Error as error:
            raise CommandError(f"The database could not be read: {str(error).strip()}") from None
        self.stdout.write(
            f"{file} holds {manifest.contents.rows} rows in {len(manifest.contents.figures)} tables"
            f" as of {manifest.taken_at}. Keep {manifest_of(file).name} with it."
        )
