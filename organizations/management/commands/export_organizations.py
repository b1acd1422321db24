"""Write a reseller's organizations to a file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from organizations.directory.organization_file import COLUMNS, organization_rows
from organizations.management.commands._files import export_to
from portal.core.access import acting, system_actor
from portal.core.management.foreground import reseller_called


class Command(BaseCommand):
    help = (
        "Write all organizations to a file that import_organizations reads, with the columns "
        + ",".join(COLUMNS)
        + ". Texts that a spreadsheet would take for a formula begin with an apostrophe."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", type=Path, metavar="FILE", help="CSV; XLSX if it ends so; - prints CSV"
        )
        parser.add_argument("--reseller", required=True, metavar="SLUG")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file, all of it or none."""
        reseller = reseller_called(options["reseller"], to_change=False)
        actor = system_actor(reseller.pk, "export_organizations")
        with acting(actor), transaction.atomic():
            count = export_to(options["file"], COLUMNS, organization_rows(actor), out=self.stderr)
        self.stderr.write(f"{count:,} organizations written")
