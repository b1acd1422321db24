"""Made resources have the keys and kinds of value that recorded exchanges show."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from partnercenter.simulator.worlds import World, make_world, open_world
from tests.shared_material import ABSENT, shared_folder

# Recorded, and left out on purpose: a receipt is a file the worlds do not hold, refunds concern
# seats of the last days, the region is free text few customers have, the last is a slip in a page.
LEFT_OUT = {
    "invoices/get-invoice-by-id-1": {"taxReceipts"},
    "subscriptions/get-a-subscription-by-id-3": {"refundOptions", "refundableQuantity"},
    "customers/get-a-customer-by-id-1": {"companyProfile.address.region"},
    "invoice-line-items/get-invoiceline-items-4": {"attributes/objectType"},
    "catalog/get-a-list-of-availabilities-for-a-sku-2": {"links.availabilities"},
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("worlds") / "w"
    make_world(folder, customers=150, lines=900, seed=2, home="US", today=date(2025, 7, 8))
    return open_world(str(folder), cache=folder.parent)


def recorded_body(recording: str) -> dict[str, Any]:
    folder = shared_folder()
    if folder is None:
        pytest.skip(ABSENT)
    path: Path = folder / "partner-center" / "recordings" / f"{recording}.json"
    body = json.loads(path.read_text(encoding="utf-8"))["response"]["body"]
    assert isinstance(body, dict)
    return body


def kinds(resource: dict[str, Any], prefix: str = "") -> dict[str, set[str]]:
    """Return the kind of value at every key path; numbers are one kind, lists are looked into."""
    found: dict[str, set[str]] = {}
    for key, value in resource.items():
        path = f"{prefix}{key}"
        number = isinstance(value, int | float) and not isinstance(value, bool)
        found.setdefault(path, set()).add("number" if number else type(value).__name__)
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                for deeper, names in kinds(inner, f"{path}.").items():
                    found.setdefault(deeper, set()).update(names)
    return found


def made_kinds(world: World, recording: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for resource in _made_resources(world, recording):
        for path, names in kinds(resource).items():
            found.setdefault(path, set()).update(names)
    return found


def _made_resources(world: World, recording: str) -> list[dict[str, Any]]:
    area = recording.split("/")[0]
    names = {"customers": "customers", "invoices": "invoices", "subscriptions": "subscriptions"}
    if area in names:
        return list(world.collection(names[area]))
    if area == "catalog":
        return world.collection("catalog").page(0, 50)
    legacy = recording.endswith("items-1")
    return [
        row
        for invoice in world.collection("invoices")
        for row in world.invoice_lines(invoice["id"])
        if (row["billingProvider"] == "office") == legacy
    ]


@pytest.mark.parametrize(
    ("recording", "item"),
    [
        ("customers/get-a-customer-by-id-1", None),
        ("invoices/get-invoice-by-id-1", None),
        ("subscriptions/get-a-subscription-by-id-3", None),
        ("invoice-line-items/get-invoiceline-items-1", 0),
        ("invoice-line-items/get-invoiceline-items-4", 1),
        ("catalog/get-a-list-of-availabilities-for-a-sku-2", 0),
    ],
)
def test_recorded_keys_are_made_with_the_same_kind_of_value(
    world: World, recording: str, item: int | None
) -> None:
    body = recorded_body(recording)
    recorded = kinds(body if item is None else body["items"][item])
    made = made_kinds(world, recording)
    left_out = LEFT_OUT.get(recording, set())
    missing = {
        path
        for path in recorded
        if path not in made and not any(path.startswith(reason) for reason in left_out)
    }
    assert missing == set()
    for path in recorded.keys() & made.keys():
        # These rows were recorded with money as text; by default a world writes numbers.
        assert recorded[path] & made[path] or (recorded[path], made[path]) == ({"str"}, {"number"})
