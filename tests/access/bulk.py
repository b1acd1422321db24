"""Bulk links of the cast: a draft, and one that was run with a success, a refusal and a skip."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from organizations.bulk.models import BulkItem, BulkLink
from organizations.directory.models import Organization
from organizations.linking.models import Link
from portal.core.jobs.models import Job
from tenants.discovery.models import Tenant


@dataclass(frozen=True, slots=True)
class BulkRows:
    """The two, for the matrix."""

    draft: BulkLink
    done: BulkLink


def make_bulk_links(
    organization: Organization, linked: Tenant, spare: Tenant, job: Job, *, canary: str
) -> BulkRows:
    """Add both (inside a transaction of the reseller)."""
    common: dict[str, Any] = {
        "reseller_id": organization.reseller_id,
        "kind": BulkLink.Kind.LINK,
        "chosen": BulkLink.Chosen.IDS,
        "title": f"{canary} bulk link",
        "why": f"{canary} why",
        "query": f"search={canary}",
        "source": f"{canary}.csv",
        "organization": organization,
        "asked_by": f"{canary} person",
    }
    draft = BulkLink.objects.create(**common, tenants=1, to_link=1)
    done = BulkLink.objects.create(
        **common,
        state=BulkLink.State.DONE,
        tenants=3,
        to_link=2,
        to_skip=1,
        skipped={"linked_already": 1},
        linked=1,
        refused=1,
        job=job,
        undo_job=job,
        run_at=timezone.now(),
        done_at=timezone.now(),
    )
    link = Link.objects.get(tenant=linked, ends_at=None)
    _add(draft, 1, spare, organization)
    _add(done, 1, linked, organization, outcome="linked", link=link)
    _add(done, 2, spare, organization, outcome="refused", detail=f"{canary} detail")
    _add(done, 3, linked, organization, outcome="skipped", action="skip", code="linked_already")
    return BulkRows(draft, done)


def _add(
    bulk: BulkLink, position: int, tenant: Tenant, organization: Organization, **facts: Any
) -> BulkItem:
    item: BulkItem = BulkItem.objects.create(
        reseller_id=bulk.reseller_id,
        bulk=bulk,
        position=position,
        tenant=tenant,
        tenant_name=tenant.name,
        organization=organization,
        **{"action": BulkItem.Action.LINK, **facts},
    )
    return item
