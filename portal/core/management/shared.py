"""What pairs of commands have in common: their arguments, and how they read them."""

from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.core.database.preparing import given, read_address
from portal.core.errors import PortalError
from portal.core.identity.models import Reseller
from portal.core.management.foreground import reseller_called


class AdministratorCommand(BaseCommand):
    """A command that reaches a database server as its administrator."""

    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Ask for the address and the database."""
        parser.add_argument("--admin-url", help="default: the environment's DATABASE_ADMIN_URL")
        parser.add_argument("--database", help="default: the one the address names")

    @staticmethod
    def target(options: dict[str, Any]) -> dict[str, str]:
        """Return the address in its parts.

        Raises:
            CommandError: none is given.
            psycopg2.ProgrammingError: it is no address.
        """
        url = options["admin_url"] or given("DATABASE_ADMIN_URL")
        if not url:
            raise CommandError("Give --admin-url or set DATABASE_ADMIN_URL.")
        return read_address(url, options["database"])


class SuspensionCommand(BaseCommand):
    """A command that suspends a reseller or ends that, with a reason for the audit."""

    reason_help: str
    change: Callable[..., Reseller]
    outcome: str
    """What it says afterwards, with a place for the ``{name}``."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Ask for the reseller and the reason."""
        parser.add_argument("--reseller", required=True, metavar="SLUG")
        parser.add_argument("--reason", required=True, help=self.reason_help)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say so; an unknown reseller or an empty reason is an error."""
        reseller = reseller_called(options["reseller"], to_change=False)
        try:
            row = type(self).change(reseller, reason=options["reason"])
        except PortalError as error:
            raise CommandError(error.detail) from None
        self.stdout.write(self.outcome.format(name=row.name))
