"""Invoices and their lines, beside the fidelity rules in rules/test_invoices.py."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from partnercenter.simulator.pdf import write_pdf
from tests.partnercenter.simulator.calls import Caller, app_caller, user_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_worlds import make_invoice, make_line

OFFICE = {"billingProvider": "office", "attributes": {"objectType": "LicenseBasedLineItem"}}
AZURE = {"billingProvider": "azure", "attributes": {"objectType": "UsageBasedLineItem"}}
USAGE = {"invoiceLineItemType": "usage_line_items"}
MIXED = [
    make_line(1, **OFFICE),
    make_line(2, **AZURE),
    make_line(3, **AZURE, **USAGE),
    make_line(4, **OFFICE),
    make_line(5, **OFFICE),
    make_line(6),
    make_line(7, billingProvider="marketplace", **USAGE),
]


def subscriptions(rows: list[dict[str, Any]]) -> list[int]:
    return [int(row["subscriptionId"][-12:]) for row in rows]


def test_list_mixes_kinds_and_pages_the_legacy_ones_only(
    make_simulator: MakeSimulator,
) -> None:
    ids = ["D1", "G1", "D2", "G2", "D3"]
    caller = app_caller(make_simulator(invoices=[make_invoice(one) for one in ids]))

    def page(query: str) -> dict[str, Any]:
        body: dict[str, Any] = caller.get(f"/v1/invoices{query}").json()
        return body

    assert [item["id"] for item in page("")["items"]] == ids
    first, second = page("?size=2&offset=0"), page("?size=2&offset=2")
    assert [item["id"] for item in first["items"]] == ["D1", "G1", "D2", "G2"]
    assert [item["id"] for item in second["items"]] == ["G1", "G2", "D3"]
    assert first["links"]["next"]["uri"] == "/invoices?size=2&offset=2"
    assert "next" not in second["links"]


def test_by_id_needs_a_user_and_the_statement_is_pdf(
    make_simulator: MakeSimulator,
) -> None:
    simulator = make_simulator(invoices=[make_invoice("G1")])
    user = user_caller(simulator)
    assert app_caller(simulator).get("/v1/invoices/G1").code == 900329
    assert user.get("/v1/invoices/g1").json()["id"] == "G1"
    statement = user.get("/v1/invoices/G1/documents/statement")
    assert statement.headers["content-type"] == "application/pdf"
    assert statement.body.startswith(b"%PDF-")
    assert b"Invoice G1" in statement.body
    receipt = "/v1/invoices/G1/receipts/{}/documents/statement"
    assert user.get(receipt.format("77")).headers["content-type"] == "application/pdf"
    assert user.get(receipt.format("78")).status == 404


def test_pdf_table_of_objects_points_at_them() -> None:
    content = write_pdf(["one (1)", "zwei \\ ü"])
    start = int(content.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    assert content[start : start + 4] == b"xref"
    entries = content[start:].split(b"\n")[3:8]
    for number, entry in enumerate(entries, start=1):
        assert content[int(entry[:10]) :].startswith(b"%d 0 obj" % number)


def test_invoices_are_filtered_by_a_range_of_dates(make_simulator: MakeSimulator) -> None:
    dates = {"G1": "2026-08-05", "G2": "2026-09-05", "G3": "2026-10-05"}
    invoices = [make_invoice(one, invoiceDate=f"{day}T08:00:00Z") for one, day in dates.items()]
    caller = app_caller(make_simulator(invoices=invoices))
    bound = '{"Field":"InvoiceDate","Value":"%s","Operator":"%s"}'
    text = (
        '{"LeftFilter":'
        + bound % ("2026-09-01", "greater_than_or_equals")
        + ',"Operator":"And","RightFilter":'
        + bound % ("2026-09-30", "LessThanOrEquals")
        + "}"
    )
    body = caller.get(f"/v1/invoices?filter={quote(text)}").json()
    assert [item["id"] for item in body["items"]] == ["G2"]
    for wrong in (bound % ("2026-09-01", "equals"), bound.replace("InvoiceDate", "Total")):
        assert caller.get(f"/v1/invoices?filter={quote(wrong)}").status == 400


def test_summaries_add_up_per_currency_and_kind(make_simulator: MakeSimulator) -> None:
    invoices = [
        make_invoice("D1", totalCharges=0.1, paidAmount=0.05, invoiceDate="2026-08-05T00:00:00Z"),
        make_invoice("G1", totalCharges=0.2),
        make_invoice("G2", totalCharges=-0.05),
        make_invoice("G3", totalCharges=7, currencyCode="USD"),
    ]
    simulator = make_simulator(invoices=invoices)
    items = user_caller(simulator).get("/v1/invoices/summaries").json()["items"]
    assert [(item["currencyCode"], item["balanceAmount"]) for item in items] == [
        ("EUR", 0.2),
        ("USD", 7.0),
    ]
    euro = items[0]
    assert [(one["invoiceType"], one["summary"]["balanceAmount"]) for one in euro["details"]] == [
        ("Recurring", 0.05),
        ("OneTime", 0.15),
    ]
    assert euro["lastPaymentDate"] == "2026-08-05T00:00:00Z"
    assert items[1]["lastPaymentDate"] == "0001-01-01T00:00:00"
    assert app_caller(simulator).get("/v1/invoices/summary").json()["currencyCode"] == "EUR"


def test_summary_without_invoices_is_not_found(app: Caller) -> None:
    assert app.get("/v1/invoices/summary").status == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("provider=office", [1, 4, 5]),
        ("provider=Office&nvoicelineitemtype=BillingLineItems", [1, 4, 5]),
        ("provider=azure&invoicelineitemtype=billinglineitems", [2]),
        ("Provider=Azure&InvoiceLineItemType=UsageLineItems", [3]),
        ("provider=onetime&invoicelineitemtype=billing_line_items", [6]),
        ("provider=onetime&invoicelineitemtype=usagelineitems", [7]),
        ("provider=marketplace&invoicelineitemtype=usagelineitems", [7]),
        ("provider=all", [1, 2, 4, 5, 6]),
        ("provider=onetime&currencycode=usd", []),
    ],
)
def test_lines_are_chosen_by_provider_and_type(
    make_simulator: MakeSimulator, query: str, found: list[int]
) -> None:
    simulator = make_simulator(invoices=[make_invoice("D1")], lines={"D1": MIXED})
    body = app_caller(simulator).get(f"/v1/invoices/D1/lineitems?{query}").json()
    assert subscriptions(body["items"]) == found


def test_provider_and_type_may_stand_in_the_path(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator(invoices=[make_invoice("D1")], lines={"D1": MIXED})
    target = "/v1/invoices/Recurring-D1/lineitems/Azure/UsageLineItems"
    assert subscriptions(app_caller(simulator).get(target).json()["items"]) == [3]


@pytest.mark.parametrize(
    "target",
    ["D1/lineitems", "D1/lineitems?provider=bank", "D1/lineitems/Office/Everything"],
)
def test_unknown_provider_or_type_is_refused(make_simulator: MakeSimulator, target: str) -> None:
    caller = app_caller(make_simulator(invoices=[make_invoice("D1")]))
    assert caller.get(f"/v1/invoices/{target}").status == 400


def test_one_time_amounts_are_text_when_switched_and_legacy_ones_numbers(
    make_simulator: MakeSimulator,
) -> None:
    simulator = make_simulator(
        invoices=[make_invoice("D1")],
        lines={"D1": MIXED},
        switches={"one_time_numbers_as_strings": True},
    )
    caller = app_caller(simulator)
    one_time = caller.get("/v1/invoices/D1/lineitems?provider=onetime").json()["items"][0]
    legacy = caller.get("/v1/invoices/D1/lineitems?provider=office").json()["items"][0]
    assert (one_time["unitPrice"], one_time["quantity"]) == ("1.5", "2")
    assert (legacy["unitPrice"], legacy["quantity"]) == (1.5, 2)
    assert one_time["pcToBCExchangeRateDate"] == "0001-01-01T00:00:00"


def test_one_time_pages_need_header_and_operation(make_simulator: MakeSimulator) -> None:
    lines = [make_line(number) for number in range(1, 6)]
    simulator = make_simulator(invoices=[make_invoice("G1")], lines={"G1": lines})
    caller = app_caller(simulator)
    target = (
        "/v1/invoices/G1/lineitems?provider=onetime&invoicelineitemtype=billinglineitems&size=2"
    )
    first = caller.get(target).json()
    token = first["links"]["next"]["headers"][0]["value"]
    assert first["continuationToken"] == token
    assert subscriptions(caller.get(f"{target}&seekOperation=Next").json()["items"]) == [1, 2]
    assert subscriptions(caller.all_items(target)) == [1, 2, 3, 4, 5]
    # Repeating the size is what the Java client forgot; the token remembers it.
    short = target.replace("&size=2", "&seekOperation=Next")
    second = caller.get(short, headers={"MS-ContinuationToken": token}).json()
    assert subscriptions(second["items"]) == [3, 4]


def test_legacy_pages_go_by_offset_in_any_order(make_simulator: MakeSimulator) -> None:
    lines = [make_line(number, **(OFFICE if number % 2 else AZURE)) for number in range(1, 20)]
    simulator = make_simulator(invoices=[make_invoice("D1")], lines={"D1": lines})
    caller = app_caller(simulator)
    target = "/v1/invoices/D1/lineitems?provider=office&size=3&offset={}"
    for offset in (0, 3, 6, 9, 7, 3):
        body = caller.get(target.format(offset)).json()
        assert subscriptions(body["items"]) == list(range(1, 20, 2))[offset : offset + 3]
        assert "continuationToken" not in body
        assert ("next" in body["links"]) == (offset < 7)


def test_page_size_is_capped_at_2000(make_simulator: MakeSimulator) -> None:
    lines = [make_line(number, **OFFICE) for number in range(2001)]
    simulator = make_simulator(invoices=[make_invoice("D1")], lines={"D1": lines})
    caller = app_caller(simulator)
    for query in ("&size=5000", "", "&size=0"):
        body = caller.get(f"/v1/invoices/D1/lineitems?provider=office{query}").json()
        assert len(body["items"]) == 2000


def test_unbilled_lines_have_no_invoice_number_and_a_period(
    make_simulator: MakeSimulator,
) -> None:
    lines = {
        "unbilled-current": [make_line(1), make_line(2, currency="USD")],
        "unbilled-previous": [make_line(3)],
    }
    caller = app_caller(make_simulator(lines=lines))
    base = "/v1/invoices/unbilled/lineitems?provider=onetime&currencycode=eur"
    current = caller.get(base).json()["items"]
    previous = caller.get(f"{base}&period=Previous").json()["items"]
    assert (subscriptions(current), subscriptions(previous)) == ([1], [3])
    assert [row["invoiceNumber"] for row in current + previous] == ["", ""]
    assert caller.get(f"{base}&period=last").status == 400
    assert caller.get("/v1/invoices/unbilled/lineitems?provider=onetime").status == 400


def test_estimates_link_to_the_unbilled_lines_of_both_periods(
    make_simulator: MakeSimulator,
) -> None:
    lines = {"unbilled-current": [make_line(1)], "unbilled-previous": [make_line(2)]}
    caller = app_caller(make_simulator(lines=lines))
    links = caller.get("/v1/invoices/estimates/links?currencycode=EUR").json()["items"]
    found = {
        one["period"]: subscriptions(caller.follow(one["link"]).json()["items"]) for one in links
    }
    assert found == {"current": [1], "previous": [2]}
    assert caller.get("/v1/invoices/estimates/links").status == 400


def test_rows_kept_in_the_spelling_of_graph_are_shown_in_that_of_v1(
    make_simulator: MakeSimulator,
) -> None:
    row = {
        "PartnerId": "p",
        "SubscriptionId": "s",
        "Tier2MpnId": "7",
        "Total": "1.20",
        "PCToBCExchangeRate": "1",
        "ProductCategory": "Office",
    }
    simulator = make_simulator(invoices=[make_invoice("G1")], lines={"G1": [row]})
    target = "/v1/invoices/G1/lineitems?provider=onetime"
    line = app_caller(simulator).get(target).json()["items"][0]
    assert line == {
        "partnerId": "p",
        "subscriptionId": "s",
        "resellerMpnId": "7",
        "totalForCustomer": "1.20",
        "pcToBCExchangeRate": "1",
        "invoiceLineItemType": "billing_line_items",
        "billingProvider": "one_time",
        "attributes": {"objectType": "OneTimeInvoiceLineItem"},
    }


def test_usage_lines_can_be_asked_for_by_partner_credit(make_simulator: MakeSimulator) -> None:
    lines = [
        make_line(1, **USAGE, rateOfPartnerEarnedCredit=0.15),
        make_line(2, **USAGE, rateOfPartnerEarnedCredit=0),
        make_line(3, **USAGE, hasPartnerEarnedCredit=True),
    ]
    simulator = make_simulator(invoices=[make_invoice("G1")], lines={"G1": lines})
    base = "/v1/invoices/G1/lineitems/onetime/usagelineitems?hasPartnerEarnedCredit="
    caller = app_caller(simulator)
    assert subscriptions(caller.get(base + "true").json()["items"]) == [1, 3]
    assert subscriptions(caller.get(base + "False").json()["items"]) == [2]


def test_mistake_in_a_line_file_is_answered_with_its_place(
    make_simulator: MakeSimulator, tmp_path: Path
) -> None:
    simulator = make_simulator(invoices=[make_invoice("G1")], lines={"G1": [make_line(1)]})
    with (tmp_path / "world" / "invoice_lines" / "G1.jsonl").open("a") as file:
        file.write("{torn\n")
    answer = app_caller(simulator).get("/v1/invoices/G1/lineitems?provider=onetime")
    assert (answer.status, answer.code) == (500, 800003)
    assert "G1.jsonl, line 2" in answer.json()["description"]
