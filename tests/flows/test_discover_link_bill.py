"""The job of the product from an empty portal to a complete report, by pages and by API.

Nothing stands in for anything: the pages and calls are those of people and programs, the jobs are
run as a worker runs them, and Partner Center is the simulator in this process.
"""

import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

import organizations.tasks  # noqa: F401  (registers what does the jobs)
from portal.core.access import Role, acting, system_actor
from portal.core.identity.models import Reseller
from portal.core.jobs.models import Job
from portal.core.jobs.worker import run_job
from tests.billing.worlds import PARTNER
from tests.factories.core import make_person, make_reseller
from tests.factories.organizations import make_organization
from tests.flows.world import CHARGES, HOSTILE, MONTH, NAMES, TOTAL, InProcess, microsoft_id

pytestmark = pytest.mark.django_db(transaction=True)
CONNECTION = {
    "name": "Netherlands",
    "program": "direct_bill",
    "cloud": "simulator",
    "partner_tenant": str(PARTNER["tenantId"]),
    "client_id": str(PARTNER["clientId"]),
    "secret": str(PARTNER["clientSecret"]),
}


def run_jobs(reseller: Reseller) -> None:
    """Run every waiting job as a worker would."""
    with acting(system_actor(reseller.pk, "tests")), transaction.atomic():
        waiting = list(Job.objects.filter(state=Job.State.WAITING).values_list("pk", flat=True))
    for job_id in waiting:
        run_job(job_id)
    with acting(system_actor(reseller.pk, "tests")), transaction.atomic():
        ended = dict(Job.objects.filter(pk__in=waiting).values_list("pk", "error"))
        states = set(Job.objects.filter(pk__in=waiting).values_list("state", flat=True))
    assert states == {Job.State.DONE}, ended


def text_of(visitor: Client, address: str) -> str:
    answer = visitor.get(address)
    assert answer.status_code == 200, answer.content
    return unescape(answer.content.decode())


def press(visitor: Client, address: str, **fields: str) -> str:
    """Send a form without JavaScript and return the page it leads to."""
    answer = visitor.post(address, fields, follow=True)
    assert answer.status_code == 200, answer.content
    return unescape(answer.content.decode())


def shown_form(page: str) -> dict[str, str]:
    """Return what the organization form on a page is filled with."""
    form = page[page.index('name="back"') :]
    values = dict(re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', form))
    values |= {name: value for value, name in re.findall(r'value="([^"]+)" name="(\w+)"', form)}
    country = re.search(r'<option value="(\w\w)"[^>]* selected', form)
    return values | ({"country": country[1]} if country else {})


def tenant_pages(visitor: Client) -> dict[str, str]:
    """Return the addresses of the tenants in the list by their names."""
    page = text_of(visitor, "/tenants/")
    rows = re.findall(r'class="row-link" href="(/tenants/[\w-]+/)">(.*?)</a>', page)
    return {name: address for address, name in rows}


def test_people_link_every_tenant_and_the_report_is_complete(partner_center: InProcess) -> None:
    reseller = make_reseller(name="Lantern")
    admin = make_person(reseller, Role.ADMIN).client()
    operator = make_person(reseller, Role.OPERATOR).client()
    fjord = make_organization(reseller, name="Fjord Foods AS", number="20001")

    assert "No Partner Center is connected" in text_of(admin, "/services/microsoft-csp/")
    page = press(admin, "/connections/new/", **CONNECTION)
    connection = re.search(r"/connections/([\w-]+)/test/", page)
    assert connection
    assert "Working" in press(admin, f"/connections/{connection[1]}/test/")
    press(admin, f"/discovery-runs/of/{connection[1]}/")
    run_jobs(reseller)

    page = text_of(operator, "/services/microsoft-csp/")
    assert "3 tenants are not linked to an organization" in page
    tenants = tenant_pages(operator)
    assert set(tenants) == set(NAMES.values())
    assert "<script>alert" not in operator.get("/tenants/").content.decode()
    page = text_of(operator, "/tenants/?search=bakery&tab=unlinked")
    assert "Harbour Bakery" in page and "Fjord Foods" not in page

    create = f"{tenants['Harbour Bakery']}create-organization/"
    filled = shown_form(text_of(operator, create))
    assert filled["name"] == "Harbour Bakery"
    assert filled["primary_domain"] == "customer1.example.com"
    assert filled["notification_email"] == "kim@customer1.example.com"
    assert (filled["contact_phone"], filled["country"]) == ("+31 10 123 4567", "NL")
    fields = ("name", "primary_domain", "notification_email", "contact_phone", "country")
    page = press(operator, create, **{name: filled[name] for name in fields})
    assert "Harbour Bakery is linked to" in page and "Undo" in page
    assert "2 tenants are not linked to an organization" in page

    page = press(operator, f"{tenants['Fjord Foods']}link/", organization=str(fjord.pk))
    assert "1 tenant is not linked to an organization" in page
    undo = re.search(r'action="(/tenants/links/[\w-]+/undo/)"', page)
    assert undo
    assert "2 tenants are not linked" in press(operator, undo[1])
    press(operator, f"{tenants['Fjord Foods']}link/", organization_text="20001")

    press(admin, "/invoices/import/", connection=connection[1], month=MONTH)
    run_jobs(reseller)
    report = text_of(admin, f"/reports/{MONTH}/")
    assert "€200.00" in report and "Harbour Bakery" in report and "Fjord Foods AS" in report
    assert "€0.25" in report
    alert = text_of(operator, "/tenants/")
    assert "€0.25 of what Microsoft last billed is charged to nobody" in alert

    page = press(operator, f"{tenants[HOSTILE]}link/", organization_text="Harbour Bakery")
    assert "All tenants are linked" in page
    report = admin.get(f"/api/v1/reports/{MONTH}/").json()
    assert report["is_complete"] is True
    assert report["unassigned"] == []


def test_programs_do_the_same_through_the_api(partner_center: InProcess) -> None:
    reseller = make_reseller(name="Lantern")
    admin = make_person(reseller, Role.ADMIN).api()
    operator = make_person(reseller, Role.OPERATOR).api()
    fjord = make_organization(reseller, name="Fjord Foods AS", number="20001")

    def post(program: Client, address: str, /, **body: Any) -> Any:
        answer = program.post(f"/api/v1/{address}", body, content_type="application/json")
        assert answer.status_code < 300, answer.content
        return answer.json()

    def get(program: Client, address: str) -> Any:
        answer = program.get(f"/api/v1/{address}")
        assert answer.status_code == 200, answer.content
        return answer.json()

    connection = post(admin, "connections/", **CONNECTION)
    post(admin, f"connections/{connection['id']}/test/")
    post(admin, "discovery-runs/", connection=connection["id"])
    run_jobs(reseller)
    post(admin, "invoices/", connection=connection["id"], month=MONTH)
    run_jobs(reseller)

    alert = get(operator, "alerts/unlinked-tenants/")
    assert alert["count"] == 3
    assert [(row["currency"], Decimal(row["amount"])) for row in alert["unassigned"]] == [
        ("EUR", TOTAL)
    ]
    rows = get(operator, "tenants/?linked=false&ordering=-billed_amount")["results"]
    assert [row["microsoft_id"] for row in rows] == [microsoft_id(n) for n in (1, 2, 3)]
    by_name = {row["name"]: row["id"] for row in rows}

    made = post(operator, f"tenants/{by_name['Harbour Bakery']}/create-organization/")
    assert made["organization"]["name"] == "Harbour Bakery"
    owner = get(operator, f"organizations/{made['organization']['id']}/")
    assert owner["notification_email"] == "kim@customer1.example.com"
    link = post(operator, f"tenants/{by_name['Fjord Foods']}/link/", organization=fjord.number)
    post(operator, f"links/{link['id']}/undo/")
    post(operator, f"tenants/{by_name['Fjord Foods']}/link/", organization=str(fjord.pk))

    report = get(admin, f"reports/{MONTH}/")
    totals = {row["name"]: Decimal(row["total"]) for row in report["organizations"]}
    assert totals == {"Harbour Bakery": CHARGES[1], "Fjord Foods AS": CHARGES[2]}
    assert [Decimal(row["total"]) for row in report["unassigned"]] == [CHARGES[3]]
    (sums,) = report["totals"]
    parts = (sums["assigned"], sums["unassigned"], sums["adjustments"])
    assert sum(map(Decimal, parts)) == Decimal(sums["invoice_total"]) == TOTAL
    assert Decimal(sums["difference"]) == 0

    post(operator, f"tenants/{by_name[HOSTILE]}/link/", organization=str(fjord.pk))
    assert get(operator, "alerts/unlinked-tenants/")["count"] == 0
    report = get(admin, f"reports/{MONTH}/")
    totals = {row["name"]: Decimal(row["total"]) for row in report["organizations"]}
    assert totals["Fjord Foods AS"] == CHARGES[2] + CHARGES[3]
    assert report["unassigned"] == []
