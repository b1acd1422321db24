"""Write a reseller's links to a file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from organizations.linking.link_file import COLUMNS, link_rows
from organizations.management.commands._files import export_to
from portal.core.access import acting, system_actor
from portal.core.management.foreground import reseller_called


class Command(BaseCommand):
    help = (
        "Write all live links to a file that import_links reads, with the columns "
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
        actor = system_actor(reseller.pk, "export_links")
        with acting(actor), transaction.atomic():
            count = export_to(options["file"], COLUMNS, link_rows(actor), out=self.stderr)
        self.stderr.write(f"{count:,} links written")
