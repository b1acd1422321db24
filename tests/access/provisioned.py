"""Provisioning requests of the cast: one that asks, one that was refused, one for a person."""

from dataclasses import dataclass
from uuid import uuid4

from django.utils import timezone

from organizations.directory.models import Organization
from organizations.directory.queries import accounts_of
from organizations.provisioning.models import ProvisioningRequest, ProvisioningStep
from organizations.provisioning.steering import ask_about
from portal.core.access import Actor
from portal.core.jobs.models import Job
from tenants.connections.models import Connection
from tenants.discovery.models import Tenant

State, Outcome = ProvisioningRequest.State, ProvisioningRequest.Outcome


@dataclass(frozen=True, slots=True)
class Provisioned:
    """The rows, by what they wait for."""

    asking: ProvisioningRequest
    refused: ProvisioningRequest
    stuck: ProvisioningRequest

    def ids(self) -> dict[str, str]:
        return {
            "provisioning": str(self.asking.pk),
            "refused provisioning": str(self.refused.pk),
            "stuck provisioning": str(self.stuck.pk),
        }


def make_provisioned(
    organizations: tuple[Organization, Organization],
    connections: tuple[Connection, Connection],
    tenant: Tenant,
    job: Job,
    *,
    canary: str,
    actor: Actor,
) -> Provisioned:
    """Add requests of a customer and its sub-reseller with their journals (in a transaction)."""
    one, two = organizations
    first, second = connections
    # The customer is free at the first connection, for those who ask for a tenant there.
    asking = _request(one, second, job, canary=canary, actor=actor)
    ask_about(asking, tenant, actor=actor)
    refused = _request(two, first, job, canary=canary, actor=actor)
    refused.state, refused.outcome = State.FAILED, Outcome.REFUSED
    refused.error, refused.errors = f"{canary} error", {"domain": [f"{canary} words"]}
    refused.stopped_at = timezone.now()
    refused.save()
    stuck = _request(two, second, job, canary=canary, actor=actor)
    stuck.state, stuck.error = State.PERSON, f"{canary} error"
    stuck.stopped_at = timezone.now()
    stuck.save()
    return Provisioned(asking, refused, stuck)


def _request(
    organization: Organization, connection: Connection, job: Job, *, canary: str, actor: Actor
) -> ProvisioningRequest:
    account = accounts_of(organization, actor).first()
    assert account is not None
    row = ProvisioningRequest(
        reseller_id=actor.reseller_id,
        account=account,
        connection=connection,
        username=f"{canary}-admin"[:64],
        domain=f"{uuid4().hex}.{canary}.example.com"[:253],
        draft={"company_name": f"{canary} company"},
        recipient=f"it@{canary}.example.com"[:1_300],
        request_id=uuid4(),
        digest="0" * 64,
        source=f"{canary} file"[:255],
        job=job,
        asked_by=f"{canary} person"[:250],
    )
    row.save(force_insert=True)
    ProvisioningStep.objects.create(
        reseller_id=actor.reseller_id,
        provisioning=row,
        position=1,
        name="check",
        reason=f"{canary} reason",
    )
    return row
