"""Django's migrate, as the migration role, and then the check that nothing is left unprotected."""

from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import connections

from portal.core.database.contents import bound_role
from portal.core.database.inspection import SHARED_TABLES, violations
from portal.core.database.patience import LockNotGot, PatientExecutor, in_one_go, short_waits

# Django offers no other place to put it: its command looks its executor up by this name.
migrate.MigrationExecutor = PatientExecutor  # type: ignore[attr-defined]


class Command(migrate.Command):
    help = "Bring the schema up to date (as DATABASE_MIGRATE_URL's role) and check its protection."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        alias = "migrate" if "migrate" in settings.DATABASES else "default"
        parser.set_defaults(database=alias)

    def handle(self, *args: Any, **options: Any) -> None:
        if options.get("plan") or options.get("check_unapplied"):
            super().handle(*args, **options)
            return
        connection = connections[options["database"]]
        if role := bound_role(connection):
            raise CommandError(
                f"Row-level security binds {role}: a migration of data"
                " would change no row and succeed. Set DATABASE_MIGRATE_URL to the address of"
                " app_migrate."
            )
        try:
            with short_waits(connection):
                super().handle(*args, **options)
                in_one_go(connection, "shared tables", partial(hand_over_shared_tables, connection))
        except LockNotGot as error:
            raise CommandError(f"No lock for {error}") from None
        found = violations(connection)
        if found:
            raise CommandError("The schema is not protected:\n  " + "\n  ".join(found))


def hand_over_shared_tables(connection: Any) -> None:
    """Give tables without a reseller to the owner role, and their use to the web login."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, pg_get_userbyid(relowner) = 'app_owner' FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname = ANY (%s)"
            " ORDER BY relname",
            [sorted(SHARED_TABLES)],
        )
        for table, is_handed_over in cursor.fetchall():
            if not is_handed_over:  # else it would lock out everybody for nothing, at each run
                cursor.execute(f'ALTER TABLE "{table}" OWNER TO app_owner')
            cursor.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table}" TO app_web')
            cursor.execute(f'GRANT SELECT ON "{table}" TO app_backup')
        cursor.execute("GRANT SELECT ON core_user TO app_identity")
        # A dump reads where each sequence stands.
        cursor.execute("GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO app_backup")
