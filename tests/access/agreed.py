"""What somebody said of a customer's agreement, for the cast."""

from datetime import date
from uuid import uuid4

from django.utils import timezone

from organizations.agreements.models import AgreementConfirmation
from organizations.linking.queries import live_links
from portal.core.access import Actor
from portal.core.jobs.models import Job
from tenants.discovery.models import Tenant


def make_confirmation(tenant: Tenant, job: Job, *, actor: Actor, canary: str) -> None:
    """Add one that has ended, of a linked tenant."""
    AgreementConfirmation.objects.create(
        reseller_id=actor.reseller_id,
        tenant=tenant,
        link=live_links(actor).get(tenant=tenant),
        first_name=f"{canary} first",
        last_name=f"{canary} last",
        email=f"{canary}@agreed.example".lower(),
        agreed_on=date(2026, 11, 1),
        state=AgreementConfirmation.State.DONE,
        reason=f"{canary} reason",
        request_id=uuid4(),
        job=job,
        asked_by=f"{canary} somebody",
        ended_at=timezone.now(),
    )
