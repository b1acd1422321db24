"""K01, K02: whatever Microsoft bills, the portal's sums are Microsoft's, to the last digit.

Months are made up at random, put on the simulator, imported through the client, partly linked, and
compared with sums made here from the same numbers, which share no code with the portal.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.invoices.models import Invoice
from billing.invoices.operations import import_invoices
from billing.reconciliation.queries import reconcile
from billing.reports.queries import organizations_of, unassigned_of
from portal.core.access import Role, acting
from portal.core.jobs.models import Job
from tenants.discovery.models import Tenant
from tests.billing.conftest import carry_out
from tests.billing.ownership import link
from tests.billing.worlds import Center, customer, invoice, line, write_invoices
from tests.factories.core import make_person, make_reseller
from tests.factories.organizations import make_organization

pytestmark = pytest.mark.django_db(transaction=True)
SEPTEMBER = date(2026, 9, 1)
MONTHS = 200
CENT = Decimal("0.01")
RATES = (Decimal("0.21"), Decimal("0.077"), Decimal("0.08875"))

amounts = st.decimals(
    min_value=-9_999_999, max_value=9_999_999, allow_nan=False, places=6
) | st.sampled_from([Decimal("-0.00"), Decimal("0.000001"), Decimal("99999999999.999999")])
customers = st.integers(min_value=0, max_value=5)


@st.composite
def charges(draw: Any) -> list[tuple[int, Decimal, Decimal]]:
    """Draw lines of one invoice: whose (0: it names nobody), subtotal and tax."""
    rows = draw(st.lists(st.tuples(customers, amounts, amounts), max_size=12))
    for whose, subtotal, tax in list(rows):
        if draw(st.booleans()):
            # A change of seats: the old quantity goes back, the new one is charged.
            rows += [(whose, -subtotal, -tax), (whose, subtotal + CENT, tax)]
    return rows


@st.composite
def months(draw: Any) -> list[dict[str, Any]]:
    """Draw the invoices of a month, each in one of several currencies."""
    made = []
    for number in range(1, draw(st.integers(min_value=1, max_value=3)) + 1):
        made.append(
            {
                "number": f"{draw(st.sampled_from('GD'))}{number:07d}",
                "currency": draw(st.sampled_from(["EUR", "USD", "JPY", "KWD"])),
                "charges": draw(charges()),
                "adjustment": draw(amounts),
                "header_tax": draw(st.sampled_from([None, *RATES])),
            }
        )
    return made


def rows_of(made: dict[str, Any]) -> list[dict[str, Any]]:
    """Write an invoice's lines as Microsoft would: money as texts, which every digit survives."""
    provider = "office" if made["number"].startswith("D") else "one_time"
    return [
        line(
            number,
            customerId=customer(whose) if whose else "",
            currency=made["currency"],
            billingProvider=provider,
            unitPrice="1",
            subtotal=subtotal,
            tax=tax,
        )
        | {
            "subtotal": f"{subtotal:f}",
            "taxTotal": f"{tax:f}",
            "totalForCustomer": f"{subtotal + tax:f}",
        }
        for number, (whose, subtotal, tax) in enumerate(made["charges"], start=1)
    ]


def header_of(made: dict[str, Any], rows: list[dict[str, Any]]) -> tuple[dict[str, Any], Decimal]:
    """Return an invoice's header and what its total holds beyond the lines."""
    lines = sum((subtotal + tax for _, subtotal, tax in made["charges"]), Decimal(0))
    extra = Decimal(0)
    if made["number"].startswith("D"):
        extra = made["adjustment"]
    elif made["header_tax"] and lines > 1 and not any(tax for _, _, tax in made["charges"]):
        places = {"JPY": Decimal(1), "KWD": Decimal("0.001")}.get(made["currency"], CENT)
        extra = (lines * made["header_tax"]).quantize(places, ROUND_HALF_UP)
    header = invoice(
        made["number"],
        [],
        currencyCode=made["currency"],
        totalCharges=f"{lines + extra:f}",
    )
    return header, extra


@settings(
    max_examples=MONTHS,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(month=months(), linked=st.sets(st.integers(min_value=1, max_value=5)))
def test_k01_k02_the_portals_month_is_microsofts_to_the_last_digit(
    month: list[dict[str, Any]],
    linked: set[int],
    center: Center,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    reseller = make_reseller()
    person = make_person(reseller, Role.ADMIN)
    invoices, expected, extras = [], {}, {}
    for made in month:
        rows = rows_of(made)
        header, extra = header_of(made, rows)
        invoices.append((header, rows))
        expected[made["number"]] = Decimal(header["totalCharges"])
        extras[made["number"]] = extra
    center.show(write_invoices(tmp_path, invoices))
    source = center.connect(reseller)
    with acting(person.actor):
        job = import_invoices(source, actor=person.actor, month=SEPTEMBER)
    job = carry_out(person, job)
    assert job.state == Job.State.DONE, job.error
    with acting(person.actor), transaction.atomic():
        tenants = list(Tenant.objects.filter(microsoft_id__in=[customer(n) for n in linked]))
    for tenant in tenants:
        link(tenant, make_organization(reseller), person)
    with acting(person.actor), transaction.atomic():
        parts = reconcile(person.actor, month=SEPTEMBER)
        assert {part.invoice: part.invoice_total for part in parts} == expected
        assert {part.invoice: part.adjustments for part in parts} == extras
        assert all(part.difference == 0 for part in parts)
        compare_owners(person, month, {int(str(t.microsoft_id)[-12:]) for t in tenants})
        compare_with_lines(expected, extras)
    record_property("figure", f"K01, K02: {MONTHS} made-up months agree, difference 0.00")


def compare_owners(person: Any, month: list[dict[str, Any]], linked: set[int]) -> None:
    """Check assigned and unassigned money per currency against sums made here."""
    assigned: dict[str, Decimal] = defaultdict(Decimal)
    unassigned: dict[str, Decimal] = defaultdict(Decimal)
    for made in month:
        for whose, subtotal, tax in made["charges"]:
            side = assigned if whose in linked else unassigned
            side[made["currency"]] += subtotal + tax
    for side, lines in (
        (assigned, organizations_of(person.actor, SEPTEMBER).lines),
        (unassigned, unassigned_of(person.actor, SEPTEMBER).lines),
    ):
        reported: dict[str, Decimal] = defaultdict(Decimal)
        for reported_line in lines:
            reported[reported_line.currency] += reported_line.total
        assert reported == side


def compare_with_lines(expected: dict[str, Decimal], extras: dict[str, Decimal]) -> None:
    """K02 by SQL: stored lines and what is on no line are the invoice."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.number, coalesce(sum(l.total), 0) FROM billing_invoice i"
            " LEFT JOIN billing_invoiceline l ON l.invoice_id = i.id GROUP BY i.number"
        )
        found = dict(cursor.fetchall())
    assert {number: found[number] + extras[number] for number in expected} == expected


def test_every_reseller_has_its_own_month(center: Center, tmp_path: Path) -> None:
    resellers = [make_reseller() for _ in range(3)]
    people = [make_person(reseller, Role.ADMIN) for reseller in resellers]
    for number, (reseller, person) in enumerate(zip(resellers, people, strict=True), start=1):
        rows = [line(1, subtotal=number)]
        center.show(write_invoices(tmp_path, [(invoice("G1", rows), rows)]))
        source = center.connect(reseller)
        with acting(person.actor):
            job = import_invoices(source, actor=person.actor, month=SEPTEMBER)
        assert carry_out(person, job).state == Job.State.DONE
    for number, person in enumerate(people, start=1):
        with acting(person.actor), transaction.atomic():
            (part,) = reconcile(person.actor)
            assert part.invoice_total == number
            assert Invoice.objects.count() == 1
