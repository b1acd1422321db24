"""Carts, and what came of checking one out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from partnercenter.errors import MalformedAnswer
from partnercenter.refusals import plain_text
from partnercenter.schemas.fields import Fields
from partnercenter.schemas.orders import Order, read_order
from partnercenter.schemas.pricing import Pricing, read_pricing
from partnercenter.schemas.strict import (
    currency,
    required_count,
    required_id,
    required_text,
    rows,
    word,
)

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCartLine:
    """A line to put into a cart.

    ``term_duration`` is empty for what has none (Azure plan, perpetual software). ``partner_id``
    is the indirect reseller's partner id, ``custom_term_end`` the last day wanted, ``context``
    what a product needs to be provisioned. Lines with ``promotion_id`` go first in the cart.
    """

    catalog_item_id: str
    quantity: int
    billing_cycle: str
    term_duration: str = ""
    friendly_name: str = ""
    promotion_id: str = ""
    custom_term_end: date | None = None
    renews_to: str = ""
    partner_id: str = ""
    context: Mapping[str, str] = field(default_factory=dict)
    attestation_accepted: bool | None = None

    def body(self, position: int) -> dict[str, Any]:
        """Return the line as the wire has it; what is not set is left out."""
        wire: dict[str, Any] = {
            "id": position,
            "catalogItemId": self.catalog_item_id,
            "quantity": self.quantity,
            "billingCycle": self.billing_cycle,
            "termDuration": self.term_duration,
            "friendlyName": self.friendly_name,
            "promotionId": self.promotion_id,
            "customTermEndDate": self.custom_term_end and f"{self.custom_term_end:%Y-%m-%d}",
            "renewsTo": [{"termDuration": self.renews_to}] if self.renews_to else None,
            "provisioningContext": dict(self.context),
            "attestationAccepted": self.attestation_accepted,
        }
        if self.partner_id:
            wire["participants"] = [{"key": "transaction_reseller", "value": self.partner_id}]
        return {name: value for name, value in wire.items() if value not in (None, "", {})}


@dataclass(frozen=True, slots=True)
class CartLineError:
    """Why a line cannot be bought; ``code`` is Microsoft's, as text."""

    code: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CartLine:
    """A line of a cart; one with ``error`` keeps the whole cart from being checked out."""

    id: int
    catalog_item_id: str
    quantity: int
    currency: str
    billing_cycle: str
    term_duration: str
    friendly_name: str
    promotion_id: str
    custom_term_end: datetime | None
    order_group: str
    error: CartLineError | None
    pricing: Pricing | None
    raw: Raw = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cart:
    """A cart; how long it lives only ``expires`` says, never a rule of ours."""

    id: str
    status: str
    created: datetime | None
    changed: datetime | None
    expires: datetime | None
    lines: tuple[CartLine, ...]
    raw: Raw = field(repr=False)

    @property
    def bad_lines(self) -> tuple[CartLine, ...]:
        """The lines that cannot be bought."""
        return tuple(line for line in self.lines if line.error is not None)


@dataclass(frozen=True, slots=True)
class OrderError:
    """A group of lines that became no order."""

    order_group: str
    code: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutResult:
    """What was bought and what was not: a checkout that succeeds may have bought only a part."""

    orders: tuple[Order, ...]
    errors: tuple[OrderError, ...]
    raw: Raw = field(repr=False)

    @property
    def is_complete(self) -> bool:
        """Whether every line was bought."""
        return not self.errors


def read_cart(body: object) -> Cart:
    """Return a cart. Raises: MalformedAnswer without id, or what identifies a line."""
    fields = Fields(body)
    lines = tuple(_read_line(row) for row in rows(fields, "lineitems"))
    if len({line.id for line in lines}) != len(lines):
        raise MalformedAnswer("The answer has a cart with two lines of one number.")
    return Cart(
        id=required_id(fields, "a cart", "id"),
        status=word(fields.text("status")),
        created=fields.moment("creationtimestamp"),
        changed=fields.moment("lastmodifiedtimestamp"),
        expires=fields.moment("expirationtimestamp"),
        lines=lines,
        raw=fields.raw,
    )


def _read_line(fields: Fields) -> CartLine:
    money = currency(fields, "currencycode")
    return CartLine(
        id=required_count(fields, "a cart line", "id"),
        catalog_item_id=required_text(fields, "a cart line", "catalogitemid", "catalogid"),
        quantity=required_count(fields, "a cart line", "quantity"),
        currency=money,
        billing_cycle=word(fields.text("billingcycle")),
        term_duration=fields.text("termduration"),
        friendly_name=fields.text("friendlyname"),
        promotion_id=fields.text("promotionid"),
        custom_term_end=fields.moment("customtermenddate"),
        order_group=fields.text("ordergroup"),
        error=_read_line_error(fields),
        pricing=read_pricing(fields.inner("pricing"), money),
        raw=fields.raw,
    )


def _read_line_error(fields: Fields) -> CartLineError | None:
    """Return a line's error; whatever stands in its place counts as one, because money follows."""
    told = fields.get("error")
    if told in (None, {}, []):
        return None
    error = fields.inner("error") or Fields({})
    return CartLineError(
        code=error.text("errorcode", "code"),
        description=plain_text(error.text("errordescription", "description")),
    )


def read_checkout(body: object) -> CheckoutResult:
    """Return the result of a checkout.

    Raises: MalformedAnswer when it names neither orders nor errors, or an unreadable order.
    """
    fields = Fields(body)
    bought, refused = rows(fields, "orders"), rows(fields, "ordererrors")
    if not bought and not refused:
        raise MalformedAnswer("The answer to a checkout names neither orders nor errors.")
    return CheckoutResult(
        orders=tuple(read_order(row.raw) for row in bought),
        errors=tuple(_read_order_error(row) for row in refused),
        raw=fields.raw,
    )


def _read_order_error(fields: Fields) -> OrderError:
    return OrderError(
        order_group=fields.text("ordergroupid", "ordergroup"),
        code=fields.text("code", "errorcode"),
        description=plain_text(fields.text("description", "errordescription")),
    )
