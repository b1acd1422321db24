"""The newest invoice with lines, added up to the cent, by Graph's export or page by page."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from portal.core.identity.models import Reseller
from portal.core.jobs.models import Job
from tenants.integration import totals
from tests.tenants.integration.accounts import (
    Account,
    age,
    ask,
    run_through,
    seen,
    steps,
    work,
    work_once,
)

CENT = Decimal("0.01")


def headers(account: Account, *, recurring: bool = False) -> list[dict[str, Any]]:
    """Return the account's invoices of one kind, newest first."""
    kind = "Recurring" if recurring else "OneTime"
    rows = [
        row
        for row in account.simulator.site.world.collection("invoices")
        if row["invoiceType"] == kind
    ]
    return sorted(rows, key=lambda row: str(row["invoiceDate"]), reverse=True)


def list_only(
    account: Account, rows: list[dict[str, Any]], **changes: Callable[[Any], Any]
) -> None:
    """Let the account list these invoices, with fields of the first changed."""
    shown = [dict(row) for row in rows]
    for name, change in changes.items():
        shown[0][name] = change(shown[0][name])
    body = {"totalCount": len(shown), "items": shown}
    account.fail({"path": r"^/v1/invoices(\?|$)", "action": "status", "status": 200, "body": body})


def test_new_commerce_is_added_up_through_the_export(account: Account, reseller: Reseller) -> None:
    newest = headers(account)[0]
    list_only(account, headers(account))
    row = steps(run_through(account.connect(reseller)))["totals"]
    assert row.state == "passed", row.reason
    told = seen(row)
    assert told["Invoice"] == newest["id"]
    assert Decimal(told["Total of header"].split()[0]) == Decimal(str(newest["totalCharges"]))
    assert "POST /v1.0/reports/partners/billing/reconciliation/billed/export" in account.calls


def test_recurring_is_added_up_page_by_page(account: Account, reseller: Reseller) -> None:
    account.opens(customers=6, lines=400)
    rows = headers(account, recurring=True)
    list_only(account, rows)
    row = steps(run_through(account.connect(reseller)))["totals"]
    assert row.state == "passed", row.reason
    assert seen(row)["Invoice"] == rows[0]["id"]
    assert not [call for call in account.calls if "reports/partners" in call]


@pytest.mark.parametrize("recurring", [True, False], ids=["recurring", "new commerce"])
def test_difference_of_one_cent_is_a_failure_that_names_it(
    recurring: bool, account: Account, reseller: Reseller
) -> None:
    account.opens(customers=6, lines=400)
    rows = headers(account, recurring=recurring)
    list_only(account, rows, totalCharges=lambda total: float(Decimal(str(total)) + CENT))
    row = steps(run_through(account.connect(reseller)))["totals"]
    assert (row.state, row.code) == ("failed", "sum_differs")
    assert "a difference of 0.01 " in row.reason
    assert row.advice
    told = seen(row)
    difference = Decimal(told["Total of header"].split()[0]) - Decimal(
        told["Sum of lines"].split()[0]
    )
    assert difference == CENT


def test_line_in_another_currency_is_a_failure(account: Account, reseller: Reseller) -> None:
    list_only(account, headers(account), currencyCode=lambda _: "CHF")
    row = steps(run_through(account.connect(reseller)))["totals"]
    assert (row.state, row.code) == ("failed", "mixed_currencies")
    assert "CHF" in row.reason


def test_export_that_takes_its_time_holds_no_worker(account: Account, reseller: Reseller) -> None:
    account.opens(export_seconds=600)
    test = work_once(ask(account.connect(reseller)))
    assert test.job.state == Job.State.WAITING
    assert test.job.attempts == 0
    assert steps(test)["totals"].state == "running"
    assert steps(test)["sandbox"].state == "skipped"
    test = work_once(test)
    assert test.job.state == Job.State.WAITING
    account.simulator.advance(timedelta(minutes=11))
    test = work(test)
    assert steps(test)["totals"].state == "passed", steps(test)["totals"].reason
    asked = [call for call in account.calls if call.endswith("/export")]
    assert len(asked) == 1


def test_export_that_never_ends_is_a_failure(account: Account, reseller: Reseller) -> None:
    account.opens(export_seconds=10**6)
    test = work_once(ask(account.connect(reseller)))
    age(test, "totals", totals.LONGEST_EXPORT)
    row = steps(work(test))["totals"]
    assert (row.state, row.code) == ("failed", "export_slow")


def test_export_that_expired_is_asked_for_once_more(account: Account, reseller: Reseller) -> None:
    test = work_once(ask(account.connect(reseller)))
    account.simulator.advance(timedelta(days=2))
    test = work(test)
    assert steps(test)["totals"].state == "passed", steps(test)["totals"].reason
    assert len([call for call in account.calls if call.endswith("/export")]) == 2


def test_large_invoices_are_passed_over_and_named(
    account: Account, reseller: Reseller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(totals, "MOST_LINES", 1)
    list_only(account, headers(account))
    row = steps(run_through(account.connect(reseller)))["totals"]
    assert row.state == "skipped"
    assert "import" in row.advice
    assert len(row.seen) == 3
    assert all("more than 1 lines" in fact["value"] for fact in row.seen)


def test_account_without_invoices_has_nothing_to_add_up(
    account: Account, reseller: Reseller
) -> None:
    body = {"totalCount": 0, "items": []}
    account.fail({"path": "^/v1/invoices", "action": "status", "status": 200, "body": body})
    rows = steps(run_through(account.connect(reseller)))
    assert (rows["invoices"].state, rows["totals"].state) == ("passed", "skipped")
    assert seen(rows["invoices"]) == {"Invoices": 0}
