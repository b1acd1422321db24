"""Fidelity rules 64 to 68: invoices and their lines."""

import tempfile
from datetime import date
from decimal import ROUND_DOWN, Decimal
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from partnercenter.simulator import Simulator
from partnercenter.simulator.worlds import make_world, open_world
from tests.partnercenter.simulator.calls import Clock, app_caller, user_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.exporting import (
    BASE,
    UNBILLED,
    charge,
    export_rows,
    graph_caller,
)
from tests.partnercenter.simulator.sample_worlds import make_invoice, make_line

CENT = Decimal("0.01")
CURRENCIES = {"NL": "EUR", "GB": "GBP", "SE": "SEK", "US": "USD", "NO": "NOK"}
OFFICE = {"billingProvider": "office", "attributes": {"objectType": "LicenseBasedLineItem"}}


def exact(value: object) -> Decimal:
    return Decimal(str(value))


def test_rule_64_invoices_of_both_kinds(make_simulator: MakeSimulator) -> None:
    """Lists mix D and G ids; NCE ignores offset; by id is App+User; the statement is a PDF."""
    ids = ["D1", "G1", "D2", "G2", "D3"]
    simulator = make_simulator(invoices=[make_invoice(one) for one in ids])
    app, user = app_caller(simulator), user_caller(simulator)
    assert [one["id"] for one in app.get("/v1/invoices").json()["items"]] == ids
    second = app.get("/v1/invoices?size=2&offset=2").json()["items"]
    assert [one["id"] for one in second] == ["G1", "G2", "D3"]
    refused = app.get("/v1/invoices/G1")
    assert (refused.status, refused.code) == (403, 900329)
    assert user.get("/v1/invoices/G1").json()["id"] == "G1"
    statement = user.get("/v1/invoices/G1/documents/statement")
    assert statement.headers["content-type"] == "application/pdf"
    assert statement.body.startswith(b"%PDF-")


@settings(max_examples=12)
@given(seed=st.integers(0, 10_000), home=st.sampled_from(sorted(CURRENCIES)), text=st.booleans())
def test_rule_65_lines_of_both_generations_add_up_to_the_invoice(
    seed: int, home: str, text: bool
) -> None:
    """Sums of v1 lines, of v2 `Total` and `totalCharges` agree; subtotals are by 4.17."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "world"
        make_world(
            folder,
            customers=12,
            lines=90,
            seed=seed,
            home=home,
            today=date(2026, 11, 21),
            money_as_text=text,
        )
        simulator = Simulator(open_world(str(folder), cache=Path(name)), clock=Clock())
        app = app_caller(simulator)
        invoices = app.get("/v1/invoices").json()["items"]
        modern = [one for one in invoices if one["id"].startswith("G")]
        assert modern
        assert {one["currencyCode"] for one in modern} == {CURRENCIES[home]}
        for invoice in modern:
            target = f"/v1/invoices/{invoice['id']}/lineitems?provider=onetime&size=40"
            first = app.all_items(target)
            second = export_rows(simulator, invoiceId=invoice["id"])
            total = exact(invoice["totalCharges"])
            assert len(first) == len(second) > 0
            assert sum(exact(row["totalForCustomer"]) for row in first) == total
            assert sum(exact(row["Total"]) for row in second) == total
            for row in second:
                seat = exact(row["EffectiveUnitPrice"]) * exact(row["PCToBCExchangeRate"])
                rounded = seat.quantize(CENT, ROUND_DOWN) * exact(row["BillableQuantity"])
                assert exact(row["Subtotal"]) == rounded
                assert exact(row["Total"]) == rounded + exact(row["TaxTotal"])


def test_rule_66_amounts_are_text_when_switched(make_simulator: MakeSimulator) -> None:
    """OneTime rows carry text when the switch is on, legacy rows numbers; sentinel dates occur."""
    lines = {"D1": [make_line(1, **OFFICE), make_line(2)]}
    simulator = make_simulator(invoices=[make_invoice("D1")], lines=lines)
    app = app_caller(simulator)

    def amounts(provider: str) -> tuple[Any, Any, Any]:
        target = f"/v1/invoices/D1/lineitems?provider={provider}"
        row = app.get(target).json()["items"][0]
        assert row["pcToBCExchangeRateDate"] == "0001-01-01T00:00:00"
        return row["unitPrice"], row["quantity"], row["subtotal"]

    assert amounts("onetime") == amounts("office") == (1.5, 2, 3.0)
    app.post("/_simulator/switches", {"one_time_numbers_as_strings": True})
    assert amounts("onetime") == ("1.5", "2", "3.0")
    assert amounts("office") == (1.5, 2, 3.0)


def test_rule_67_paging_of_both_generations(make_simulator: MakeSimulator) -> None:
    """OneTime pages need header and operation, legacy ones offset; 2000 is the most."""
    modern = [make_line(number) for number in range(5)]
    legacy = [make_line(number, **OFFICE) for number in range(2001)]
    simulator = make_simulator(
        invoices=[make_invoice("G1"), make_invoice("D1")], lines={"G1": modern, "D1": legacy}
    )
    app = app_caller(simulator)
    target = "/v1/invoices/G1/lineitems?provider=onetime&size=2"
    first = app.get(target).json()
    token = {"MS-ContinuationToken": first["continuationToken"]}
    assert app.get(f"{target}&seekOperation=Next").json()["items"] == first["items"]
    assert app.get(target, headers=token).json()["items"] == first["items"]
    second = app.get(f"{target}&seekOperation=Next", headers=token).json()["items"]
    assert [row["subscriptionId"][-1] for row in second] == ["2", "3"]
    assert len(app.all_items(target)) == 5
    office = "/v1/invoices/D1/lineitems?provider=office"
    assert len(app.get(f"{office}&size=9000").json()["items"]) == 2000
    last = app.get(f"{office}&size=9000&offset=2000").json()["items"]
    assert [row["subscriptionId"][-4:] for row in last] == ["2000"]


def test_rule_68_unbilled_rows_have_no_invoice(make_simulator: MakeSimulator) -> None:
    """No invoice number; `current` and `previous` in v1, `current` and `last` in Graph."""
    lines = {"unbilled-current": [make_line(1)], "unbilled-previous": [make_line(2), make_line(3)]}
    simulator = make_simulator(lines=lines)
    charge(simulator, 4)
    app, graph = app_caller(simulator), graph_caller(simulator)
    base = "/v1/invoices/unbilled/lineitems?provider=onetime&currencycode=eur&period="
    for first, second, count in (("current", "current", 2), ("previous", "last", 2)):
        v1 = app.get(base + first).json()["items"]
        v2 = export_rows(simulator, UNBILLED, currencyCode="EUR", billingPeriod=second)
        assert [row["invoiceNumber"] for row in v1] == [""] * count
        assert [row["InvoiceNumber"] for row in v2] == [""] * count
        assert [row["subscriptionId"] for row in v1] == [row["SubscriptionId"] for row in v2]
    assert app.get(f"{base}last").status == 400
    body = {"currencyCode": "EUR", "billingPeriod": "previous"}
    assert graph.post(f"{BASE}/{UNBILLED}", body).status == 400
