"""Reading confirmations of agreements."""

from organizations.agreements.models import AgreementConfirmation
from portal.core.access import Actor
from portal.core.rows import ScopedQuerySet
from tenants.discovery.models import Tenant


def confirmations(tenant: Tenant, *, actor: Actor) -> "ScopedQuerySet[AgreementConfirmation]":
    """Return the confirmations of a tenant's agreement, newest first."""
    rows: ScopedQuerySet[AgreementConfirmation] = AgreementConfirmation.objects.visible_to(actor)
    return rows.filter(tenant=tenant).select_related("job").order_by("-created_at", "-id")


def is_stuck(row: AgreementConfirmation) -> bool:
    """Tell whether it waits for a worker that will never come (0 queries)."""
    job = row.job
    return row.state == row.State.WAITING and (job is None or not job.is_open)
