"""Make the database, its roles and its extensions."""

from typing import Any

import psycopg2
from django.core.management.base import CommandError

from portal.core.database.preparing import prepare
from portal.core.management.shared import AdministratorCommand


class Command(AdministratorCommand):
    help = (
        "Create the database, its roles and extensions; repeatable. Give the address of an"
        " administrator; passwords of the logins come from the environment"
        " (PORTAL_DB_WEB_PASSWORD, PORTAL_DB_MIGRATE_PASSWORD, PORTAL_DB_BACKUP_PASSWORD)"
        " and stay as they are where none is given."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            target = self.target(options)
            prepare(target)
        except psycopg2.Error as error:
            raise CommandError(
                f"The database could not be prepared: {str(error).strip()}"
            ) from None
        self.stdout.write(f"Database {target['dbname']} is ready for migration.")
