"""Importing invoices: whole or not at all, once, and what Microsoft changed as a new version."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from billing.invoices import importing
from billing.invoices.models import Invoice, InvoiceLine, InvoiceTenantTotal
from billing.invoices.operations import import_invoices
from billing.reconciliation.queries import reconcile
from organizations.ignoring.models import IgnoredTenant
from organizations.ignoring.operations import ignore_tenant
from portal.core.access import acting, system_actor
from portal.core.errors import Conflict, InvalidInput, NotAllowed
from portal.core.jobs.models import Job
from tenants.connections.models import Connection
from tenants.discovery.models import Tenant
from tests.billing.conftest import Show, carry_out
from tests.billing.worlds import Center, customer, line
from tests.factories.core import Person

pytestmark = pytest.mark.django_db(transaction=True)
SEPTEMBER = date(2026, 9, 1)


def ask(person: Person, source: Connection, month: date | None = SEPTEMBER) -> Job:
    with acting(person.actor):
        return import_invoices(source, actor=person.actor, month=month)


def run(person: Person, source: Connection, month: date | None = SEPTEMBER) -> Job:
    return carry_out(person, ask(person, source, month))


def stored(person: Person, model: Any, **lookup: Any) -> list[Any]:
    with acting(person.actor), transaction.atomic():
        return list(model.objects.filter(**lookup).order_by("pk"))


def published(person: Person) -> list[Invoice]:
    return stored(person, Invoice, state=Invoice.State.PUBLISHED)


def test_every_line_is_kept_as_received(show: Show, source: Connection, finance: Person) -> None:
    row = line(
        1,
        subtotal="1234.567891",
        tax="-0.00",
        customerName="Anker\tTaue & \\Söhne „=1+1“\nzweite Zeile",
        newField={"nested": [1, Decimal("2.5"), None, True], "text": "007.50"},
    )
    show({"G1": [row]})
    job = run(finance, source)
    assert (job.state, job.result) == (Job.State.DONE, {"imported": 1})
    (kept,) = stored(finance, InvoiceLine)
    assert kept.raw == row
    assert type(kept.raw["newField"]["nested"][1]) is Decimal
    assert kept.total == kept.subtotal == Decimal("1234.567891")
    assert kept.customer_name == row["customerName"]
    assert (kept.charge_start, kept.charge_end) == (date(2026, 9, 1), date(2026, 9, 30))
    assert str(kept.microsoft_id) == customer(1)


def test_the_sum_per_tenant_is_that_of_its_lines(
    show: Show, source: Connection, finance: Person
) -> None:
    rows = [
        line(1, subtotal="100.10", tax="21.02"),
        line(2, subtotal="-40.00", tax="-8.40", chargeType="removeQuantity"),
        line(3, subtotal="7", customerId=customer(2), customerName="Other"),
        line(4, subtotal="0.01", customerId="", customerName=""),
    ]
    show({"G1": rows})
    run(finance, source)
    found = {
        total.microsoft_id and str(total.microsoft_id): (total.lines, total.total)
        for total in stored(finance, InvoiceTenantTotal)
    }
    assert found == {
        customer(1): (2, Decimal("72.72")),
        customer(2): (1, Decimal("7")),
        None: (1, Decimal("0.01")),
    }


def test_an_import_of_what_is_here_changes_nothing(
    show: Show, source: Connection, finance: Person
) -> None:
    show({"G1": [line(1), line(2)]})
    run(finance, source)
    before = stored(finance, Invoice), stored(finance, InvoiceLine)
    show({"G1": [line(2), line(1)]}, paidAmount=20)
    job = run(finance, source)
    assert job.result == {"unchanged": 1}
    assert (stored(finance, Invoice), stored(finance, InvoiceLine)) == before


def test_what_microsoft_changed_becomes_a_new_version_and_the_old_one_is_kept(
    show: Show, source: Connection, finance: Person
) -> None:
    show({"G1": [line(1, subtotal="10")]})
    run(finance, source)
    show({"G1": [line(1, subtotal="12")]})
    job = run(finance, source)
    assert job.result == {"new_versions": 1}
    old, new = sorted(stored(finance, Invoice), key=lambda invoice: invoice.version)
    assert (old.state, old.total, old.version) == (Invoice.State.SUPERSEDED, Decimal(10), 1)
    assert (new.state, new.total, new.version) == (Invoice.State.PUBLISHED, Decimal(12), 2)
    assert [kept.total for kept in stored(finance, InvoiceLine, invoice=old)] == [Decimal(10)]


def test_a_line_changed_under_the_same_total_is_a_new_version_too(
    show: Show, source: Connection, finance: Person
) -> None:
    show({"G1": [line(1), line(2)]})
    run(finance, source)
    show({"G1": [line(1), line(2, productName="Other seats")]})
    assert run(finance, source).result == {"new_versions": 1}


def test_lines_that_do_not_add_up_are_refused_and_nothing_is_left(
    show: Show, source: Connection, finance: Person
) -> None:
    show({"G1": [line(1), line(2)]}, totalCharges=Decimal("40.10"))
    job = run(finance, source)
    assert (job.state, job.error_code) == (Job.State.FAILED, "sum_differs")
    assert "G1" in job.error and "20.10" in job.error and "40.10 EUR" in job.error
    assert stored(finance, Invoice) == stored(finance, InvoiceLine) == []
    assert stored(finance, InvoiceTenantTotal) == stored(finance, Tenant) == []


def test_one_refused_invoice_does_not_keep_the_others_out(
    center: Center, show: Show, source: Connection, finance: Person, tmp_path: Any
) -> None:
    from tests.billing.worlds import invoice, write_invoices

    bad, good = [line(1)], [line(2)]
    center.show(
        write_invoices(
            tmp_path,
            [(invoice("G1", bad, totalCharges=Decimal(999)), bad), (invoice("G2", good), good)],
        )
    )
    job = run(finance, source)
    assert (job.state, job.error_code) == (Job.State.FAILED, "sum_differs")
    assert [found.number for found in published(finance)] == ["G2"]


def test_a_line_in_another_currency_is_refused_by_its_number(
    show: Show, source: Connection, finance: Person
) -> None:
    show({"G1": [line(1), line(2, currency="USD")]})
    job = run(finance, source)
    assert (job.state, job.error_code) == (Job.State.FAILED, "mixed_currencies")
    assert "line 2" in job.error and "USD" in job.error
    assert stored(finance, Invoice) == []


def test_an_amount_too_fine_to_keep_is_refused_rather_than_rounded(
    show: Show, source: Connection, finance: Person
) -> None:
    show({"G1": [line(1, subtotal="0.0000001")]})
    job = run(finance, source)
    assert (job.state, job.error_code) == (Job.State.FAILED, "amount_too_fine")
    assert stored(finance, Invoice) == []


def test_an_adjustment_missing_from_a_legacy_invoice_is_shown_and_not_swallowed(
    show: Show, source: Connection, finance: Person
) -> None:
    rows = [
        line(1, billingProvider="office", customerId=customer(1).upper()),
    ]
    show({"D1": rows}, totalCharges=Decimal("7.50"))
    run(finance, source)
    (kept,) = published(finance)
    assert (kept.adjustment, kept.adjustment_kind) == (Decimal("-2.5"), "not_in_lines")
    with acting(finance.actor), transaction.atomic():
        (part,) = reconcile(finance.actor, month=SEPTEMBER)
    assert (part.unassigned, part.adjustments, part.difference) == (
        Decimal(10),
        Decimal("-2.5"),
        Decimal(0),
    )


def test_tax_that_stands_on_the_invoice_only_is_an_adjustment(
    show: Show, source: Connection, finance: Person
) -> None:
    show({"G1": [line(1, subtotal="100"), line(2, subtotal="33.33")]}, totalCharges="161.33")
    run(finance, source)
    (kept,) = published(finance)
    assert (kept.adjustment, kept.adjustment_kind) == (Decimal("28.00"), "header_tax")


def test_customers_nobody_lists_become_tenants_with_their_money(
    show: Show, source: Connection, finance: Person
) -> None:
    show({"G1": [line(1, subtotal="55.50"), line(2, subtotal="4.50")]})
    run(finance, source)
    (tenant,) = stored(finance, Tenant)
    assert (str(tenant.microsoft_id), tenant.name) == (customer(1), "Sail & Rope")
    assert not tenant.is_linked
    assert (tenant.billed_amount, tenant.billed_currency) == (Decimal(60), "EUR")
    assert tenant.billed_month == SEPTEMBER


def test_what_a_tenant_was_last_billed_is_that_of_its_latest_month(
    center: Center, source: Connection, finance: Person, tmp_path: Any
) -> None:
    from tests.billing.worlds import invoice, write_invoices

    old, new = [line(1, subtotal="90")], [line(1, subtotal="12")]
    center.show(
        write_invoices(
            tmp_path,
            [(invoice("G2", new), new), (invoice("G1", old, month="2026-08"), old)],
        )
    )
    run(finance, source, None)
    (tenant,) = stored(finance, Tenant)
    assert (tenant.billed_amount, tenant.billed_month) == (Decimal(12), SEPTEMBER)


def test_an_ignored_tenant_that_is_billed_anew_comes_back(
    show: Show, source: Connection, finance: Person
) -> None:
    """UNL-06: whoever imports needs no right to ignore, and the same import again ends nothing."""
    show({"G1": [line(1, subtotal="55.50")]})
    run(finance, source)
    (tenant,) = stored(finance, Tenant)
    system = system_actor(source.reseller_id, "tests")
    with acting(system):
        ignore_tenant(tenant, actor=system, kind="own", reason="Our own")
    run(finance, source)
    assert stored(finance, Tenant)[0].is_ignored, "the month was known when it was decided"
    with acting(system), transaction.atomic():
        IgnoredTenant.objects.update(billed_month=date(2026, 8, 1))
        Tenant.objects.update(billed_month=date(2026, 8, 1))
    run(finance, source)
    (tenant,) = stored(finance, Tenant)
    (ended,) = stored(finance, IgnoredTenant)
    assert (tenant.is_ignored, ended.ended_how) == (False, "billed")
    assert ended.end_reason == "Billed again: €55.50 for September 2026"


def test_a_month_without_an_invoice_says_which_months_there_are(
    show: Show, source: Connection, finance: Person
) -> None:
    show({"G1": [line(1)]})
    job = run(finance, source, date(2026, 5, 1))
    assert (job.state, job.error_code) == (Job.State.FAILED, "no_invoice")
    assert "2026-05" in job.error and "2026-09" in job.error


def test_a_month_that_has_not_begun_is_refused_at_once(source: Connection, finance: Person) -> None:
    with pytest.raises(InvalidInput, match="2999-01 has not begun"):
        ask(finance, source, date(2999, 1, 1))


def test_a_refusing_partner_center_is_told_with_what_to_do(
    show: Show, center: Center, source: Connection, finance: Person
) -> None:
    show({"G1": [line(1)]})
    center.simulator.faults.replace(
        [{"path": "/lineitems", "action": "status", "status": 403, "body": {"code": 2000}}]
    )
    job = run(finance, source)
    assert job.state == Job.State.FAILED
    assert job.error.startswith("Invoice G1:")
    assert stored(finance, Invoice) == stored(finance, InvoiceLine) == []


@pytest.mark.parametrize(
    "fault",
    [
        {"call": 2, "action": "torn"},
        {"call": 2, "action": "repeat_page"},
        {"call": 2, "action": "duplicate_item"},
        {"call": 3, "action": "endless"},
        {"call": 2, "action": "wrong_token"},
    ],
    ids=lambda fault: fault["action"],
)
def test_a_page_that_cannot_be_trusted_publishes_nothing(
    fault: dict[str, Any],
    show: Show,
    center: Center,
    source: Connection,
    finance: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importing, "PAGE_LINES", 3)
    show({"G1": [line(number, subtotal=number) for number in range(1, 8)]})
    center.simulator.faults.replace([{"path": "/lineitems", **fault}])
    job = run(finance, source)
    assert job.state != Job.State.DONE
    assert "G1" in job.error
    assert published(finance) == []


def test_an_import_killed_between_pages_goes_on_where_it_stopped(
    show: Show,
    center: Center,
    source: Connection,
    finance: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importing, "PAGE_LINES", 2)
    monkeypatch.setattr(importing, "STEP_LINES", 2)
    show({"G1": [line(number, subtotal=number) for number in range(1, 8)]})
    center.simulator.faults.replace(
        [{"path": "/lineitems", "call": 3, "action": "status", "status": 503}]
    )
    job = run(finance, source)
    assert (job.state, job.payload["place"]["lines"]) == (Job.State.WAITING, 4)
    assert len(stored(finance, InvoiceLine)) == 4
    assert published(finance) == []
    center.simulator.faults.replace([])
    make_due(job)
    calls = count_calls(center, "/lineitems")
    job = carry_out(finance, job)
    assert (job.state, job.done) == (Job.State.DONE, 7)
    assert len(calls) == 2
    assert [kept.number for kept in stored(finance, InvoiceLine)] == [1, 2, 3, 4, 5, 6, 7]
    assert [found.total for found in published(finance)] == [Decimal(28)]


def test_an_import_whose_place_has_expired_starts_over(
    show: Show,
    center: Center,
    source: Connection,
    finance: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importing, "PAGE_LINES", 2)
    monkeypatch.setattr(importing, "STEP_LINES", 2)
    show({"G1": [line(number, subtotal=number) for number in range(1, 8)]})
    center.simulator.faults.replace(
        [{"path": "/lineitems", "call": 3, "action": "status", "status": 503}]
    )
    job = run(finance, source)
    # Another simulator signs other tokens: to it the stored place means nothing.
    show({"G1": [line(number, subtotal=number) for number in range(1, 8)]})
    make_due(job)
    job = carry_out(finance, job)
    assert job.state == Job.State.DONE, job.error
    assert [found.total for found in published(finance)] == [Decimal(28)]
    assert len(stored(finance, InvoiceLine)) == 7


def test_an_invoice_that_changed_between_kill_and_resume_is_read_anew(
    show: Show,
    center: Center,
    source: Connection,
    finance: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importing, "PAGE_LINES", 2)
    monkeypatch.setattr(importing, "STEP_LINES", 2)
    show({"G1": [line(number) for number in range(1, 6)]})
    center.simulator.faults.replace(
        [{"path": "/lineitems", "call": 2, "action": "status", "status": 503}]
    )
    job = run(finance, source)
    show({"G1": [line(number, subtotal="2") for number in range(1, 6)]})
    make_due(job)
    job = carry_out(finance, job)
    assert job.state == Job.State.DONE, job.error
    assert [found.total for found in published(finance)] == [Decimal(10)]


def test_one_import_of_a_connection_runs_at_a_time(source: Connection, finance: Person) -> None:
    first = ask(finance, source)
    with pytest.raises(Conflict) as refused:
        ask(finance, source, None)
    assert refused.value.data == {"job": str(first.pk)}


def test_who_may_not_import_is_refused(source: Connection, reseller: Any) -> None:
    from portal.core.access import Role
    from tests.factories.core import make_person

    with pytest.raises(NotAllowed):
        ask(make_person(reseller, Role.AUDITOR), source)


def make_due(job: Job) -> None:
    from tests.database import administrator
    from tests.environment import DATABASE

    with administrator(DATABASE) as database, database.cursor() as cursor:
        cursor.execute("UPDATE core_job SET due_at = now() WHERE id = %s", [str(job.pk)])


def count_calls(center: Center, part: str) -> list[str]:
    """Return a list that grows with every call whose path has ``part`` in it."""
    calls: list[str] = []
    inner = center.simulator._serve

    def serve(environ: Any, start_response: Any) -> Any:
        if part in environ["PATH_INFO"]:
            calls.append(environ["PATH_INFO"])
        return inner(environ, start_response)

    center.simulator._serve = serve  # type: ignore[method-assign]
    return calls
