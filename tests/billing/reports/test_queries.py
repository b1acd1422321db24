"""The report: organizations and Unassigned are the invoices, and linking fills months back."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import transaction

from billing.reconciliation.queries import reconcile
from billing.reports.lines import UNNAMED
from billing.reports.queries import (
    month_report,
    months,
    organizations_of,
    tenants_of,
    unassigned_of,
)
from portal.core.access import Role, acting
from portal.core.errors import NotAllowed, NotFound
from portal.core.identity.models import Reseller
from tenants.connections.models import Connection
from tests.billing.ownership import link, unlink
from tests.factories.billing import MONTH, Charge, make_invoice
from tests.factories.core import Person, make_person, make_reseller
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_connection, make_tenant

pytestmark = pytest.mark.django_db
AUGUST = date(2026, 8, 1)


@pytest.fixture
def source(reseller: Reseller) -> Connection:
    return make_connection(reseller)


def test_linking_fills_every_open_month_back_and_unlinking_takes_it_out(
    source: Connection, reseller: Reseller, admin: Person
) -> None:
    tenant, organization = make_tenant(source), make_organization(reseller)
    for month, amount in ((AUGUST, "7"), (MONTH, "9")):
        make_invoice(source, [Charge(tenant.microsoft_id, Decimal(amount))], month=month)

    def assigned() -> list[Decimal]:
        with acting(admin.actor), transaction.atomic():
            return [part.assigned for part in reconcile(admin.actor)]

    assert assigned() == [0, 0]
    link(tenant, organization, admin)
    assert assigned() == [9, 7]
    unlink(tenant, admin)
    assert assigned() == [0, 0]


def test_an_organization_with_many_tenants_and_invoices_is_one_line_per_currency(
    source: Connection, reseller: Reseller, admin: Person
) -> None:
    organization = make_organization(reseller, name="Harbour Works", number="C1")
    first, second = make_tenant(source), make_tenant(source)
    charges = [
        Charge(first.microsoft_id, Decimal("10.10"), Decimal("2.12")),
        Charge(first.microsoft_id, Decimal("-3")),
        Charge(second.microsoft_id, Decimal("5")),
    ]
    make_invoice(source, charges)
    make_invoice(source, [Charge(first.microsoft_id, Decimal("1"))], number="D1")
    make_invoice(source, [Charge(second.microsoft_id, Decimal("8"))], currency="USD")
    for tenant in (first, second):
        link(tenant, organization, admin)
    with acting(admin.actor):
        found = organizations_of(admin.actor, MONTH)
        below = tenants_of(admin.actor, MONTH, organization.pk)
    euro, dollar = found.lines
    assert (euro.number, euro.tenants, euro.lines) == ("C1", 2, 4)
    assert (euro.subtotal, euro.tax, euro.total) == (
        Decimal("13.10"),
        Decimal("2.12"),
        Decimal("15.22"),
    )
    assert (dollar.currency, dollar.tenants, dollar.total) == ("USD", 1, Decimal(8))
    assert [(line.currency, line.total) for line in below.lines] == [
        ("EUR", Decimal("10.22")),
        ("EUR", Decimal("5")),
        ("USD", Decimal("8")),
    ]


def test_unassigned_names_every_tenant_and_the_lines_without_one(
    source: Connection, admin: Person
) -> None:
    tenant = make_tenant(source, name="Known by discovery")
    unknown = uuid4()
    make_invoice(
        source,
        [
            Charge(tenant.microsoft_id, Decimal("10")),
            Charge(unknown, Decimal("20"), customer_name="Seen on the invoice"),
            Charge(None, Decimal("5")),
            Charge(None, Decimal("-1")),
        ],
    )
    with acting(admin.actor):
        found = unassigned_of(admin.actor, MONTH)
        report = month_report(admin.actor, MONTH)
    assert [(line.name, line.total, line.lines) for line in found.lines] == [
        ("Seen on the invoice", Decimal(20), 1),
        ("Known by discovery", Decimal(10), 1),
        (UNNAMED, Decimal(4), 2),
    ]
    assert found.lines[0].tenant_id is not None
    assert (found.count, report.unassigned_tenants, report.is_complete) == (3, 3, False)


def test_money_that_cancels_out_still_waits_for_somebody(source: Connection, admin: Person) -> None:
    tenant = make_tenant(source)
    make_invoice(
        source, [Charge(tenant.microsoft_id, Decimal(5)), Charge(tenant.microsoft_id, Decimal(-5))]
    )
    with acting(admin.actor):
        report = month_report(admin.actor, MONTH)
        (month,) = months(admin.actor)
    assert (report.is_complete, month.is_complete) == (False, False)


def test_an_invoice_without_lines_is_in_the_report(source: Connection, admin: Person) -> None:
    make_invoice(source, [], number="D1", invoice_type="Recurring", total=Decimal("-12.5"))
    with acting(admin.actor):
        (part,) = reconcile(admin.actor, month=MONTH)
        (month,) = months(admin.actor)
    assert (part.adjustments, part.adjustment_kind) == (Decimal("-12.5"), "not_in_lines")
    assert part.difference == month.difference == 0
    assert month.is_complete


def test_only_the_newest_version_of_an_invoice_counts(source: Connection, admin: Person) -> None:
    from billing.invoices.models import Invoice

    make_invoice(source, [Charge(None, Decimal(10))], number="G1")
    with acting(admin.actor):
        Invoice.objects.filter(number="G1").update(state="superseded")
    with pytest.raises(NotFound), acting(admin.actor):
        month_report(admin.actor, MONTH)


def test_months_are_listed_newest_first_per_currency(source: Connection, admin: Person) -> None:
    for month in (AUGUST, MONTH):
        make_invoice(source, [Charge(None, Decimal(10))], month=month)
    make_invoice(source, [Charge(None, Decimal(3))], currency="USD")
    with acting(admin.actor):
        found = months(admin.actor)
    assert [(m.month, m.currency, m.invoice_total) for m in found] == [
        (MONTH, "EUR", Decimal(10)),
        (MONTH, "USD", Decimal(3)),
        (AUGUST, "EUR", Decimal(10)),
    ]


def test_another_reseller_sees_nothing(source: Connection, admin: Person) -> None:
    tenant = make_tenant(source)
    make_invoice(source, [Charge(tenant.microsoft_id, Decimal(10))])
    other = make_reseller()
    stranger = make_person(other, Role.FINANCE)
    make_tenant(make_connection(other), microsoft_id=tenant.microsoft_id)
    with acting(stranger.actor):
        assert months(stranger.actor) == []
        assert reconcile(stranger.actor) == []
        assert unassigned_of(stranger.actor, MONTH).count == 0


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.CUSTOMER_ADMIN, Role.CUSTOMER_VIEWER])
def test_money_is_for_those_who_may_see_it(role: Role, reseller: Reseller) -> None:
    organization = make_organization(reseller)
    customer = organization.pk if role.value.startswith("customer") else None
    person = make_person(reseller, role, organization_id=customer)
    with acting(person.actor), pytest.raises(NotAllowed):
        months(person.actor)
