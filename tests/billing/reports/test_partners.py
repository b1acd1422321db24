"""The statement per sub-reseller: every line is in it once, and together they are the invoices."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from billing.invoices.operations import import_invoices
from organizations.directory.models import Organization
from portal.core.access import acting, system_actor
from portal.core.identity.models import Reseller
from portal.core.jobs.models import Job
from tenants.connections.models import Connection
from tests.billing.conftest import Show, carry_out
from tests.billing.reports.test_exports import read
from tests.billing.worlds import line
from tests.factories.core import Person
from tests.factories.organizations import make_organization

pytestmark = pytest.mark.django_db(transaction=True)

NORTH, STRANGE = "4847383", "9999999"
SAID: tuple[tuple[dict[str, Any], str], ...] = (
    ({"resellerMpnId": "0"}, "10.10"),
    ({"resellerMpnId": "-1"}, "1.01"),
    ({"resellerMpnId": ""}, "2.02"),
    ({}, "3.03"),
    ({"resellerMpnId": NORTH}, "40.40"),
    ({"Tier2MpnId": int(NORTH)}, "5.05"),
    ({"resellerMpnId": NORTH}, "-0.55"),
    ({"resellerMpnId": STRANGE}, "7.07"),
)


@pytest.fixture
def north(reseller: Reseller) -> Organization:
    row = make_organization(
        reseller, name="North IT", number="S1", kind=Organization.Kind.SUB_RESELLER
    )
    with acting(system_actor(reseller.pk, "tests")), transaction.atomic():
        Organization.objects.filter(pk=row.pk).update(mpn_id=NORTH)
    return row


def import_month(admin: Person, source: Connection) -> None:
    with acting(admin.actor):
        job = import_invoices(source, actor=admin.actor, month=date(2026, 9, 1))
    assert carry_out(admin, job).state == Job.State.DONE


def test_direct_and_each_sub_reseller_together_are_the_invoice(
    admin: Person, source: Connection, show: Show, north: Organization
) -> None:
    show(
        {
            "G000001": [
                line(number, subtotal=amount, **said)
                for number, (said, amount) in enumerate(SAID, start=1)
            ]
        }
    )
    import_month(admin, source)
    answer = admin.api().get("/api/v1/reports/2026-09/resellers/")
    assert answer.status_code == 200, answer.content
    rows = answer.json()["resellers"]
    assert {(row["kind"], row["mpn_id"], row["name"]): Decimal(row["total"]) for row in rows} == {
        ("direct", "", ""): Decimal("16.16"),
        ("indirect", NORTH, "North IT"): Decimal("44.90"),
        ("indirect", STRANGE, ""): Decimal("7.07"),
    }
    assert [row["organization"] for row in rows if row["name"]] == [str(north.pk)]
    whole = sum(Decimal(amount) for _, amount in SAID)
    assert sum(Decimal(row["total"]) for row in rows) == whole
    report = admin.api().get("/api/v1/reports/2026-09/").json()
    assert Decimal(report["totals"][0]["invoice_total"]) == whole


def test_the_page_shows_one_of_the_two_and_the_file_both(
    admin: Person, source: Connection, show: Show, north: Organization
) -> None:
    show(
        {
            "G000001": [
                line(1, subtotal="10", resellerMpnId="0"),
                line(2, subtotal="20", resellerMpnId=NORTH),
            ]
        }
    )
    import_month(admin, source)
    client = admin.client()
    address = "/reports/2026-09/resellers/"
    whole = client.get(address).content.decode()
    assert north.name in whole and ">Direct</th>" in whole
    assert north.name not in client.get(address, {"view": "direct"}).content.decode()
    assert ">Direct</th>" not in client.get(address, {"view": "indirect"}).content.decode()
    rows, _ = read(client.get(f"{address}export/"))
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[row["kind"]] += Decimal(row["total"])
    assert sums == {"direct": Decimal(10), "indirect": Decimal(20)}
    assert {row["connection"] for row in rows} == {source.name}


def test_what_stands_beside_the_lines_is_in_the_statement_in_words(
    admin: Person, source: Connection, show: Show, north: Organization
) -> None:
    said = [
        line(1, subtotal="10", billingProvider="office", resellerMpnId=NORTH),
        line(2, subtotal="5", billingProvider="office"),
    ]
    show({"D1": said}, totalCharges=Decimal("12.50"))
    import_month(admin, source)
    address = "/reports/2026-09/resellers/"
    page = admin.client().get(address).content.decode()
    assert "Adjustment" in page and "not_in_lines" not in page
    assert "€12.50" in page.partition("<tfoot>")[2]
    assert (
        "€10.00"
        in admin.client()
        .get(address, {"view": "indirect"})
        .content.decode()
        .partition("<tfoot>")[2]
    )
    rows, _ = read(admin.client().get(f"{address}export/"))
    assert [Decimal(row["total"]) for row in rows if row["kind"] == "adjustment"] == [
        Decimal("-2.5")
    ]
    assert sum(Decimal(row["total"]) for row in rows) == Decimal("12.5")


def test_a_month_without_an_invoice_has_no_statement(admin: Person) -> None:
    assert admin.client().get("/reports/2026-01/resellers/").status_code == 404
    assert admin.api().get("/api/v1/reports/2026-01/resellers/").status_code == 404
