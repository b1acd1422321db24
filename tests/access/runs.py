"""Integration tests of the cast."""

from uuid import uuid4

from django.utils import timezone

from portal.core.jobs.models import Job
from tenants.connections.models import Connection
from tenants.integration.models import IntegrationStep, IntegrationTest


def make_integration_test(connection: Connection, job: Job, *, canary: str) -> IntegrationTest:
    """Add an integration test with a step that failed."""
    now = timezone.now()
    test = IntegrationTest.objects.create(
        reseller_id=connection.reseller_id,
        connection=connection,
        job=job,
        failed=1,
        completed_at=now,
    )
    IntegrationStep.objects.create(
        reseller_id=connection.reseller_id,
        test=test,
        position=1,
        name="customers",
        state=IntegrationStep.State.FAILED,
        started_at=now,
        ended_at=now,
        seen=[{"name": f"{canary} fact", "value": 1}],
        reason=f"{canary} reason",
        advice=f"{canary} advice",
        correlation_id=str(uuid4()),
    )
    return test
