"""Discover a reseller's tenants in the foreground."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

import tenants.tasks  # noqa: F401  (registers what does the jobs)
from portal.core.access import Actor, acting, system_actor
from portal.core.errors import PortalError
from portal.core.jobs.models import Job
from portal.core.management.foreground import follow, reseller_called
from tenants.connections.models import Connection
from tenants.connections.queries import connections
from tenants.discovery.models import DiscoveryRun
from tenants.discovery.operations import DISCOVERY_AT_ONCE, request_discovery


class Command(BaseCommand):
    help = (
        "Read the whole customer list of a reseller's Partner Center connections and bring its"
        " tenants in line with it. Fails if any connection does."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reseller", required=True, metavar="SLUG")
        parser.add_argument(
            "--connection", metavar="NAME", help="default: every connection of the reseller"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Discover connection by connection; what failed is told after the last of them."""
        reseller = reseller_called(options["reseller"])
        actor = system_actor(reseller.pk, "discover_tenants")
        named = options["connection"]
        with acting(actor), transaction.atomic():
            rows = connections(actor)
            sources = list(rows.filter(name=named) if named else rows)
        if not sources:
            raise CommandError(
                f"{reseller.name} has no connection called “{named}”."
                if named
                else f"{reseller.name} has no connection yet; connect a Partner Center account."
            )
        failures = [failure for source in sources if (failure := self._discover(source, actor))]
        if failures:
            raise CommandError("\n".join(failures))

    def _discover(self, source: Connection, actor: Actor) -> str:
        """Discover one connection and print what was found; returns why it failed, if it did."""
        try:
            with acting(actor):
                run = request_discovery(source, actor=actor, kind=DISCOVERY_AT_ONCE)
        except PortalError as error:
            return f"{source.name}: {error.detail}"
        job = follow(run.job, actor=actor, out=self.stdout)
        with acting(actor), transaction.atomic():
            run.refresh_from_db()
        self.stdout.write(f"{source.name}: {_summary(run)}")
        return "" if job.state == Job.State.DONE else f"{source.name}: {job.error}"


def _summary(run: DiscoveryRun) -> str:
    return (
        f"{run.found:,} found, {run.created:,} new, {run.updated:,} changed,"
        f" {run.returned:,} listed again, {run.missing:,} no longer listed"
    )
