"""The billing part of the API."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from portal.core.access import Role
from portal.core.identity.models import Reseller
from portal.core.jobs.models import Job
from tenants.connections.models import Connection
from tests.billing.conftest import Show, carry_out
from tests.billing.ownership import link
from tests.billing.worlds import line
from tests.factories.billing import Charge, make_invoice
from tests.factories.core import Person, make_person, make_reseller
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_connection, make_tenant

pytestmark = pytest.mark.django_db(transaction=True)
API = "/api/v1/"


def post(api: Any, path: str, body: dict[str, Any]) -> Any:
    return api.post(f"{API}{path}", body, content_type="application/json")


def test_an_import_is_asked_for_and_its_invoice_read(
    show: Show, source: Connection, finance: Person
) -> None:
    show({"G1": [line(1, subtotal="10.50"), line(2, subtotal="1", customerId="")]})
    api = finance.api()
    answer = post(api, "invoices/", {"connection": str(source.pk), "month": "2026-09"})
    assert answer.status_code == 202
    job = Job(pk=answer.json()["id"])
    assert carry_out(finance, job).state == Job.State.DONE
    (found,) = api.get(f"{API}invoices/?month=2026-09").json()["results"]
    assert (found["number"], found["month"], found["total"]) == ("G1", "2026-09", "11.500000")
    lines = api.get(f"{API}invoices/{found['id']}/lines/").json()["results"]
    assert [(row["number"], row["total"]) for row in lines] == [(1, "10.500000"), (2, "1.000000")]
    assert lines[1]["tenant"] is None


@pytest.mark.parametrize("month", ["5%", "%s", "%(detail)s"])
def test_what_is_no_month_is_refused_whatever_it_holds(month: str, finance: Person) -> None:
    answer = finance.api().get(f"{API}invoices/", {"month": month})
    assert answer.status_code == 400
    assert "is not a month" in str(answer.json()["fields"]["month"])
    assert month in str(answer.json()["fields"]["month"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"month": "2026-09"}, "connection"),
        ({"connection": "x", "month": "2026-09"}, "connection"),
        ({"connection": None, "month": "2026-09"}, "connection"),
        ({"month": "2026-13"}, "month"),
        ({"month": "May"}, "month"),
        ({"month": "2999-01"}, "month"),
    ],
)
def test_a_bad_import_names_the_field(
    body: dict[str, Any], field: str, source: Connection, finance: Person
) -> None:
    given = (
        body
        if "connection" in body or field == "connection"
        else {
            "connection": str(source.pk),
            **body,
        }
    )
    answer = post(finance.api(), "invoices/", given)
    assert answer.status_code == 400
    assert field in answer.json()["fields"]


def test_a_foreign_connection_and_an_unknown_one_look_alike(
    source: Connection, finance: Person
) -> None:
    foreign = make_connection(make_reseller())
    answers = [
        post(finance.api(), "invoices/", {"connection": str(pk), "month": "2026-09"})
        for pk in (foreign.pk, uuid4())
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert answers[0].content == answers[1].content


def test_a_second_import_is_told_of_the_first(source: Connection, finance: Person) -> None:
    api, body = finance.api(), {"connection": str(source.pk)}
    first = post(api, "invoices/", body).json()
    second = post(api, "invoices/", body)
    assert (second.status_code, second.json()["code"]) == (409, "job_open")
    assert second.json()["job"] == first["id"]


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.OPERATOR])
def test_who_may_not_import_is_refused(role: Role, source: Connection, reseller: Reseller) -> None:
    answer = post(make_person(reseller, role).api(), "invoices/", {"connection": str(source.pk)})
    assert answer.status_code == 403


def test_lines_are_narrowed_by_charge_tenant_customer_and_owner(
    reseller: Reseller, admin: Person
) -> None:
    source = make_connection(reseller)
    mine, stray = make_tenant(source), uuid4()
    invoice = make_invoice(
        source,
        [
            Charge(mine.microsoft_id, Decimal(1), customer_name="Sail & Rope"),
            Charge(stray, Decimal(2), customer_name="Stray", charge_type="new"),
            Charge(None, Decimal(3), customer_name="", charge_type="new"),
            *[Charge(mine.microsoft_id, Decimal(4), customer_name="Sail & Rope")] * 50,
        ],
    )
    link(mine, make_organization(reseller), admin)
    api = admin.api()

    def totals(query: str) -> list[Decimal]:
        answer = api.get(f"{API}invoices/{invoice.pk}/lines/?{query}")
        assert answer.status_code == 200, answer.content
        return [Decimal(row["total"]) for row in answer.json()["results"]]

    assert totals("unassigned=true") == [2, 3]
    assert totals("unassigned=false") == [1, *[4] * 49]
    assert totals("charge_type=new") == [2, 3]
    assert totals("charge_type=new&unassigned=true&search=stray") == [2]
    assert totals(f"tenant={stray}") == [2]
    assert totals("search=ROPE&page_size=1") == [1]
    assert totals(f"search={stray}") == [2]
    assert totals("search=nobody") == []
    assert api.get(f"{API}invoices/{invoice.pk}/lines/?tenant=x").status_code == 400


def test_lines_are_paged_to_the_last_one(reseller: Reseller, finance: Person) -> None:
    invoice = make_invoice(make_connection(reseller), [Charge(None, Decimal(1))] * 25)
    api, numbers = finance.api(), []
    address: str | None = f"{API}invoices/{invoice.pk}/lines/?page_size=10"
    while address:
        page = api.get(address).json()
        numbers += [row["number"] for row in page["results"]]
        address = page["next"]
    assert numbers == list(range(1, 26))


def test_reconciliations_have_a_row_per_invoice_and_currency(
    reseller: Reseller, finance: Person
) -> None:
    source = make_connection(reseller)
    make_invoice(source, [Charge(None, Decimal("1.5"))], number="G1")
    make_invoice(source, [Charge(uuid4(), Decimal(2))], number="G2", currency="USD")
    rows = finance.api().get(f"{API}reconciliations/?month=2026-09&ordering=invoice").json()
    assert [
        (row["invoice"], row["currency"], row["unassigned"], row["difference"])
        for row in rows["results"]
    ] == [("G1", "EUR", "1.50", "0.00"), ("G2", "USD", "2.00", "0.00")]
    assert finance.api().get(f"{API}reconciliations/?month=2026-10").json()["results"] == []
    assert finance.api().get(f"{API}reconciliations/?month=october").status_code == 400


def test_a_months_report_is_one_document(reseller: Reseller, admin: Person) -> None:
    source = make_connection(reseller)
    tenant, organization = make_tenant(source), make_organization(reseller, number="C1")
    make_invoice(source, [Charge(tenant.microsoft_id, Decimal(5)), Charge(None, Decimal(1))])
    link(tenant, organization, admin)
    api = admin.api()
    (month,) = api.get(f"{API}reports/").json()["results"]
    assert (month["month"], month["assigned"], month["unassigned"]) == ("2026-09", "5.00", "1.00")
    report = api.get(f"{API}reports/2026-09/").json()
    assert report["is_complete"] is False
    assert [(row["number"], row["total"]) for row in report["organizations"]] == [("C1", "5.00")]
    assert [(row["tenant"], row["total"]) for row in report["unassigned"]] == [(None, "1.00")]
    assert report["totals"][0]["difference"] == "0.00"
    assert api.get(f"{API}reports/2026-10/").status_code == 404
    assert api.get(f"{API}reports/2026-1/").status_code == 400
