"""The catalogue: products, their SKUs, and the availabilities a cart can be filled with.

Availability ids change without notice, so they are fetched right before a cart and never stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from partnercenter.errors import MalformedAnswer
from partnercenter.schemas.fields import Fields
from partnercenter.schemas.strict import count, currency, required_text, word

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product; ``product_type`` is Microsoft's id (``OnlineServicesNCE``), empty when untold."""

    id: str
    title: str
    description: str
    product_type: str
    product_sub_type: str
    is_microsoft_product: bool | None
    publisher: str
    raw: Raw = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sku:
    """A variant of a product; quantities None where Microsoft sets no bound."""

    id: str
    product_id: str
    title: str
    description: str
    minimum_quantity: int | None
    maximum_quantity: int | None
    is_trial: bool
    is_addon: bool
    billing_cycles: tuple[str, ...]
    prerequisites: tuple[str, ...]
    prerequisite_skus: tuple[str, ...]
    upgrade_targets: tuple[str, ...]
    raw: Raw = field(repr=False)


@dataclass(frozen=True, slots=True)
class CancellationRefund:
    """What comes back when cancelled within ``expires_after``, an ISO 8601 duration."""

    kind: str
    expires_after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One way to buy: ``duration`` as ISO 8601 (``P1Y``) with a billing cycle in lower case."""

    id: str
    duration: str
    description: str
    billing_cycle: str
    refunds: tuple[CancellationRefund, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """What can be put into a cart; ``currency`` is that of its market."""

    id: str
    product_id: str
    sku_id: str
    catalog_item_id: str
    segment: str
    country: str
    currency: str
    is_purchasable: bool | None
    is_renewable: bool | None
    terms: tuple[Term, ...]
    raw: Raw = field(repr=False)

    def offers(self, *, term_duration: str, billing_cycle: str) -> bool:
        """Say whether this pair can be bought; any other makes a bad cart line (400039)."""
        return any(
            term.duration == term_duration and term.billing_cycle == word(billing_cycle)
            for term in self.terms
        )


@dataclass(frozen=True, slots=True)
class StockRestriction:
    reason: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """Whether a SKU can be bought for a customer; not restricted when nothing says so."""

    product_id: str
    sku_id: str
    is_restricted: bool
    restrictions: tuple[StockRestriction, ...]
    raw: Raw = field(repr=False)


def read_product(row: object) -> Product:
    """Return a product. Raises: MalformedAnswer without id."""
    fields = Fields(row)
    kind = fields.inner("producttype") or Fields({})
    return Product(
        id=required_text(fields, "a product", "id"),
        title=fields.text("title"),
        description=fields.text("description"),
        product_type=kind.text("id"),
        product_sub_type=(kind.inner("subtype") or Fields({})).text("id"),
        is_microsoft_product=fields.flag("ismicrosoftproduct"),
        publisher=fields.text("publishername"),
        raw=fields.raw,
    )


def read_sku(row: object) -> Sku:
    """Return a SKU. Raises: MalformedAnswer without its id or that of its product."""
    fields = Fields(row)
    dynamic = fields.inner("dynamicattributes") or Fields({})
    return Sku(
        id=required_text(fields, "a SKU", "id"),
        product_id=required_text(fields, "a SKU", "productid"),
        title=fields.text("title"),
        description=fields.text("description"),
        minimum_quantity=count(fields, "minimumquantity"),
        maximum_quantity=count(fields, "maximumquantity"),
        is_trial=fields.flag("istrial") or False,
        is_addon=dynamic.flag("isaddon") or False,
        billing_cycles=tuple(word(cycle) for cycle in fields.texts("supportedbillingcycles")),
        prerequisites=fields.texts("purchaseprerequisites"),
        prerequisite_skus=dynamic.texts("prerequisiteskus"),
        upgrade_targets=dynamic.texts("upgradetargetoffers"),
        raw=fields.raw,
    )


def read_availability(row: object) -> Availability:
    """Return an availability.

    Raises: MalformedAnswer without its ids, or when they do not fit together: the catalog item id
    is what gets bought.
    """
    fields = Fields(row)
    identity = required_text(fields, "an availability", "id")
    product = required_text(fields, "an availability", "productid")
    sku = required_text(fields, "an availability", "skuid")
    item = required_text(fields, "an availability", "catalogitemid")
    if item.casefold() != f"{product}:{sku}:{identity}".casefold():
        raise MalformedAnswer("The answer has an availability whose ids do not fit together.")
    return Availability(
        id=identity,
        product_id=product,
        sku_id=sku,
        catalog_item_id=item,
        segment=word(fields.text("segment")),
        country=fields.text("country").upper(),
        currency=currency(fields.inner("defaultcurrency") or Fields({}), "code"),
        is_purchasable=fields.flag("ispurchasable"),
        is_renewable=fields.flag("isrenewable"),
        terms=tuple(_read_term(term) for term in fields.objects("terms")),
        raw=fields.raw,
    )


def _read_term(fields: Fields) -> Term:
    return Term(
        id=fields.text("id"),
        duration=fields.text("duration"),
        description=fields.text("description"),
        billing_cycle=word(fields.text("billingcycle")),
        refunds=tuple(
            CancellationRefund(word(option.text("type")), option.text("expiresafter"))
            for policy in fields.objects("cancellationpolicies")
            for option in policy.objects("refundoptions")
        ),
    )


def read_stock(row: object) -> Stock:
    """Return what a check of the stock says about one SKU. Raises: MalformedAnswer without ids."""
    fields = Fields(row)
    return Stock(
        product_id=required_text(fields, "a stock", "productid"),
        sku_id=fields.text("skuid"),
        is_restricted=fields.flag("isrestricted") or False,
        restrictions=tuple(
            StockRestriction(restriction.text("reasoncode"), restriction.text("description"))
            for restriction in fields.objects("restrictions")
        ),
        raw=fields.raw,
    )
