"""Link a reseller's tenants as a CSV file says."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from organizations.bulk.files import LAYOUT, file_rows
from organizations.bulk.models import BulkItem, BulkLink
from organizations.bulk.operations import discard_bulk, preview_rows, run_bulk
from organizations.bulk.queries import HARMLESS, said_of_lines
from organizations.linking.link_file import COLUMNS
from organizations.management.commands._files import FileOnDisk, add_file_arguments
from portal.core.access import Actor, acting, system_actor
from portal.core.errors import PortalError
from portal.core.jobs.models import Job
from portal.core.management.foreground import follow, reseller_called

NOT_POSSIBLE = (BulkItem.Outcome.REFUSED, BulkItem.Outcome.FAILED)


class Command(BaseCommand):
    help = (
        "Link tenants to organizations as a CSV file says, with the columns "
        + ",".join(COLUMNS)
        + ". Only microsoft_id and organization_number are required, and the order is free; comma,"
        " semicolon and tab all do. What is linked as the file says already stays, so a file can be"
        " imported again. If any row is wrong nothing is written. The whole can be undone in the"
        " portal."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_file_arguments(parser)
        parser.add_argument(
            "--move",
            action="store_true",
            help="move tenants that are linked to another organization, from the first open month",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Preview, run, and tell of every row that was not linked on stderr."""
        actor = system_actor(reseller_called(options["reseller"]).pk, "import_links")
        file = FileOnDisk(options, LAYOUT, passes=1, out=self.stderr)
        dry_run = options["dry_run"]
        try:
            file.check_encoding(dry_run=dry_run)
            with acting(actor):
                bulk = self._preview(file, actor=actor, move=options["move"])
                bad = self._tell(bulk, actor=actor)
                allowed = options["skip_bad_rows"] or not bad
                if dry_run or not allowed or not bulk.planned:
                    self._forget(bulk, actor=actor)
                    self._sum_up_plan(bulk, bad=bad, dry_run=dry_run)
                else:
                    bulk = run_bulk(bulk, actor=actor)
        except OSError as error:
            raise CommandError(f"{file.path} cannot be read: {error.strerror}.") from None
        except PortalError as error:
            raise CommandError(f"{file.path.name}: {error.detail} Nothing was written.") from None
        if bad and not options["skip_bad_rows"]:
            raise CommandError(
                f"{bad:,} bad rows, so nothing was written. Mend them, or import the others with"
                " --skip-bad-rows."
            )
        if bulk.state == BulkLink.State.RUNNING:
            self._run(bulk, actor=actor)

    def _preview(self, file: FileOnDisk, *, actor: Actor, move: bool) -> BulkLink:
        return preview_rows(
            file_rows(file.rows(), actor=actor),
            actor=actor,
            source=file.path.name,
            allow_moves=move,
            why=f"Imported from {file.path.name}"[:500],
        )

    def _run(self, bulk: BulkLink, *, actor: Actor) -> None:
        assert bulk.job is not None
        job = follow(bulk.job, actor=actor, out=self.stderr)
        with acting(actor), transaction.atomic():
            bulk = BulkLink.objects.get_visible(actor, pk=bulk.pk)
        counts = [f"{bulk.linked:,} linked"]
        counts += [f"{bulk.moved:,} moved"] if bulk.moved else []
        there = bulk.unchanged + bulk.skipped.get(HARMLESS, 0)
        counts += [f"{there:,} there already"] if there else []
        counts += [f"{bulk.unsuccessful:,} not possible"] if bulk.unsuccessful else []
        self.stdout.write("; ".join(counts))
        if job.state != Job.State.DONE:
            raise CommandError(f"The import stopped: {job.error} What was linked until then stays.")
        with acting(actor):
            if bulk.unsuccessful and self._tell(bulk, actor=actor, since_preview=True):
                raise CommandError(
                    f"{bulk.unsuccessful:,} rows changed between the preview and the run."
                )

    def _tell(self, bulk: BulkLink, *, actor: Actor, since_preview: bool = False) -> int:
        """Write what there is to say of rows, and return how many of them are not linked."""
        rows = said_of_lines(bulk, actor=actor)
        if since_preview:
            rows = rows.filter(outcome__in=NOT_POSSIBLE)
        bad = 0
        with transaction.atomic():
            for item in rows.iterator():
                self.stderr.write(f"line {item.line}, {item.detail}")
                bad += item.outcome != BulkItem.Outcome.WAITING
        return bad

    def _forget(self, bulk: BulkLink, *, actor: Actor) -> None:
        """Take the preview back; who only looked leaves nothing behind."""
        discard_bulk(bulk, actor=actor)

    def _sum_up_plan(self, bulk: BulkLink, *, bad: int, dry_run: bool) -> None:
        would = "would be " if dry_run or bad else ""
        counts = [f"{bulk.to_link:,} {would}linked"]
        counts += [f"{bulk.to_move:,} {would}moved"] if bulk.to_move else []
        there = bulk.skipped.get(HARMLESS, 0)
        counts += [f"{there:,} there already"] if there else []
        counts += [f"{bad:,} bad rows"] if bad else []
        self.stdout.write("; ".join(counts) + ("; nothing written (dry run)" if dry_run else ""))
        for sum_ in bulk.money if dry_run else ():
            self.stdout.write(f"Last billed for these tenants: {sum_['amount']} {sum_['currency']}")
