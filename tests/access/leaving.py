"""Rows of the cast that are on their way out: a tenant left out, and a step of leaving ticked."""

from django.db import transaction
from django.utils import timezone

from organizations.ignoring.operations import ignore_tenant
from organizations.offboarding.models import OffboardingStep
from portal.core.access import acting
from tenants.connections.models import Connection
from tenants.discovery.models import Tenant
from tests.factories.core import Person
from tests.factories.tenants import make_tenant


def make_leaving(connection: Connection, operator: Person, *, canary: str) -> Tenant:
    """Add a tenant that the operator ignores, with a step of leaving ticked; return it."""
    tenant = make_tenant(
        connection, name=f"{canary} ignored", domain=f"ignored.{canary}.example.com"
    )
    with acting(operator.actor) as actor:
        ignore_tenant(tenant, actor=actor, kind="test", reason=f"{canary} reason")
        with transaction.atomic():
            OffboardingStep.objects.create(
                reseller_id=connection.reseller_id,
                tenant=tenant,
                step=OffboardingStep.Step.TOLD,
                note=f"{canary} note",
                done_at=timezone.now(),
                done_by=f"{canary} person",
            )
    return tenant
