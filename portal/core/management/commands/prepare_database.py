"""Make the database, its roles and its extensions."""

from typing import Any

import psycopg2
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.core.database.preparing import given, prepare, read_address


class Command(BaseCommand):
    help = (
        "Create the database, its roles and extensions; repeatable. Give the address of an"
        " administrator; passwords of the logins come from the environment"
        " (PORTAL_DB_WEB_PASSWORD, PORTAL_DB_MIGRATE_PASSWORD, PORTAL_DB_BACKUP_PASSWORD)"
        " and stay as they are where none is given."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--admin-url", help="default: the environment's DATABASE_ADMIN_URL")
        parser.add_argument("--database", help="default: the one the address names")

    def handle(self, *args: Any, **options: Any) -> None:
        url = options["admin_url"] or given("DATABASE_ADMIN_URL")
        if not url:
            raise CommandError("Give --admin-url or set DATABASE_ADMIN_URL.")
        try:
            target = read_address(url, options["database"])
            prepare(target)
        except psycopg2.Error as error:
            raise CommandError(
                f"The database could not be prepared: {str(error).strip()}"
            ) from None
        self.stdout.write(f"Database {target['dbname']} is ready for migration.")
