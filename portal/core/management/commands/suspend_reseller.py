"""Suspend a reseller."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.core.errors import PortalError
from portal.core.identity.queries import reseller_with_slug
from portal.core.identity.suspension import suspend_reseller


class Command(BaseCommand):
    help = "Let nothing of a reseller be changed. Its people still sign in and read; jobs wait."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reseller", required=True, metavar="SLUG")
        parser.add_argument(
            "--reason", required=True, help="its people read it; the audit keeps it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say so; an unknown reseller or an empty reason is an error."""
        reseller = reseller_with_slug(options["reseller"])
        if reseller is None:
            raise CommandError(f"There is no reseller “{options['reseller']}”.")
        try:
            row = suspend_reseller(reseller, reason=options["reason"])
        except PortalError as error:
            raise CommandError(error.detail) from None
        self.stdout.write(
            f"{row.name} is suspended: its people can read and change nothing, its jobs wait."
        )
