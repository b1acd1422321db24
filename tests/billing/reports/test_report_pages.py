"""The report's pages: complete or not in plain sight, and down to each line."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from portal.core.access import Role
from portal.core.identity.models import Reseller
from tenants.connections.models import Connection
from tests.billing.ownership import link
from tests.factories.billing import Charge, make_invoice
from tests.factories.core import Person, make_person
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_connection, make_tenant

pytestmark = pytest.mark.django_db
REPORT = "/reports/2026-09/"


@pytest.fixture
def source(reseller: Reseller) -> Connection:
    return make_connection(reseller)


def test_first_use_teaches_the_import(finance: Person) -> None:
    page = finance.client().get("/reports/")
    assert "There is no month to report yet" in page.text
    assert 'href="/invoices/import/"' in page.text


def test_a_month_shows_unassigned_money_with_the_way_to_link_it(
    source: Connection, admin: Person
) -> None:
    tenant = make_tenant(source, name="Sail <b>& Rope</b>")
    make_invoice(source, [Charge(tenant.microsoft_id, Decimal("1234.50"))])
    page = admin.client().get(REPORT).text
    assert "1 tenant with €1,234.50 is unassigned" in page
    assert f"/tenants/{tenant.pk}/link/" in page
    assert escape("Sail <b>& Rope</b>") in page
    assert "Sail <b>" not in page


def test_linking_completes_the_report_at_once(
    source: Connection, reseller: Reseller, admin: Person
) -> None:
    tenant = make_tenant(source)
    make_invoice(source, [Charge(tenant.microsoft_id, Decimal("10"))])
    link(tenant, make_organization(reseller, name="Harbour Works"), admin)
    page = admin.client().get(REPORT).text
    assert "The report is complete" in page
    assert "Harbour Works" in page
    assert 'id="unassigned"' not in page


def test_the_way_down_leads_from_organization_to_tenant_to_line(
    source: Connection, reseller: Reseller, finance: Person, admin: Person
) -> None:
    tenant = make_tenant(source, name="Rope Yard")
    organization = make_organization(reseller)
    invoice = make_invoice(
        source, [Charge(tenant.microsoft_id, Decimal("10"), product="Seats of one kind")]
    )
    link(tenant, organization, admin)
    client = finance.client()
    assert f"{REPORT}organizations/{organization.pk}/" in client.get(REPORT).text
    below = client.get(f"{REPORT}organizations/{organization.pk}/").text
    assert "Rope Yard" in below
    assert f"{REPORT}tenants/{tenant.microsoft_id}/" in below
    lines = client.get(f"{REPORT}tenants/{tenant.microsoft_id}/").text
    assert "Seats of one kind" in lines
    detail = client.get(f"/invoices/{invoice.pk}/lines/1/").text
    assert "As received from Microsoft" in detail


def test_lines_that_name_no_tenant_are_listed(source: Connection, finance: Person) -> None:
    make_invoice(source, [Charge(None, Decimal("3.21"), product="Stray seats")])
    client = finance.client()
    assert "Lines that name no tenant" in client.get(REPORT).text
    assert "Stray seats" in client.get(f"{REPORT}unnamed/").text


@pytest.mark.parametrize("path", ["", "unassigned/", "export/", "lines/export/"])
def test_a_month_without_invoices_is_not_found(path: str, finance: Person) -> None:
    assert finance.client().get(f"/reports/2026-01/{path}").status_code == 404


def test_a_tenant_without_lines_is_not_found_like_an_unknown_one(
    source: Connection, finance: Person
) -> None:
    tenant = make_tenant(source)
    make_invoice(source, [Charge(uuid4(), Decimal(1))])
    client = finance.client()
    for microsoft_id in (tenant.microsoft_id, uuid4()):
        assert client.get(f"{REPORT}tenants/{microsoft_id}/").status_code == 404
    assert client.get(f"{REPORT}unnamed/").status_code == 404


@pytest.mark.parametrize("month", ["2026-13", "may", "20260", "2026-9"])
def test_what_is_no_month_says_how_one_is_written(month: str, finance: Person) -> None:
    page = finance.client().get(f"/reports/{month}/")
    assert page.status_code == 400
    assert "2026-05" in page.text


def test_paging_beyond_the_end_shows_the_first_page(source: Connection, finance: Person) -> None:
    make_invoice(source, [Charge(uuid4(), Decimal(number)) for number in range(1, 61)])
    client = finance.client()
    first = client.get(f"{REPORT}unassigned/").text
    assert "<strong>1–50</strong>" in first
    assert "<strong>51–60</strong>" in client.get(f"{REPORT}unassigned/?page=2").text
    for odd in ("999", "0", "-1", "x", "1" * 30):
        assert "<strong>1–50</strong>" in client.get(f"{REPORT}unassigned/?page={odd}").text


@pytest.mark.parametrize("role", [Role.OPERATOR])
@pytest.mark.parametrize("path", ["/reports/", REPORT, "/invoices/", "/invoices/import/"])
def test_who_may_not_see_money_is_refused(
    path: str, role: Role, source: Connection, reseller: Reseller
) -> None:
    make_invoice(source, [Charge(None, Decimal("3.21"))])
    assert make_person(reseller, role).client().get(path).status_code == 403


def test_customers_see_no_cost(source: Connection, reseller: Reseller, admin: Person) -> None:
    tenant, organization = make_tenant(source), make_organization(reseller)
    invoice = make_invoice(source, [Charge(tenant.microsoft_id, Decimal("98765.43"))])
    link(tenant, organization, admin)
    customer = make_person(reseller, Role.CUSTOMER_ADMIN, organization_id=organization.pk)
    client, api = customer.client(), customer.api()
    for path in (REPORT, f"{REPORT}export/", f"/invoices/{invoice.pk}/", "/invoices/"):
        answer = client.get(path)
        assert answer.status_code == 403
        assert "98,765" not in answer.text
    for path in ("invoices/", f"invoices/{invoice.pk}/", "reports/2026-09/", "reconciliations/"):
        assert api.get(f"/api/v1/{path}").status_code == 403


def test_the_report_costs_the_same_queries_for_many_as_for_one(
    source: Connection, reseller: Reseller, finance: Person, admin: Person
) -> None:
    def queries(month: date) -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get(f"/reports/{month:%Y-%m}/").status_code == 200
        return len(caught)

    few, many = date(2026, 7, 1), date(2026, 9, 1)
    for month, count in ((few, 1), (many, 30)):
        tenants = [make_tenant(source) for _ in range(count)]
        make_invoice(source, [Charge(t.microsoft_id, Decimal(5)) for t in tenants], month=month)
        for tenant in tenants:
            link(tenant, make_organization(reseller), admin)
    client = finance.client()
    queries(few)
    assert queries(many) == queries(few) <= 16
