"""Reading integration tests: the runs of a connection, newest first, and their steps."""

from typing import Any

from portal.core.access import Actor
from portal.core.rows import ScopedQuerySet
from tenants.connections.models import Connection
from tenants.integration.models import IntegrationStep, IntegrationTest


def integration_tests(
    actor: Actor, *, connection: Connection | None = None
) -> "ScopedQuerySet[IntegrationTest]":
    """Return the runs the actor may see with job and connection, newest first."""
    rows: ScopedQuerySet[IntegrationTest] = IntegrationTest.objects.visible_to(actor)
    if connection is not None:
        rows = rows.filter(connection=connection)
    return (
        rows.select_related("job", "connection")
        .defer("connection__secret_sealed")
        .order_by("-created_at", "-id")
    )


def steps_of(test: IntegrationTest) -> list[IntegrationStep]:
    """Return the steps of a run in the order they are taken (1 query)."""
    rows: Any = IntegrationStep.objects.filter(reseller_id=test.reseller_id, test=test)
    return list(rows.order_by("position"))


def with_steps(test: IntegrationTest) -> IntegrationTest:
    """Return the run with its ``steps`` in their order, as interfaces show it (1 query)."""
    test.steps = steps_of(test)  # type: ignore[attr-defined]
    return test


def left_behind(connection: Connection) -> list[IntegrationStep]:
    """Return the steps whose customer was made in a sandbox and is not known to be deleted."""
    rows: Any = IntegrationStep.objects.filter(
        reseller_id=connection.reseller_id,
        test__connection_id=connection.pk,
        request_id__isnull=False,
        kept__cleaned=False,
    )
    return list(rows.select_related("test").order_by("test__created_at", "id"))
