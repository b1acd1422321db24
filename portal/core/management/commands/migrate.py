"""Django's migrate, as the migration role, and then the check that nothing is left unprotected."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import connections, transaction

from portal.core.database.inspection import SHARED_TABLES, violations


class Command(migrate.Command):
    help = "Bring the schema up to date (as DATABASE_MIGRATE_URL's role) and check its protection."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        alias = "migrate" if "migrate" in settings.DATABASES else "default"
        parser.set_defaults(database=alias)

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if options.get("plan") or options.get("check_unapplied"):
            return
        alias = options["database"]
        with transaction.atomic(using=alias):
            hand_over_shared_tables(alias)
        found = violations(connections[alias])
        if found:
            raise CommandError("The schema is not protected:\n  " + "\n  ".join(found))


def hand_over_shared_tables(alias: str) -> None:
    """Give tables without a reseller to the owner role, and their use to the web login."""
    with connections[alias].cursor() as cursor:
        present = set(connections[alias].introspection.table_names(cursor))
        for table in sorted(present & SHARED_TABLES):
            cursor.execute(f'ALTER TABLE "{table}" OWNER TO app_owner')
            cursor.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table}" TO app_web')
            cursor.execute(f'GRANT SELECT ON "{table}" TO app_backup')
        cursor.execute("GRANT SELECT ON core_user TO app_identity")
        # A dump reads where each sequence stands.
        cursor.execute("GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO app_backup")
