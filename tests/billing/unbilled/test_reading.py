"""What is not billed yet: summed up tenant by tenant, whole or not at all."""

from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from django.db import transaction

from billing.unbilled import reading
from billing.unbilled.operations import currencies_of, request_all_unbilled
from organizations.alert.queries import unlinked_alert
from portal.core.access import acting, system_actor
from portal.core.errors import Conflict
from portal.core.identity.models import Reseller
from portal.core.jobs.models import Job
from portal.core.money import Money
from tenants.connections.models import Connection
from tenants.discovery.models import Tenant, UnbilledSum
from tests.billing.unbilled.worlds import ask, carry_on, carry_out, show
from tests.billing.worlds import Center, customer, line
from tests.factories.billing import Charge, make_invoice
from tests.factories.core import Person
from tests.factories.tenants import make_tenant

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _bells(center: Center) -> None:
    """A Partner Center in this process, and no worker."""


def unbilled(source: Connection) -> dict[str, tuple[Decimal | None, str]]:
    with acting(system_actor(source.reseller_id, "tests")), transaction.atomic():
        assert not UnbilledSum.objects.exists(), "what was gathered is gone when it is written"
        return {
            row.name: (row.unbilled_amount, row.unbilled_currency)
            for row in Tenant.objects.filter(connection=source)
        }


def tenants_of(source: Connection) -> list[Tenant]:
    return [
        make_tenant(source, name=f"Tenant {number}", microsoft_id=UUID(customer(number)))
        for number in (1, 2, 3)
    ]


def test_lines_are_summed_up_for_each_tenant(
    center: Center, source: Connection, tmp_path: Path, finance: Person
) -> None:
    tenants_of(source)
    show(
        center,
        tmp_path,
        [
            line(1, subtotal="10.10", tax="2.00"),
            line(2, subtotal="0.02"),
            line(3, subtotal="5.00", customerId=customer(2)),
            line(4, subtotal="-7.50", customerId=customer(2)),
            line(5, subtotal="99", customerId=customer(9)),
        ],
    )
    job = ask(source)
    waits = carry_on(job)
    assert (waits.state, waits.attempts) == (Job.State.WAITING, 0), "no worker waits for Microsoft"
    job = carry_out(job)
    assert (job.state, job.error) == (Job.State.DONE, "")
    assert job.result == {"lines": 5, "tenants": 2}
    assert unbilled(source) == {
        "Tenant 1": (Decimal("12.12"), "EUR"),
        "Tenant 2": (Decimal("-2.50"), "EUR"),
        "Tenant 3": (None, ""),
    }
    with acting(finance.actor), transaction.atomic():
        assert unlinked_alert(finance.actor).unbilled == (Money(Decimal("9.62"), "EUR"),)


def test_what_is_billed_since_is_unbilled_no_more(
    center: Center, source: Connection, tmp_path: Path
) -> None:
    tenants_of(source)
    show(center, tmp_path, [line(1), line(2, customerId=customer(2))])
    carry_out(ask(source))
    show(center, tmp_path, [line(1, subtotal="11")])
    job = carry_out(ask(source))
    assert unbilled(source)["Tenant 2"] == (None, "")
    assert unbilled(source)["Tenant 1"][0] == Decimal(11)
    assert job.result["tenants"] == 2
    show(center, tmp_path, [])
    job = carry_out(ask(source))
    assert job.state == Job.State.DONE
    assert {amount for amount, _ in unbilled(source).values()} == {None}


def test_memory_stays_the_same_however_many_tenants_there_are(
    center: Center, source: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "HELD", 2)
    tenants_of(source)
    rows = [line(number, customerId=customer(number % 3 + 1)) for number in range(30)]
    show(center, tmp_path, rows)
    carry_out(ask(source))
    assert {amount for amount, _ in unbilled(source).values()} == {Decimal(100)}


def test_a_failure_leaves_the_former_figure_and_its_date(
    center: Center, source: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenants_of(source)
    show(center, tmp_path, [line(1, subtotal="42")])
    carry_out(ask(source))
    with acting(system_actor(source.reseller_id, "tests")), transaction.atomic():
        before = list(Tenant.objects.order_by("pk").values_list("unbilled_amount", "unbilled_at"))
    show(center, tmp_path, [line(1, subtotal="1"), {**line(2), "subtotal": "what"}])
    job = carry_out(ask(source))
    assert job.state in (Job.State.FAILED, Job.State.NEEDS_PERSON)
    with acting(system_actor(source.reseller_id, "tests")), transaction.atomic():
        after = list(Tenant.objects.order_by("pk").values_list("unbilled_amount", "unbilled_at"))
    assert after == before


def test_one_reading_at_a_time(source: Connection) -> None:
    ask(source)
    with pytest.raises(Conflict):
        ask(source)


def test_currencies_are_those_of_the_invoices(source: Connection, reseller: Reseller) -> None:
    actor = system_actor(reseller.pk, "tests")
    with acting(actor), transaction.atomic():
        assert currencies_of(source, actor=actor) == ["EUR"]
    for currency in ("USD", "NOK", "USD"):
        make_invoice(source, [Charge(None, Decimal(1))], currency=currency)
    with acting(actor), transaction.atomic():
        assert currencies_of(source, actor=actor) == ["NOK", "USD"]


def test_every_connection_that_was_discovered_is_asked(
    source: Connection, reseller: Reseller, center: Center
) -> None:
    actor = system_actor(reseller.pk, "tests")
    with acting(actor):
        assert request_all_unbilled(actor=actor) == []
    make_tenant(source)
    with acting(actor):
        assert [job.subject_id for job in request_all_unbilled(actor=actor)] == [source.pk]
        assert request_all_unbilled(actor=actor) == []
