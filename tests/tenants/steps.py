"""What tests of discovery do again and again."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from portal.core.access import acting, system_actor
from portal.core.audit.models import AuditEvent
from portal.core.jobs.models import Job
from portal.core.jobs.worker import run_job
from tenants.connections.models import Connection
from tenants.discovery.models import DiscoveryRun, Tenant
from tenants.discovery.operations import request_discovery


def ask(connection: Connection) -> DiscoveryRun:
    """Ask for a discovery as the system does."""
    actor = system_actor(connection.reseller_id, "tests")
    with acting(actor):
        return request_discovery(connection, actor=actor)


def work(run: DiscoveryRun) -> DiscoveryRun:
    """Let a worker run the job now, whenever it is due; return the run with its job."""
    with acting(system_actor(run.reseller_id, "tests")), transaction.atomic():
        Job.objects.filter(pk=run.job_id, state=Job.State.WAITING).update(due_at=Now())
    run_job(run.job_id)
    return look(run)


def discovered(connection: Connection) -> DiscoveryRun:
    """Discover a connection from asking to the end."""
    return work(ask(connection))


def lapse(run: DiscoveryRun) -> None:
    """Let the lease of whoever runs the job be over, as it is when that worker is dead."""
    with acting(system_actor(run.reseller_id, "tests")), transaction.atomic():
        Job.objects.filter(pk=run.job_id).update(lease_until=Now() - timedelta(seconds=1))


def look(run: DiscoveryRun) -> DiscoveryRun:
    """Return the run as it is now, with job and connection."""
    with acting(system_actor(run.reseller_id, "tests")), transaction.atomic():
        rows = DiscoveryRun.objects.select_related("job", "connection")
        found: DiscoveryRun = rows.get(pk=run.pk)
    return found


def tenants(connection: Connection, **lookup: Any) -> dict[str, Tenant]:
    """Return the reseller's tenants by Microsoft id."""
    with acting(system_actor(connection.reseller_id, "tests")), transaction.atomic():
        rows = Tenant.objects.filter(**lookup).select_related("connection")
        return {str(row.microsoft_id): row for row in rows}


def names(connection: Connection, **lookup: Any) -> set[str]:
    return {row.name for row in tenants(connection, **lookup).values()}


def events(reseller_id: int, action: str) -> list[AuditEvent]:
    """Return the audit of one action, oldest first."""
    with acting(system_actor(reseller_id, "tests")), transaction.atomic():
        return list(AuditEvent.objects.filter(action=action).order_by("sequence"))
