"""The audit is read by the clock: what it names is asked for, once, and never further back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from portal.core.access import acting
from portal.core.jobs.models import Job
from portal.core.jobs.schedule import Every
from tenants.connections.models import Connection
from tenants.discovery.models import Source, Tenant
from tenants.notifications import tasks
from tenants.notifications.auditing import OLDEST, OVERLAP, read_from
from tenants.notifications.models import AuditCursor, SeenRecord
from tests.partnercenter.simulator.calls import app_caller
from tests.tenants.notifications.line import Line
from tests.tenants.simulated import customer_id, customers
from tests.tenants.steps import discovered, tenants

pytestmark = pytest.mark.django_db(transaction=True)
Record = Callable[[str, object], None]
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def known(line: Line) -> Line:
    """Return a line whose three customers were discovered."""
    line.partner.lists(customers(3))
    line.trust_again()
    discovered(line.connection)
    line.partner.calls.clear()
    return line


def audit_calls(line: Line) -> list[str]:
    return [call for call in line.partner.calls if call == "GET /v1/auditrecords"]


def test_a_customer_the_partner_made_is_found_without_an_event(known: Line) -> None:
    """For a customer that the partner creates itself Microsoft has no event at all."""
    came = known.control("customers", {"companyName": "Quay Bakery", "domain": "quay.example"})
    (job,) = known.poll()
    assert (job.kind, job.state) == ("tenants.poll_audit", Job.State.DONE)
    assert tenants(known.connection)[came.json()["id"]].name == "Quay Bakery"
    run = known.history()[0]
    assert (run.source, run.found, run.created, run.updated) == (Source.AUDIT, 1, 1, 0)


def test_every_record_counts_once(known: Line, record_property: Record) -> None:
    known.control("customers/rename", {"id": customer_id(1), "companyName": "Renamed"})
    known.poll()
    assert tenants(known.connection)[customer_id(1)].former_name == "Customer 00001"
    known.partner.calls.clear()
    for _ in range(5):
        known.poll()
    assert len(audit_calls(known)) == 5
    assert known.gets() == []
    assert [run.source for run in known.history()] == [Source.AUDIT, Source.LIST]
    with acting(known.actor), transaction.atomic():
        assert SeenRecord.objects.count() == 1
    record_property("figure", "DSC-06: the audit read 6 times, 1 record, 1 call, 1 run")


def test_a_poll_that_finds_nothing_is_in_nobodys_way(known: Line) -> None:
    (job,) = known.poll()
    assert job.state == Job.State.DONE
    assert [run.source for run in known.history()] == [Source.LIST]


def test_removed_renamed_and_returned_are_told_by_the_audit(known: Line) -> None:
    known.control("customers/remove", {"id": customer_id(2)})
    known.poll()
    assert tenants(known.connection)[customer_id(2)].status == Tenant.Status.ACTIVE
    known.a_minute_later()
    assert tenants(known.connection)[customer_id(2)].status == Tenant.Status.MISSING
    known.control("customers/return", {"id": customer_id(2)})
    known.poll()
    known.a_minute_later()
    back = tenants(known.connection)[customer_id(2)]
    assert (back.status, back.returned_at is not None) == (Tenant.Status.ACTIVE, True)


def test_records_of_other_things_are_passed_over(known: Line) -> None:
    app_caller(known.partner.simulator).post(
        "/v1/validations/address",
        {"Country": "NL", "City": "Rotterdam", "PostalCode": "3011 AA", "AddressLine1": "1 Quay"},
    )
    known.poll()
    assert known.looks() == []


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        (None, NOW - OVERLAP),
        (NOW - timedelta(minutes=15), NOW - timedelta(minutes=15) - OVERLAP),
        (NOW - timedelta(days=400), NOW - OLDEST),
        (NOW - timedelta(days=89), NOW - OLDEST),
    ],
    ids=["never", "a quarter of an hour", "a year", "at the limit"],
)
def test_nothing_older_than_microsoft_keeps_is_asked_for(
    until: datetime | None, expected: datetime
) -> None:
    assert read_from(until, now=NOW) == expected
    assert (NOW - expected).days < 90


def test_after_a_long_pause_the_audit_is_read_as_far_back_as_there_is(known: Line) -> None:
    known.poll()
    with acting(known.actor), transaction.atomic():
        AuditCursor.objects.update(read_until=NOW - timedelta(days=400))
    (job,) = known.poll()
    assert job.state == Job.State.DONE


def test_a_connection_that_fails_says_so_and_is_asked_again_later(known: Line) -> None:
    known.control("customers/rename", {"id": customer_id(1), "companyName": "Renamed"})
    known.partner.fail({"path": "^/v1/auditrecords", "action": "status", "status": 503})
    (job,) = known.poll()
    assert (job.state, job.error_code) == (Job.State.FAILED, "service_failed")
    assert known.seen().state == Connection.State.FAILING
    run = known.history()[0]
    assert (run.source, run.completed_at) == (Source.AUDIT, None)
    known.partner.fail()
    (again,) = known.poll()
    assert again.state == Job.State.DONE
    assert tenants(known.connection)[customer_id(1)].name == "Renamed"
    assert known.seen().state == Connection.State.WORKING


def test_a_customer_that_cannot_be_read_is_counted_and_stops_nobody(known: Line) -> None:
    for number in (1, 2, 3):
        body = {"id": customer_id(number), "companyName": f"Renamed {number}"}
        known.control("customers/rename", body)
    path = f"^/v1/customers/{customer_id(2)}"
    known.partner.fail({"path": path, "action": "html", "status": 200})
    (job,) = known.poll()
    assert job.state == Job.State.DONE
    run = known.history()[0]
    assert (run.found, run.updated, run.failed) == (2, 2, 1)
    row = next(look for look in known.looks() if look.subject_id == customer_id(2))
    assert row.failure_code == "gateway_page"
    assert row.due_at is not None
    assert row.looked_at is not None
    assert (row.due_at - row.looked_at).total_seconds() > 600


def test_the_clock_asks_for_every_connection_that_was_discovered(known: Line) -> None:
    tasks.schedule_audit_polls()
    tasks.schedule_audit_polls()
    with acting(known.actor), transaction.atomic():
        assert Job.objects.filter(kind="tenants.poll_audit").count() == 1
    known.work()
    tasks.schedule_looks()
    with acting(known.actor), transaction.atomic():
        assert Job.objects.filter(kind="tenants.look").count() == 0


def test_a_connection_never_discovered_has_no_audit_read(line: Line) -> None:
    tasks.schedule_audit_polls()
    assert line.work() == []


@pytest.mark.parametrize(
    ("minutes", "now", "slot"),
    [
        (15, NOW.replace(minute=14, second=59), NOW),
        (15, NOW.replace(minute=15), NOW.replace(minute=15)),
        (1, NOW.replace(minute=7, second=30), NOW.replace(minute=7)),
        (60, NOW.replace(minute=59), NOW),
    ],
)
def test_slots_of_every_few_minutes(minutes: int, now: datetime, slot: datetime) -> None:
    assert Every("tests", minutes, lambda: None).latest_slot(now) == slot


def test_an_hour_is_divided_evenly() -> None:
    with pytest.raises(LookupError):
        Every("tests", 7, lambda: None)
