"""Pages of the invoices."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.core.access import Role
from portal.core.identity.models import Reseller
from portal.core.jobs import operations as job_operations
from tenants.connections.models import Connection
from tests.billing.ownership import link
from tests.factories.billing import Charge, make_invoice
from tests.factories.core import Person, make_person
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_connection, make_tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(reseller: Reseller) -> Connection:
    return make_connection(reseller)


@pytest.fixture(autouse=True)
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_operations, "ring", lambda *_: True)


def test_first_use_teaches_the_import(finance: Person) -> None:
    page = finance.client().get("/invoices/").text
    assert "No invoice is imported yet" in page
    assert 'href="/invoices/import/"' in page


def test_the_list_shows_how_each_invoice_comes_out(
    source: Connection, reseller: Reseller, admin: Person
) -> None:
    tenant = make_tenant(source)
    make_invoice(
        source,
        [Charge(tenant.microsoft_id, Decimal(40)), Charge(None, Decimal("2.50"))],
        number="G7",
    )
    link(tenant, make_organization(reseller), admin)
    page = admin.client().get("/invoices/").text
    for text in ("G7", "€42.50", "€40.00", "€2.50", "Partly unassigned", "September 2026"):
        assert text in page


def test_lines_are_searched_by_customer_and_filtered(source: Connection, finance: Person) -> None:
    invoice = make_invoice(
        source,
        [
            Charge(uuid4(), Decimal(1), customer_name="Sail & Rope", product="Seats A"),
            Charge(
                uuid4(), Decimal(2), customer_name="Anchor", charge_type="new", product="Seats B"
            ),
        ],
    )
    client, path = finance.client(), f"/invoices/{invoice.pk}/"
    page = client.get(f"{path}?search=rope").text
    assert "Seats A" in page and "Seats B" not in page
    page = client.get(f"{path}?charge_type=new").text
    assert "Seats B" in page and "Seats A" not in page
    assert client.get(f"{path}?charge_type=unheard").status_code == 422


def test_unassigned_lines_have_a_tab_of_their_own(
    source: Connection, reseller: Reseller, admin: Person
) -> None:
    tenant = make_tenant(source)
    invoice = make_invoice(
        source,
        [
            Charge(tenant.microsoft_id, Decimal(1), product="Seats A"),
            Charge(uuid4(), Decimal(2), product="Seats B"),
        ],
    )
    link(tenant, make_organization(reseller, name="Harbour Works"), admin)
    client = admin.client()
    assert "Harbour Works" in client.get(f"/invoices/{invoice.pk}/").text
    page = client.get(f"/invoices/{invoice.pk}/?tab=unassigned").text
    assert "Seats B" in page and "Seats A" not in page


def test_pages_of_lines_lead_on_and_back(source: Connection, finance: Person) -> None:
    charges = [Charge(uuid4(), Decimal(1), product=f"Seats {n:03}") for n in range(1, 61)]
    invoice = make_invoice(source, charges)
    client, path = finance.client(), f"/invoices/{invoice.pk}/"
    first = client.get(path)
    assert "Seats 025" in first.text and "Seats 026" not in first.text
    page = first.context["page"]
    assert page.count == 60
    second = client.get(path + page.next)
    assert "Seats 026" in second.text and "Seats 025" not in second.text
    last = client.get(path + page.last)
    assert "Seats 060" in last.text


def test_an_old_version_says_so(source: Connection, finance: Person) -> None:
    old = make_invoice(source, [Charge(None, Decimal(1))], number="G1")
    from billing.invoices.models import Invoice
    from portal.core.access import acting

    with acting(finance.actor):
        Invoice.objects.filter(pk=old.pk).update(state="superseded")
    page = finance.client().get(f"/invoices/{old.pk}/").text
    assert "Microsoft changed this invoice" in page
    assert "Export lines" not in page
    assert finance.client().get(f"/invoices/{old.pk}/export/").status_code == 404


def test_the_import_form_asks_for_last_month_and_leads_to_the_job(
    source: Connection, finance: Person
) -> None:
    client = finance.client()
    form = client.get("/invoices/import/")
    assert source.name in form.text
    answer = client.post("/invoices/import/", {"connection": source.pk, "month": "2026-09"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/jobs/")
    again = client.post("/invoices/import/", {"connection": source.pk, "month": ""})
    assert again.status_code == 422
    assert "is waiting already" in again.text
    assert "Import invoices of 2026-09" in client.get("/invoices/").text


@pytest.mark.parametrize("month", ["2026-13", "next", "2999-01"])
def test_a_bad_month_is_told_beside_its_field(
    month: str, source: Connection, finance: Person
) -> None:
    answer = finance.client().post(
        "/invoices/import/",
        {"connection": source.pk, "month": month},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 422
    assert "form-error" in answer.text


def test_a_foreign_connection_is_no_choice(source: Connection, finance: Person) -> None:
    from tests.factories.core import make_reseller

    foreign = make_connection(make_reseller())
    answer = finance.client().post("/invoices/import/", {"connection": foreign.pk})
    assert answer.status_code == 422
    assert foreign.name not in answer.text


def test_an_auditor_reads_and_cannot_import(source: Connection, reseller: Reseller) -> None:
    invoice = make_invoice(source, [Charge(None, Decimal(1))])
    client = make_person(reseller, Role.AUDITOR).client()
    assert "Import invoices" not in client.get("/invoices/").text
    assert client.get(f"/invoices/{invoice.pk}/").status_code == 200
    assert client.post("/invoices/import/", {"connection": source.pk}).status_code == 403


def test_lists_cost_the_same_queries_for_many_as_for_one(
    source: Connection, reseller: Reseller, admin: Person
) -> None:
    tenants = [make_tenant(source) for _ in range(20)]
    few = make_invoice(source, [Charge(tenants[0].microsoft_id, Decimal(1))])
    many = make_invoice(source, [Charge(t.microsoft_id, Decimal(1)) for t in tenants] * 2)
    for tenant in tenants[:10]:
        link(tenant, make_organization(reseller), admin)
    client = admin.client()

    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get(path).status_code == 200
        return len([q for q in caught if "SAVEPOINT" not in q["sql"]])

    queries("/invoices/")
    assert queries(f"/invoices/{few.pk}/") == queries(f"/invoices/{many.pk}/") <= 12
    assert queries("/invoices/") <= 10
