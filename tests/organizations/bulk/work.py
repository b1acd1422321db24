"""Short ways to preview, run and read bulk links in tests."""

from collections import Counter
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction

from organizations.bulk.models import BulkItem, BulkLink
from organizations.bulk.operations import preview_bulk, run_bulk
from organizations.bulk.plans import CreateOrganizations, LinkTo, Plan, TheseTenants
from portal.core.access import acting
from portal.core.jobs.models import Job
from portal.core.jobs.worker import run_job
from tenants.discovery.models import Tenant
from tests.organizations.linking.scene import Scene


def preview(scene: Scene, tenants: Iterable[Tenant], plan: Plan | None = None) -> BulkLink:
    """Preview a plan as the operator; to link to the scene's organization if none is given."""
    actor = scene.operator.actor
    choice = TheseTenants(tuple(tenant.pk for tenant in tenants))
    with acting(actor):
        return preview_bulk(actor=actor, choice=choice, plan=plan or LinkTo(scene.organization))


def creations(scene: Scene, tenants: Iterable[Tenant]) -> BulkLink:
    """Preview the creation of organizations out of tenants."""
    return preview(scene, tenants, CreateOrganizations())


def run(scene: Scene, bulk: BulkLink) -> BulkLink:
    """Ask for a draft to be run, and be the worker that does it."""
    with acting(scene.operator.actor):
        asked = run_bulk(bulk, actor=scene.operator.actor)
    assert asked.job is not None
    return work_off(scene, asked, asked.job)


def work_off(scene: Scene, bulk: BulkLink, job: Job) -> BulkLink:
    """Be the worker that does a job, and return the bulk link as it stands then."""
    run_job(job.pk)
    row = fresh(scene, bulk)
    with acting(scene.operator.actor), transaction.atomic():
        done = Job.objects.get(pk=job.pk)
    assert done.state == Job.State.DONE, done.error
    return row


def fresh(scene: Scene, bulk: BulkLink) -> BulkLink:
    """Return a bulk link as it is stored."""
    with acting(scene.operator.actor), transaction.atomic():
        row: BulkLink = BulkLink.objects.select_related("job", "undo_job").get(pk=bulk.pk)
        return row


def items(scene: Scene, bulk: BulkLink) -> list[BulkItem]:
    """Return the items in their order."""
    with acting(scene.operator.actor), transaction.atomic():
        rows = BulkItem.objects.filter(bulk=bulk).select_related("organization", "link")
        return list(rows.order_by("position"))


def outcomes(scene: Scene, bulk: BulkLink) -> dict[str, int]:
    """Return how many items have which outcome, counted from the items themselves."""
    return dict(Counter(str(item.outcome) for item in items(scene, bulk)))


def counted(bulk: BulkLink) -> dict[str, int]:
    """Return the outcomes that the bulk link itself counts, those that are there."""
    names = ("linked", "created", "moved", "unchanged", "refused", "failed", "undone")
    found = {name: getattr(bulk, name) for name in names if getattr(bulk, name)}
    if bulk.to_skip:
        found["skipped"] = bulk.to_skip
    if bulk.left:
        found["waiting"] = bulk.left
    return found


def owners(scene: Scene) -> dict[UUID, UUID]:
    """Return the organization of every tenant that is linked now."""
    return {link.tenant_id: link.organization_id for link in scene.live_links()}


def shown(answer: Any) -> str:
    """Return the text of an answer that went well."""
    assert answer.status_code == 200, answer.content
    text: str = answer.content.decode()
    return text
