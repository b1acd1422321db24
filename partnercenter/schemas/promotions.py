"""Promotions and who may have them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from partnercenter.refusals import plain_text
from partnercenter.schemas.fields import Fields
from partnercenter.schemas.strict import count, required_text, word

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PromotedProduct:
    """A product a promotion is for; ``discounts`` are pairs of policy and Microsoft's value."""

    product_id: str
    sku_id: str
    term_duration: str
    billing_cycle: str
    discounts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """A promotion; ``ends`` None means that no end is set."""

    id: str
    name: str
    description: str
    starts: datetime | None
    ends: datetime | None
    products: tuple[PromotedProduct, ...]
    raw: Raw = field(repr=False)


@dataclass(frozen=True, slots=True)
class WantedItem:
    """What a customer would buy, to be asked which promotions fit."""

    catalog_item_id: str
    quantity: int
    term_duration: str
    billing_cycle: str
    promotion_id: str = ""

    def body(self, position: int) -> dict[str, Any]:
        """Return it as the question has it."""
        wire: dict[str, Any] = {
            "id": position,
            "catalogItemId": self.catalog_item_id,
            "quantity": self.quantity,
            "termDuration": self.term_duration,
            "billingCycle": self.billing_cycle,
        }
        return {**wire, "promotionId": self.promotion_id} if self.promotion_id else wire


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Whether one promotion applies; ``reasons`` say why it does not (``seat_count``: ...)."""

    promotion_id: str
    is_eligible: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibleItem:
    catalog_item_id: str
    quantity: int | None
    term_duration: str
    billing_cycle: str
    eligibilities: tuple[Eligibility, ...]
    raw: Raw = field(repr=False)


def read_promotion(row: object) -> Promotion:
    """Return a promotion. Raises: MalformedAnswer without id."""
    fields = Fields(row)
    return Promotion(
        id=required_text(fields, "a promotion", "id"),
        name=fields.text("name"),
        description=fields.text("description"),
        starts=fields.moment("startdate"),
        ends=fields.moment("enddate"),
        products=tuple(_read_product(product) for product in fields.objects("requiredproducts")),
        raw=fields.raw,
    )


def _read_product(fields: Fields) -> PromotedProduct:
    term = fields.inner("term") or Fields({})
    return PromotedProduct(
        product_id=fields.text("productid"),
        sku_id=fields.text("skuid"),
        term_duration=term.text("duration"),
        billing_cycle=word(term.text("billingcycle")),
        discounts=tuple(
            (word(policy.text("policytype")), policy.text("value"))
            for policy in fields.objects("pricingpolicies")
        ),
    )


def read_eligible_item(row: object) -> EligibleItem:
    """Return which promotions fit one wanted item. Raises: MalformedAnswer without its id."""
    fields = Fields(row)
    return EligibleItem(
        catalog_item_id=required_text(fields, "an eligibility", "catalogitemid"),
        quantity=count(fields, "quantity"),
        term_duration=fields.text("termduration"),
        billing_cycle=word(fields.text("billingcycle")),
        eligibilities=tuple(_read_eligibility(each) for each in fields.objects("eligibilities")),
        raw=fields.raw,
    )


def _read_eligibility(fields: Fields) -> Eligibility:
    return Eligibility(
        promotion_id=required_text(fields, "an eligibility", "promotionid"),
        is_eligible=fields.flag("iseligible") or False,
        reasons=tuple(
            ": ".join(
                part
                for part in (word(each.text("type")), plain_text(each.text("description")))
                if part
            )
            for each in fields.objects("errors")
        ),
    )
