"""``import_invoices`` and ``reconcile``: what they print, and when they fail."""

import csv
import io
import json
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from portal.core.identity.models import Reseller
from tenants.connections.models import Connection
from tests.billing.conftest import Show
from tests.billing.worlds import Center, line
from tests.factories.billing import Charge, make_invoice
from tests.factories.tenants import make_connection

pytestmark = pytest.mark.django_db(transaction=True)
COLUMNS = [
    "invoice",
    "currency",
    "invoice_total",
    "assigned",
    "unassigned",
    "adjustments",
    "difference",
]


def call(name: str, reseller: Reseller, **options: Any) -> str:
    out = io.StringIO()
    call_command(name, reseller=reseller.slug, stdout=out, **options)
    return out.getvalue()


def test_import_then_reconcile(show: Show, source: Connection, reseller: Reseller) -> None:
    show({"G1": [line(1, subtotal="10.5"), line(2, subtotal="-0.000001")]})
    printed = call("import_invoices", reseller, month="2026-09")
    assert printed == f"{source.name}: 1 imported (2 lines read)\n"
    assert "1 unchanged" in call("import_invoices", reseller)
    (row,) = csv.DictReader(io.StringIO(call("reconcile", reseller, month="2026-09")))
    assert list(row) == COLUMNS
    assert row == {
        "invoice": "G1",
        "currency": "EUR",
        "invoice_total": "10.499999",
        "assigned": "0.00",
        "unassigned": "10.499999",
        "adjustments": "0.00",
        "difference": "0.00",
    }
    (same,) = json.loads(call("reconcile", reseller, month="2026-09", format="json"))
    assert same == row


def test_a_refused_invoice_ends_in_an_error_that_names_it(
    show: Show, source: Connection, reseller: Reseller
) -> None:
    show({"G1": [line(1)]}, totalCharges=Decimal("999"))
    with pytest.raises(CommandError, match=r"Invoice G1 is 999\.00 EUR"):
        call("import_invoices", reseller, month="2026-09")


def test_a_transient_failure_is_told_at_once(
    show: Show, center: Center, source: Connection, reseller: Reseller
) -> None:
    center.simulator.faults.replace([{"path": "/v1/invoices", "action": "status", "status": 503}])
    with pytest.raises(CommandError, match=source.name):
        call("import_invoices", reseller)


@pytest.mark.parametrize("command", ["import_invoices", "reconcile"])
@pytest.mark.parametrize("month", ["2026-13", "May", "2026-9", "26-09"])
def test_what_is_no_month_is_refused(command: str, month: str, reseller: Reseller) -> None:
    with pytest.raises(CommandError, match=r"is not a month\. Write year and month"):
        call(command, reseller, month=month)


def test_unknown_names_are_told_with_those_there_are(
    source: Connection, reseller: Reseller
) -> None:
    with pytest.raises(CommandError, match=reseller.slug):
        call_command("reconcile", reseller="nobody", month="2026-09")
    with pytest.raises(CommandError, match="no connection called “Other”"):
        call("import_invoices", reseller, connection="Other")


def test_a_reseller_without_a_connection_is_told_to_connect(reseller: Reseller) -> None:
    with pytest.raises(CommandError, match="has no connection yet"):
        call("import_invoices", reseller)


def test_reconciling_a_month_without_invoices_says_how_to_get_them(reseller: Reseller) -> None:
    with pytest.raises(CommandError, match="import_invoices"):
        call("reconcile", reseller, month="2026-05")


def test_a_difference_ends_in_an_error(reseller: Reseller, monkeypatch: pytest.MonkeyPatch) -> None:
    from billing.management.commands import reconcile as command
    from billing.reconciliation.queries import reconcile

    make_invoice(make_connection(reseller), [Charge(None, Decimal(5))], number="G1")

    def lose_a_cent(*args: Any, **options: Any) -> list[Any]:
        from dataclasses import replace

        return [
            replace(part, unassigned=part.unassigned - Decimal("0.01"))
            for part in reconcile(*args, **options)
        ]

    monkeypatch.setattr(command, "reconcile", lose_a_cent)
    with pytest.raises(CommandError, match=r"G1 \(0.01 EUR\)"):
        call("reconcile", reseller, month="2026-09")
