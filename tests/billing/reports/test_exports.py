"""Exports: stable columns, exact sums, counts, and nothing a spreadsheet would run."""

import csv
import io
from collections import defaultdict
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from billing.reports.exports import LINE_COLUMNS, REPORT_COLUMNS
from portal.core.access import Role, acting
from portal.core.audit.models import AuditEvent
from portal.core.identity.models import Reseller
from tenants.connections.models import Connection
from tests.billing.ownership import link
from tests.factories.billing import Charge, make_invoice
from tests.factories.core import Person, make_person
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_connection, make_tenant

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def source(reseller: Reseller) -> Connection:
    return make_connection(reseller)


def read(answer: Any) -> tuple[list[dict[str, str]], str]:
    """Return the rows of a CSV answer and its closing line."""
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    return rows[:-1], next(iter(rows[-1].values()))


def test_the_column_of_totals_adds_up_to_the_invoices(
    source: Connection, reseller: Reseller, admin: Person
) -> None:
    tenant = make_tenant(source, name="Linked")
    link(tenant, make_organization(reseller, name="Harbour Works", number="C1"), admin)
    make_invoice(
        source,
        [
            Charge(tenant.microsoft_id, Decimal("10.123456"), Decimal("2")),
            Charge(uuid4(), Decimal("-4.5")),
            Charge(None, Decimal("1000000")),
        ],
        number="G1",
    )
    make_invoice(
        source,
        [Charge(tenant.microsoft_id, Decimal("3"))],
        number="D1",
        invoice_type="Recurring",
        total=Decimal("2.25"),
    )
    make_invoice(source, [Charge(None, Decimal("9"))], number="G2", currency="USD")
    rows, closing = read(admin.client().get("/reports/2026-09/export/"))
    assert tuple(rows[0]) == REPORT_COLUMNS
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[row["currency"]] += Decimal(row["total"])
    assert sums == {"EUR": Decimal("1000007.623456") + Decimal("2.25"), "USD": Decimal("9")}
    assert closing == f"# {len(rows)} rows"
    assert [row["section"] for row in rows].count("adjustment") == 1
    first = rows[0]
    assert (first["section"], first["organization_number"], first["organization"]) == (
        "assigned",
        "C1",
        "Harbour Works",
    )
    assert {row["total"] for row in rows} >= {"12.123456", "-4.50", "1000000.00", "-0.75"}


def test_names_from_strangers_are_not_formulas(source: Connection, admin: Person) -> None:
    make_invoice(
        source,
        [Charge(uuid4(), Decimal("-1"), customer_name="=HYPERLINK(1)", product="+1+cmd")],
        number="@G1",
    )
    for path in ("/reports/2026-09/export/", "/reports/2026-09/lines/export/"):
        rows, _ = read(admin.client().get(path))
        assert all(not cell.startswith(("=", "+", "@")) for row in rows for cell in row.values())
        assert rows[0]["total"] == "-1.00"


def test_lines_are_exported_whole_and_in_order(
    source: Connection, reseller: Reseller, admin: Person
) -> None:
    tenant = make_tenant(source)
    link(tenant, make_organization(reseller, number="C7"), admin)
    charges = [Charge(tenant.microsoft_id, Decimal(n) / 100) for n in range(1, 2_502)]
    invoice = make_invoice(source, charges, number="G1")
    make_invoice(source, [Charge(None, Decimal(5))], number="G2")
    client = admin.client()
    rows, closing = read(client.get("/reports/2026-09/lines/export/"))
    assert tuple(rows[0]) == LINE_COLUMNS
    assert closing == "# 2502 rows"
    assert [row["line"] for row in rows[:-1]] == [str(n) for n in range(1, 2_502)]
    assert {row["organization_number"] for row in rows[:-1]} == {"C7"}
    assert (rows[-1]["invoice"], rows[-1]["section"]) == ("G2", "unassigned")
    rows, closing = read(client.get(f"/invoices/{invoice.pk}/export/"))
    assert closing == "# 2501 rows"
    assert sum((Decimal(row["total"]) for row in rows), Decimal(0)) == invoice.total


def test_the_api_exports_the_same(source: Connection, admin: Person) -> None:
    invoice = make_invoice(source, [Charge(None, Decimal(5))], number="G1")
    api, client = admin.api(), admin.client()
    for ours, theirs in (
        ("/api/v1/reports/2026-09/export/", "/reports/2026-09/export/"),
        (f"/api/v1/invoices/{invoice.pk}/export/", f"/invoices/{invoice.pk}/export/"),
    ):
        assert read(api.get(ours)) == read(client.get(theirs))


def test_an_export_is_written_down(source: Connection, admin: Person) -> None:
    make_invoice(source, [Charge(None, Decimal(5))])
    read(admin.client().get("/reports/2026-09/export/"))
    with acting(admin.actor), transaction.atomic():
        event = AuditEvent.objects.get(action="billing.report_exported")
    assert (event.subject_label, event.actor_label) == ("2026-09", admin.actor.label)


def test_another_resellers_lines_are_in_no_export(source: Connection, admin: Person) -> None:
    from tests.factories.core import make_reseller

    make_invoice(source, [Charge(None, Decimal(5))])
    other = make_reseller()
    foreign = make_invoice(
        make_connection(other), [Charge(None, Decimal("31337"))], number="SECRET"
    )
    stranger = make_person(other, Role.FINANCE).client()
    client = admin.client()
    rows, _ = read(client.get("/reports/2026-09/lines/export/"))
    assert {row["total"] for row in rows} == {"5.00"}
    rows, _ = read(stranger.get("/reports/2026-09/export/"))
    assert {row["invoice"] for row in rows} == {"SECRET"}
    for path in (f"/invoices/{foreign.pk}/", f"/invoices/{foreign.pk}/export/"):
        assert client.get(path).status_code == 404
