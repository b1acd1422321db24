"""Import a month's invoices in the foreground."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from billing.invoices.months import read_month
from billing.invoices.operations import IMPORT_AT_ONCE, import_invoices
from portal.core.access import acting, system_actor
from portal.core.errors import PortalError
from portal.core.jobs.models import Job
from portal.core.management.foreground import follow, reseller_called
from tenants.connections.queries import connections

WORDS = {
    "imported": "imported",
    "new_versions": "imported as new versions",
    "unchanged": "unchanged",
}


class Command(BaseCommand):
    help = (
        "Import invoices of a reseller from Partner Center, with every line. What is here already"
        " and unchanged stays as it is; what Microsoft changed becomes a new version."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reseller", required=True, metavar="SLUG")
        parser.add_argument(
            "--month", metavar="YYYY-MM", help="default: every month Partner Center lists"
        )
        parser.add_argument(
            "--connection", metavar="NAME", help="default: every connection of the reseller"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import connection by connection; the first failure is told after the last of them."""
        reseller = reseller_called(options["reseller"])
        actor = system_actor(reseller.pk, "import_invoices")
        try:
            month = read_month(options["month"]) if options["month"] else None
        except PortalError as error:
            raise CommandError(error.detail) from None
        with acting(actor), transaction.atomic():
            rows = connections(actor)
            named = options["connection"]
            sources = list(rows.filter(name=named) if named else rows)
        if not sources:
            raise CommandError(
                f"{reseller.name} has no connection called “{named}”."
                if named
                else f"{reseller.name} has no connection yet; connect a Partner Center account."
            )
        failures = []
        for source in sources:
            try:
                with acting(actor), timezone.override(reseller.time_zone):
                    job = import_invoices(source, actor=actor, month=month, kind=IMPORT_AT_ONCE)
            except PortalError as error:
                failures.append(f"{source.name}: {error.detail}")
                continue
            job = follow(job, actor=actor, out=self.stdout)
            self.stdout.write(f"{source.name}: {_summary(job)}")
            if job.state != Job.State.DONE:
                failures.append(f"{source.name}: {job.error}")
        if failures:
            raise CommandError("\n".join(failures))


def _summary(job: Job) -> str:
    counted = [
        f"{job.result[name]} {words}" for name, words in WORDS.items() if job.result.get(name)
    ]
    return f"{', '.join(counted) or 'nothing imported'} ({job.done:,} lines read)"
