"""Import a reseller's organizations from a CSV file."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from organizations.directory.details import LABELS
from organizations.directory.importing import ImportReport, import_organizations
from organizations.directory.organization_file import COLUMNS, layout_for
from organizations.management.commands._files import FileOnDisk, add_file_arguments
from portal.core.access import acting, system_actor
from portal.core.errors import PortalError
from portal.core.management.foreground import reseller_called
from portal.web.sheets.reading import Remark

PASSES = 2


class Command(BaseCommand):
    help = (
        "Import organizations from a CSV file with the columns "
        + ",".join(COLUMNS)
        + ", columns of the primary account (account_email, account_city and so on), and custom"
        " fields as field:KEY and account_field:KEY. Only name is required, and the order is free;"
        " comma, semicolon and tab all do."
        " Organizations that exist are not changed unless --update is given, so a file can be"
        " imported again. If any row is wrong nothing is written."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_file_arguments(parser)
        parser.add_argument(
            "--update",
            action="store_true",
            help="give organizations that exist the values of the file; empty ones change nothing",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, tell of every wrong row on stderr, and fail if there was one."""
        actor = system_actor(reseller_called(options["reseller"]).pk, "import_organizations")
        with acting(actor), transaction.atomic():
            layout = layout_for(actor)
        file = FileOnDisk(options, layout, passes=PASSES, out=self.stderr)
        try:
            file.check_encoding(dry_run=options["dry_run"])
            with acting(actor):
                report = import_organizations(
                    file.rows,
                    actor=actor,
                    tell=self._tell,
                    reason=f"Imported from {file.path.name}",
                    dry_run=options["dry_run"],
                    skip_bad_rows=options["skip_bad_rows"],
                    update=options["update"],
                )
        except OSError as error:
            raise CommandError(f"{file.path} cannot be read: {error.strerror}.") from None
        except PortalError as error:
            raise CommandError(f"{file.path.name}: {error.detail} Nothing was written.") from None
        self._sum_up(report, dry_run=options["dry_run"])
        if report.bad_rows and not options["skip_bad_rows"]:
            raise CommandError(
                f"{report.bad_rows:,} bad rows, so nothing was written. Mend them, or import the"
                " others with --skip-bad-rows."
            )

    def _tell(self, remark: Remark) -> None:
        self.stderr.write(str(remark))

    def _sum_up(self, report: ImportReport, *, dry_run: bool) -> None:
        would = "" if report.written else "would be "
        counts = [f"{report.created:,} {would}created"]
        if report.changed:
            counts.append(f"{report.changed:,} {would}changed")
        if report.unchanged:
            counts.append(f"{report.unchanged:,} there already")
        if report.kept:
            counts.append(f"{report.kept:,} there already with other values, left as they are")
        if report.bad_rows:
            counts.append(f"{report.bad_rows:,} bad rows")
        self.stdout.write("; ".join(counts) + ("; nothing written (dry run)" if dry_run else ""))
        if report.incomplete:
            missing = ", ".join(
                f"{LABELS[name].lower()} {count:,}" for name, count in report.missing.items()
            )
            self.stdout.write(f"{report.incomplete:,} incomplete: without {missing}")
