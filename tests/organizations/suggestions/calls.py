"""Short ways to run the matching and to read what it stored."""

from collections.abc import Iterable

import organizations.tasks  # noqa: F401  (registers what does the jobs)
from organizations.suggestions.asking import ask_for_suggestions, open_job
from organizations.suggestions.matching import (
    Level,
    Match,
    OrganizationFacts,
    Reason,
    TenantFacts,
)
from organizations.suggestions.models import LinkSuggestion
from portal.core.access import Actor, system_actor
from portal.core.identity.models import Reseller
from portal.core.jobs import worker
from portal.core.jobs.models import Job
from tests.organizations.linking.scene import Scene, at_work

API = "/api/v1/link-suggestions/"
PAGE = "/tenants/suggestions/"


def system(reseller: Reseller) -> Actor:
    return system_actor(reseller.pk, "tests")


def waiting_job(scene: Scene) -> Job | None:
    """Return the run that is open, if one was asked for."""
    with at_work(system(scene.reseller)) as actor:
        return open_job(actor)


def run_suggestions(scene: Scene, *, ask: bool = True) -> Job:
    """Do the run that was asked for, as a worker does; ``ask`` for one if there is none."""
    with at_work(system(scene.reseller)) as actor:
        job = ask_for_suggestions(actor) if ask else open_job(actor)
    assert job is not None
    assert worker.run_job(job.pk)
    with at_work(system(scene.reseller)):
        job.refresh_from_db()
    assert job.state == Job.State.DONE, job.error
    return job


def stored(scene: Scene) -> list[LinkSuggestion]:
    """Return every suggestion of a reseller, tenant by tenant, the best first."""
    with at_work(system(scene.reseller)):
        rows = LinkSuggestion.objects.filter(reseller=scene.reseller)
        rows = rows.select_related("tenant", "organization")
        return list(rows.order_by("tenant__name", "state", "rank"))


def only(scene: Scene) -> LinkSuggestion:
    """Return the one suggestion there is."""
    (found,) = stored(scene)
    return found


class EveryOrganization:
    """A matching that finds every organization likely, the ones with the first numbers best.

    For tests of what is done with the found, which are nothing to the evidence.
    """

    seen: list[TenantFacts]

    def __init__(self, organizations: Iterable[OrganizationFacts]) -> None:
        self._ordered = sorted(organizations, key=lambda row: row.number)

    def match(self, tenant: TenantFacts, *, limit: int = 5) -> list[Match]:
        type(self).seen.append(tenant)
        reasons = (Reason("test", "every organization fits"),)
        return [
            Match(tenant.key, row.key, 0.9 - place / 100, Level.LIKELY, reasons)
            for place, row in enumerate(self._ordered[:limit])
        ]
