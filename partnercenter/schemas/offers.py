"""Offers of old commerce, named by GUIDs or ``MS-AZR-...``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from partnercenter.schemas.fields import Fields
from partnercenter.schemas.strict import count, required_id, required_text, word

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An offer; a GUID id is in lower case."""

    id: str
    name: str
    description: str
    country: str
    category: str
    minimum_quantity: int | None
    maximum_quantity: int | None
    billing: str
    billing_cycles: tuple[str, ...]
    unit: str
    is_addon: bool
    is_trial: bool
    is_available: bool | None
    prerequisites: tuple[str, ...]
    raw: Raw = field(repr=False)


@dataclass(frozen=True, slots=True)
class OfferCategory:
    id: str
    name: str
    country: str


def read_offer(row: object) -> Offer:
    """Return an offer. Raises: MalformedAnswer without id."""
    fields = Fields(row)
    return Offer(
        id=required_id(fields, "an offer", "id"),
        name=fields.text("name"),
        description=fields.text("description"),
        country=fields.text("country").upper(),
        category=(fields.inner("category") or Fields({})).text("name"),
        minimum_quantity=count(fields, "minimumquantity"),
        maximum_quantity=count(fields, "maximumquantity"),
        billing=word(fields.text("billing")),
        billing_cycles=tuple(word(cycle) for cycle in fields.texts("supportedbillingcycles")),
        unit=fields.text("unittype"),
        is_addon=fields.flag("isaddon") or False,
        is_trial=fields.flag("istrial") or False,
        is_available=fields.flag("isavailableforpurchase"),
        prerequisites=fields.texts("prerequisiteoffers"),
        raw=fields.raw,
    )


def read_offer_category(row: object) -> OfferCategory:
    """Return a category of offers. Raises: MalformedAnswer without id."""
    fields = Fields(row)
    return OfferCategory(
        id=required_text(fields, "a category", "id"),
        name=fields.text("name"),
        country=fields.text("country").upper(),
    )
