"""Events come in: proved, counted once, followed by our own question, and believed in nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache

from portal.core.access import acting
from portal.core.jobs.models import Job
from tenants.discovery.models import Source, Tenant
from tenants.notifications.registering import send_test_event
from tests.factories.core import make_reseller
from tests.tenants.notifications.line import ACCEPTED, Line, about, signed
from tests.tenants.simulated import PartnerCenterInProcess, customer_id, customers
from tests.tenants.steps import discovered, tenants

pytestmark = pytest.mark.django_db(transaction=True)
Record = Callable[[str, object], None]


def test_a_customer_that_accepts_is_a_tenant_within_one_event(line: Line) -> None:
    came = line.control("customers", {"companyName": "Quay Bakery", "domain": "quay.example"})
    (arrival,) = line.arrivals()
    assert line.deliver(arrival).status_code == 202
    (job,) = line.work()
    assert (job.kind, job.state) == ("tenants.look", Job.State.DONE)
    made = tenants(line.connection)[came.json()["id"]]
    assert (made.name, made.domain, made.status) == ("Quay Bakery", "quay.example", "active")
    run = line.history()[0]
    assert (run.source, run.found, run.created) == (Source.WEBHOOK, 1, 1)
    assert run.completed_at is not None


def test_what_an_event_says_is_stored_nowhere(line: Line) -> None:
    """A genuine signature over other content than Partner Center answers with."""
    line.partner.lists(customers(1))
    line.trust_again()
    arrival = signed(
        line.partner, about(customer_id(1), CompanyName="Lies", ResourceName="Lies & Sons")
    )
    assert line.deliver(arrival).status_code == 202
    line.work()
    made = tenants(line.connection)[customer_id(1)]
    assert (made.name, made.domain) == ("Customer 00001", "customer1.onmicrosoft.com")
    assert [event.name for event in line.events()] == [ACCEPTED]


def test_e03_a_thousand_replays_have_one_effect(line: Line, record_property: Record) -> None:
    line.partner.lists(customers(1))
    line.trust_again()
    arrival = signed(line.partner, about(customer_id(1)))
    statuses = [line.deliver(arrival).status_code for _ in range(1_000)]
    assert statuses == [202] + [208] * 999
    line.gets()
    jobs = line.work()
    assert len(jobs) == 1
    assert len(line.gets()) == 1
    assert len(line.events()) == 1
    assert len(tenants(line.connection)) == 1
    assert [run.created for run in line.history()] == [1]
    cache.clear()  # as after a restart of everything
    assert line.deliver(arrival).status_code == 208
    assert line.work() == []
    record_property("figure", "E03: 1,001 deliveries of one event: 1 effect, 1 call, 1,000 × 208")


def test_e03_many_events_of_one_customer_are_one_call_a_minute(line: Line) -> None:
    line.partner.lists(customers(1))
    line.trust_again()
    for number in range(20):
        event = about(customer_id(1), ResourceChangeUtcDate=f"2026-11-21T12:00:{number:02}Z")
        assert line.deliver(signed(line.partner, event)).status_code == 202
        line.work()
    assert len(line.gets()) == 1
    assert len(line.events()) == 20
    (wanted,) = line.looks()
    assert wanted.due_at is not None
    assert wanted.looked_at is not None
    assert (wanted.due_at - wanted.looked_at).total_seconds() >= 60
    line.a_minute_later()
    assert len(line.gets()) == 1
    assert line.looks()[0].due_at is None


def test_e03_events_in_the_wrong_order_end_in_what_is(line: Line) -> None:
    came = line.control("customers", {"companyName": "First name", "domain": "quay.example"})
    (accepted,) = line.arrivals()
    identity = came.json()["id"]
    line.control("customers/rename", {"id": identity, "companyName": "Second name"})
    later = signed(line.partner, about(identity, ResourceChangeUtcDate="2026-11-21T13:00:00Z"))
    for arrival in (later, accepted):
        assert line.deliver(arrival).status_code == 202
    line.work()
    line.a_minute_later()
    assert tenants(line.connection)[identity].name == "Second name"


def test_e03_an_event_of_a_customer_that_is_gone_makes_nothing(line: Line) -> None:
    came = line.control("customers", {"companyName": "Short stay", "domain": "short.example"})
    (accepted, *_) = line.arrivals()
    line.control("customers/remove", {"id": came.json()["id"]})
    assert line.deliver(accepted).status_code == 202
    (job,) = line.work()
    assert job.state == Job.State.DONE
    assert tenants(line.connection) == {}


def test_a_removed_customer_is_missing_once_partner_center_says_so_twice(line: Line) -> None:
    line.partner.lists(customers(3))
    line.trust_again()
    discovered(line.connection)
    line.control("customers/remove", {"id": customer_id(2)})
    arrivals = line.arrivals()
    assert arrivals
    for arrival in arrivals:
        assert line.deliver(arrival).status_code == 202
    line.work()
    assert tenants(line.connection)[customer_id(2)].status == Tenant.Status.ACTIVE
    line.a_minute_later()
    line.a_minute_later()
    gone = tenants(line.connection)[customer_id(2)]
    assert gone.status == Tenant.Status.MISSING
    assert gone.missing_since is not None
    line.control("customers/return", {"id": customer_id(2)})
    for arrival in line.arrivals():
        line.deliver(arrival)
    line.a_minute_later()
    back = tenants(line.connection)[customer_id(2)]
    assert (back.status, back.missing_since) == (Tenant.Status.ACTIVE, None)
    assert back.returned_at is not None
    sources = {run.source for run in line.history()}
    assert sources == {Source.LIST, Source.AUDIT, Source.WEBHOOK}


def test_many_customers_gone_by_events_are_held_for_a_person(line: Line) -> None:
    """An outage that answers 404 looks like every customer leaving, however we come to ask."""
    line.partner.lists(customers(20))
    line.trust_again()
    discovered(line.connection)
    for number in range(1, 16):
        line.control("customers/remove", {"id": customer_id(number)})
        line.deliver(signed(line.partner, about(customer_id(number))))
    line.work()
    line.a_minute_later()
    missing = [row for row in tenants(line.connection).values() if row.status == "missing"]
    assert len(missing) == 0
    line.work()
    held = next(run for run in line.history() if run.source == Source.LIST and run.held)
    assert held.held == 15


def test_a_test_event_proves_the_line(line: Line) -> None:
    with acting(line.actor):
        asked = send_test_event(line.connection, actor=line.actor)
    assert not asked.is_tested
    (arrival,) = line.arrivals()
    assert line.deliver(arrival).status_code == 202
    row = line.registered()
    assert row.is_tested
    assert row.seen_test_at is not None
    assert line.work() == []


@pytest.mark.parametrize("event", ["invoice-ready", "subscription-updated"])
def test_events_of_other_things_are_remembered(line: Line, event: str) -> None:
    line.partner.lists(customers(1))
    line.trust_again()
    ids = {"invoice": "G000000001"}
    if event == "subscription-updated":
        ids = {"customer": customer_id(1), "subscription": customer_id(7)}
    assert line.deliver(line.fire(event, **ids)).status_code == 202
    (stored,) = line.events()
    expected = {"invoice-ready": "invoice", "subscription-updated": "customer"}[event]
    assert (stored.name, stored.subject_kind) == (event, expected)


@pytest.mark.parametrize(
    ("resource", "kind"),
    [
        ("https://attacker.example.test/v1/customers/{id}", ""),
        ("https://api.partnercenter.microsoft.com.attacker.example.test/v1/customers/{id}", ""),
        ("https://api.partnercenter.microsoft.com@attacker.example.test/v1/customers/{id}", ""),
        ("https://api.partnercenter.microsoft.com:8443/v1/customers/{id}", ""),
        ("http://169.254.169.254/v1/customers/{id}", ""),
        ("file:///v1/customers/{id}", ""),
        ("https://api.partnercenter.microsoft.com/v1/customers/../../{id}", ""),
        ("https://api.partnercenter.microsoft.com/v1/customers/{id}", "customer"),
    ],
    ids=["foreign", "suffix", "user", "port", "metadata", "file", "dots", "ours"],
)
def test_e05_no_address_of_an_event_is_called(line: Line, resource: str, kind: str) -> None:
    line.partner.lists(customers(1))
    line.trust_again()
    event = about(customer_id(1), ResourceUri=resource.format(id=customer_id(1)))
    line.partner.calls.clear()
    assert line.deliver(signed(line.partner, event)).status_code == 202
    line.work()
    # The session reaches the partner's own host and raises for every other one.
    assert line.gets() == ([f"GET /v1/customers/{customer_id(1)}"] if kind else [])
    assert [row.subject_kind for row in line.events()] == [kind]
    assert len(tenants(line.connection)) == (1 if kind else 0)


def test_e05_an_event_about_somebody_elses_customer_changes_nothing(
    line: Line, tmp_path: Any, record_property: Record
) -> None:
    """Another reseller's tenant, and one that nobody has: only our own GET counts."""
    theirs = PartnerCenterInProcess(tmp_path / "theirs", number=2, address="https://other.test")
    other = make_reseller()
    other_connection = theirs.connect(other)
    line.partner.lists(customers(1))
    line.trust_again()
    for identity in (customer_id(900), customer_id(901)):
        assert line.deliver(signed(line.partner, about(identity))).status_code == 202
    line.work()
    assert tenants(line.connection) == {}
    assert tenants(other_connection) == {}
    assert theirs.calls == []
    record_property("figure", "E05: 0 calls to a foreign host, 0 foreign changes in 10 events")
