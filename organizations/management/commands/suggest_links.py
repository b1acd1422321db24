"""Look for suggestions in the foreground, and print them."""

import csv
import json
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

import organizations.tasks  # noqa: F401  (registers what does the jobs)
from organizations.suggestions.asking import SUGGEST_AT_ONCE, ask_for_suggestions
from organizations.suggestions.queries import open_suggestions
from portal.core.access import Actor, acting, system_actor
from portal.core.jobs.models import Job
from portal.core.management.foreground import follow, reseller_called
from portal.web.sheets.cells import safe_cell
from portal.web.wording import write_count

COLUMNS = ("tenant_id", "organization_number", "score", "level", "reasons")
FETCH = 2_000
SEPARATOR = "; "


class Command(BaseCommand):
    help = (
        "Look for the organization of every tenant that is not linked, store what was found as"
        " suggestions, and print those, best first: the Microsoft id of the tenant, the number of"
        " the organization, the score from 0 to 1, the level (certain, likely, possible), and why."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reseller", required=True, metavar="SLUG")
        parser.add_argument(
            "--format", choices=("csv", "json"), default="csv", help="default: csv; json: one array"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run to the end, then print; what is printed is what pages and API show."""
        actor = system_actor(reseller_called(options["reseller"]).pk, "suggest_links")
        with acting(actor), transaction.atomic():
            job = ask_for_suggestions(actor, kind=SUGGEST_AT_ONCE)
        job = follow(job, actor=actor, out=self.stderr)
        if job.state != Job.State.DONE:
            raise CommandError(f"Suggestions were not looked for to the end: {job.error}")
        with acting(actor), transaction.atomic():
            if options["format"] == "json":
                self._print_json(actor)
            else:
                self._print_csv(actor)
        tenants, written, removed = (
            job.result.get(name, 0) for name in ("tenants", "written", "removed")
        )
        self.stderr.write(
            f"{write_count(tenants, 'tenant')} compared,"
            f" {write_count(written, 'suggestion')} written, {removed:,} removed"
        )

    def _print_csv(self, actor: Actor) -> None:
        writer = csv.writer(self.stdout, lineterminator="\n")
        writer.writerow(COLUMNS)
        for tenant_id, number, score, level, reasons in _rows(actor):
            writer.writerow(
                [tenant_id, safe_cell(number), score, level, safe_cell(SEPARATOR.join(reasons))]
            )

    def _print_json(self, actor: Actor) -> None:
        """Print an array whose elements are written as they come."""
        self.stdout.write("[", ending="")
        for place, row in enumerate(_rows(actor)):
            self.stdout.write(",\n" if place else "\n", ending="")
            self.stdout.write(
                json.dumps(dict(zip(COLUMNS, row, strict=True)), ensure_ascii=False), ending=""
            )
        self.stdout.write("\n]")


def _rows(actor: Actor) -> Iterator[tuple[str, str, float, str, list[str]]]:
    """Yield the cells of every open suggestion, best first."""
    rows = open_suggestions(actor).order_by("-score", "tenant__microsoft_id", "rank")
    columns = rows.values_list(
        "tenant__microsoft_id", "organization__number", "score", "level", "reasons"
    )
    for tenant_id, number, score, level, reasons in columns.iterator(chunk_size=FETCH):
        yield str(tenant_id), number, float(score), level, [item["text"] for item in reasons]
