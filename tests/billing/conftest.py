"""The cast of the billing tests: a reseller, its people, and a Partner Center in process."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import billing.tasks
from portal.core.access import Role, acting
from portal.core.identity.models import Reseller
from portal.core.jobs import operations as job_operations
from portal.core.jobs.models import Job
from portal.core.jobs.worker import run_job
from tenants.connections import clients
from tenants.connections.models import Connection
from tests.billing.worlds import QUICK, Center, month_of, write_invoices
from tests.factories.core import Person, make_person, make_reseller

assert billing.tasks

ADDRESSES = {
    "API": "https://api.center.test",
    "AUTHORITY": "https://login.center.test",
    "GRAPH": "https://graph.center.test",
    "CA_BUNDLE": None,
}
Show = Callable[..., None]


@pytest.fixture
def reseller() -> Reseller:
    return make_reseller()


@pytest.fixture
def finance(reseller: Reseller) -> Person:
    return make_person(reseller, Role.FINANCE)


@pytest.fixture
def admin(reseller: Reseller) -> Person:
    return make_person(reseller, Role.ADMIN)


@pytest.fixture
def center(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Center]:
    """A Partner Center without invoices; `show` gives it some."""
    made = Center(write_invoices(tmp_path, []))
    settings.PARTNERCENTER_CLOUDS = {"simulator": ADDRESSES}
    monkeypatch.setattr(clients, "session_factory", made.session)
    monkeypatch.setattr(clients, "retry_policy", QUICK)
    monkeypatch.setattr(job_operations, "ring", lambda *_: True)
    yield made


@pytest.fixture
def show(center: Center, tmp_path: Path) -> Show:
    """Return a function that puts invoices, given by number with their lines, in Partner Center."""

    def put(numbers: dict[str, list[dict[str, Any]]], **header: Any) -> None:
        center.show(write_invoices(tmp_path, month_of(numbers, **header)))

    return put


@pytest.fixture
def source(center: Center, reseller: Reseller) -> Connection:
    return center.connect(reseller)


def carry_out(person: Person, job: Job) -> Job:
    """Run a job as a worker would and return it as it ended."""
    from django.db import transaction

    run_job(job.pk)
    with acting(person.actor), transaction.atomic():
        found: Job = Job.objects.get(pk=job.pk)
        return found
