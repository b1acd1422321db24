"""Asking for integration tests: by a person, for one connection, or each night for all."""

from uuid import UUID, uuid4

from django.db import transaction
from structlog import get_logger

from portal.core import audit
from portal.core.access import Actor
from portal.core.errors import Conflict
from portal.core.jobs.kinds import JobKind
from portal.core.jobs.models import Job
from portal.core.jobs.operations import enqueue
from tenants.connections.models import Connection
from tenants.connections.queries import connections
from tenants.integration.models import IntegrationStep, IntegrationTest
from tenants.integration.plan import STEP_NAMES

INTEGRATION_TEST = JobKind("tenants.integration_test", "sync", max_attempts=5)
log = get_logger(__name__)


def request_test(
    connection: Connection, *, actor: Actor, is_sandbox: bool = False
) -> IntegrationTest:
    """Ask for a run through a connection; a worker carries it out.

    ``is_sandbox`` declares the account a sandbox, in which a customer may be made and deleted.

    Raises:
        Conflict: one is under way; ``data`` has the ids of its ``job`` and ``integration_test``.
    """
    actor.require("connections.manage")
    with transaction.atomic():
        row: Connection = connections(actor).get_visible(actor, pk=connection.pk)
        test = IntegrationTest(
            pk=uuid4(), reseller_id=actor.reseller_id, connection=row, is_sandbox=is_sandbox
        )
        try:
            test.job = enqueue(
                INTEGRATION_TEST,
                actor=actor,
                title=f"Test the integration through {row.name}",
                subject_id=test.pk,
                dedupe_key=str(row.pk),
            )
        except Conflict as conflict:
            raise _under_way(row, job_id=UUID(conflict.data["job"]), actor=actor) from None
        test.save(force_insert=True)
        IntegrationStep.objects.bulk_create(
            IntegrationStep(reseller_id=actor.reseller_id, test=test, position=position, name=name)
            for position, name in enumerate(STEP_NAMES, start=1)
        )
        audit.record(
            actor, "tenants.integration_test_requested", row, after={"is_sandbox": is_sandbox}
        )
    return test


def request_tests(*, actor: Actor) -> list[IntegrationTest]:
    """Ask for a run through every connection of a reseller, never as a sandbox.

    A run that is under way is left to go on.
    """
    with transaction.atomic():
        rows = list(connections(actor))
    asked = []
    for row in rows:
        try:
            asked.append(request_test(row, actor=actor))
        except Conflict as conflict:
            log.info("integration_test_under_way", connection=str(row.pk), **conflict.data)
    return asked


def _under_way(connection: Connection, *, job_id: UUID, actor: Actor) -> Conflict:
    job: Job = Job.objects.get_visible(actor, pk=job_id)
    return Conflict(
        f"{connection.name} is being tested already: {job.asked_by} asked for it on"
        f" {job.created_at:%Y-%m-%d at %H:%M} UTC.",
        code="job_open",
        data={"job": str(job.pk), "integration_test": str(job.subject_id)},
    )
