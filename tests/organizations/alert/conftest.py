"""What the tests of the alert share: the scene of the linking tests, and the clock's work."""

from collections.abc import Iterator

import pytest
from django.db import transaction

import organizations.tasks
import portal.notify.tasks
from organizations.alert.models import Condition, ConditionEvent
from organizations.alert.operations import request_reconciliation
from portal.core.access import acting, system_actor
from portal.core.identity.models import Reseller
from portal.core.jobs import operations
from portal.core.jobs.worker import run_job
from tests.organizations.linking.scene import Scene, make_scene

assert organizations.tasks
assert portal.notify.tasks


@pytest.fixture
def north() -> Scene:
    return make_scene()


@pytest.fixture(autouse=True)
def _no_bell(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let jobs be run by the tests alone."""
    monkeypatch.setattr(operations, "ring", lambda *_: True)
    yield


def reconcile(reseller: Reseller) -> bool:
    """Do what the clock does every two minutes; returns whether there was anything to do."""
    actor = system_actor(reseller.pk, "tests")
    with acting(actor):
        job = request_reconciliation(actor=actor)
    if job is None:
        return False
    assert run_job(job.pk)
    with acting(actor), transaction.atomic():
        job.refresh_from_db()
    assert job.state == job.State.DONE, job.error
    return True


def stored(reseller: Reseller) -> list[Condition]:
    """Return every condition of a reseller, by name."""
    with acting(system_actor(reseller.pk, "tests")), transaction.atomic():
        rows = Condition.objects.filter(reseller=reseller).select_related("tenant", "assignee")
        return list(rows.order_by("label", "id"))


def history(condition: Condition) -> list[str]:
    """Return what became of a condition, in order."""
    with acting(system_actor(condition.reseller_id, "tests")), transaction.atomic():
        rows = ConditionEvent.objects.filter(condition=condition).order_by("at", "id")
        return list(rows.values_list("what", flat=True))
