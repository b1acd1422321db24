"""What the catalogue of a world says about an item: its quantities, terms and billing cycles.

A world's catalogue may be sparse or absent. What it does not know is not refused: a subscription
may hold a product that is no longer sold.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import fold
from partnercenter.simulator.subscription_terms import cycle_months, months_of
from partnercenter.simulator.worlds import World

Availability = dict[str, Any]


def split_item(item: object) -> tuple[str, str, str]:
    """Return product, SKU and availability of a catalogue item id; missing parts are empty."""
    parts = [*str(item or "").split(":"), "", ""]
    return parts[0], parts[1], parts[2]


def same_sku(one: object, other: object) -> bool:
    """Tell whether two catalogue item ids are of one SKU; availabilities change without notice."""
    first, second = split_item(one)[:2], split_item(other)[:2]
    return bool(first[1]) and [part.lower() for part in first] == [part.lower() for part in second]


def availabilities(world: World, country: str) -> Iterator[Availability]:
    """Yield what the catalogue sells in a country; a record that names none is sold everywhere."""
    for record in world.collection("catalog"):
        sold = record.get("country")
        if "catalogItemId" in record and (not sold or str(sold).upper() == country.upper()):
            yield record


def sku_record(world: World, item: object) -> dict[str, Any]:
    """Return the SKU of a catalogue item, or an empty one.

    An availability that is no longer in the catalogue still names its SKU.
    """
    catalogue = world.collection("catalog")
    record = catalogue.get(str(item or ""))
    if record is None and split_item(item)[1]:
        same = (row for row in catalogue if same_sku(row.get("catalogItemId"), item))
        record = next(same, None)
    sku = (record or {}).get("sku")
    return sku if isinstance(sku, dict) else {}


def offered_pairs(record: Availability) -> list[tuple[str, str]]:
    """Return the pairs of term and billing cycle an availability offers."""
    return [
        (str(term.get("duration") or "").upper(), fold(term.get("billingCycle") or ""))
        for term in record.get("terms") or ()
    ]


def listed_price(record: Availability, duration: object, cycle: object) -> Decimal | None:
    """Return the price of one seat for one billing period of a term; None when it has none."""
    wanted = (str(duration or "").upper(), fold(cycle or ""))
    for pair, term in zip(offered_pairs(record), record.get("terms") or (), strict=True):
        if pair == wanted and term.get("listPrice") is not None:
            return Decimal(str(term["listPrice"]))
    return None


def find_availability(
    world: World, country: str, *, item: object, duration: object, cycle: object
) -> tuple[Availability | None, bool]:
    """Return the availability of a SKU for a term and cycle, and whether the SKU is known."""
    wanted = (str(duration or "").upper(), fold(cycle or ""))
    named = world.collection("catalog").get(str(item or ""))
    if named is not None and wanted in offered_pairs(named):
        # The usual case, which needs no pass over the catalogue.
        return named, True
    known = False
    for record in availabilities(world, country):
        if same_sku(record["catalogItemId"], item):
            known = True
            if wanted in offered_pairs(record):
                return record, True
    return None, known


def check_pair(duration: object, cycle: object) -> None:
    """Refuse, with 400/900270, a billing cycle that is longer than its term."""
    term, billing = months_of(duration), cycle_months(cycle)
    if term is not None and billing is not None and billing > term:
        raise Problem(400, 900270, "The billing cycle is longer than the term.")
