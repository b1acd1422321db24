"""How the latest discovery of each connection stands, for the pages that show tenants."""

from dataclasses import dataclass
from datetime import datetime

from portal.core.access import Actor
from portal.core.jobs.models import Job
from tenants.discovery.models import DiscoveryRun, Source
from tenants.discovery.queries import runs


@dataclass(frozen=True, slots=True)
class Discoveries:
    """The latest run of every connection that was ever discovered."""

    latest: tuple[DiscoveryRun, ...]

    @property
    def running(self) -> tuple[DiscoveryRun, ...]:
        return tuple(run for run in self.latest if run.job.is_open)

    @property
    def latest_at(self) -> datetime | None:
        """When a list was last read to its end."""
        ends = [run.connection.discovered_at for run in self.latest if run.connection.discovered_at]
        return max(ends, default=None)

    @property
    def failed(self) -> tuple[DiscoveryRun, ...]:
        return tuple(run for run in self.latest if run.job.state in FAILED)


FAILED = (Job.State.FAILED, Job.State.NEEDS_PERSON)


def latest_discoveries(actor: Actor) -> Discoveries:
    """Return the latest look at each connection's whole list with its job (1 query)."""
    newest = runs(actor).filter(source=Source.LIST).order_by("connection_id", "-created_at", "-id")
    return Discoveries(tuple(newest.distinct("connection_id")))
