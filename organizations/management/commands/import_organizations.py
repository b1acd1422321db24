"""Import a reseller's organizations from a CSV file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from organizations.directory.details import LABELS
from organizations.directory.importing import ImportReport, import_organizations
from organizations.directory.organization_file import COLUMNS, Remark, Row, read_organizations
from portal.core.access import acting, system_actor
from portal.core.errors import PortalError
from portal.core.management.foreground import draw_bar, reseller_called

PASSES = 2


class Command(BaseCommand):
    help = (
        "Import organizations from a CSV file with the columns "
        + ",".join(COLUMNS)
        + ". Only name is required, and the order is free; comma, semicolon and tab all do."
        " Organizations that exist are never changed, so a file can be imported again."
        " If any row is wrong nothing is written."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="CSV in UTF-8")
        parser.add_argument("--reseller", required=True, metavar="SLUG")
        parser.add_argument(
            "--dry-run", action="store_true", help="check everything and write nothing"
        )
        parser.add_argument(
            "--skip-bad-rows", action="store_true", help="import the good rows all the same"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, tell of every wrong row on stderr, and fail if there was one."""
        path: Path = options["file"]
        actor = system_actor(reseller_called(options["reseller"]).pk, "import_organizations")
        try:
            with acting(actor):
                report = import_organizations(
                    lambda: self._rows(path),
                    actor=actor,
                    tell=self._tell,
                    reason=f"Imported from {path.name}",
                    dry_run=options["dry_run"],
                    skip_bad_rows=options["skip_bad_rows"],
                )
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from None
        except PortalError as error:
            raise CommandError(f"{path.name}: {error.detail} Nothing was written.") from None
        self._sum_up(report, dry_run=options["dry_run"])
        if report.bad_rows and not options["skip_bad_rows"]:
            raise CommandError(
                f"{report.bad_rows:,} bad rows, so nothing was written. Mend them, or import the"
                " others with --skip-bad-rows."
            )

    def _rows(self, path: Path) -> Iterator[Row | Remark]:
        self._passes = getattr(self, "_passes", 0) + 1
        with path.open("rb") as stream:
            size = max(path.stat().st_size, 1)
            for count, row in enumerate(read_organizations(stream)):
                yield row
                if count % 1_000 == 0:
                    self._show_progress(stream, size)
        if self._passes == PASSES and self.stderr.isatty():
            self.stderr.write("\r\033[K", ending="")

    def _show_progress(self, stream: BinaryIO, size: int) -> None:
        if not self.stderr.isatty():
            return
        share = (self._passes - 1 + stream.tell() / size) / PASSES
        self.stderr.write(f"\r{draw_bar(int(share * 100))} {share:4.0%}", ending="")

    def _tell(self, remark: Remark) -> None:
        self.stderr.write(str(remark))

    def _sum_up(self, report: ImportReport, *, dry_run: bool) -> None:
        would = "" if report.written else "would be "
        counts = [f"{report.created:,} {would}created"]
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
