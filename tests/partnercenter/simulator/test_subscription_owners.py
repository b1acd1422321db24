"""Whose a subscription of the world is, found without reading every line of a large file whole."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from partnercenter.simulator import Simulator
from partnercenter.simulator.worlds import World
from tests.partnercenter.simulator.calls import Clock, app_caller
from tests.partnercenter.simulator.sample_subscriptions import make_seats
from tests.partnercenter.simulator.sample_worlds import customer_id, make_customer, write_world

FIRST, SECOND = customer_id(1), customer_id(2)
OTHERS = f"see /customers/{SECOND}/subscriptions/other"


def plain(row: dict[str, object]) -> str:
    return json.dumps(row)


def escaped(row: dict[str, object]) -> str:
    return json.dumps(row).replace("/", "\\/")


def half_escaped(row: dict[str, object]) -> str:
    return json.dumps(row | {"note": OTHERS}).replace(
        f"/customers/{FIRST}", f"\\/customers/{FIRST}"
    )


def mentioning_another(row: dict[str, object]) -> str:
    return json.dumps({"friendlyName": OTHERS} | row | {"friendlyName": OTHERS})


def in_capitals(row: dict[str, object]) -> str:
    return json.dumps(row).replace(f"/customers/{FIRST}", f"/Customers/{FIRST.upper()}")


def absolute(row: dict[str, object]) -> str:
    return json.dumps(row).replace("/customers/", "https://localhost/v1/customers/")


Written = Callable[[dict[str, object]], str]


@pytest.mark.parametrize(
    "written", [plain, escaped, half_escaped, mentioning_another, in_capitals, absolute]
)
def test_the_self_link_alone_says_whose_a_subscription_is(tmp_path: Path, written: Written) -> None:
    folder = tmp_path / "world"
    write_world(folder, customers=[make_customer(1), make_customer(2)])
    line = written(make_seats(FIRST, "seats"))
    (folder / "subscriptions.jsonl").write_text(line + "\n", encoding="utf-8")
    app = app_caller(Simulator(World(folder, cache=tmp_path / "cache"), clock=Clock()))
    found = {}
    for owner in (FIRST, SECOND):
        items = app.get(f"/v1/customers/{owner}/subscriptions").json()["items"]
        found[owner] = [row["id"] for row in items]
    assert found == {FIRST: ["seats"], SECOND: []}
