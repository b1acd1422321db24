"""Orders and how far they have been provisioned."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from partnercenter.errors import MalformedAnswer
from partnercenter.schemas.fields import Fields, as_guid
from partnercenter.schemas.pricing import Pricing, read_pricing
from partnercenter.schemas.strict import (
    count,
    currency,
    etag_of,
    required_count,
    required_id,
    required_text,
    rows,
    word,
)

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrderLine:
    """A line of a direct order; ``offer_id`` is a catalog item id or a legacy offer.

    ``parent_subscription_id`` (the base of an add-on) is honoured only when an order is changed,
    never when one is made.
    """

    offer_id: str
    quantity: int
    friendly_name: str = ""
    term_duration: str = ""
    partner_id: str = ""
    parent_subscription_id: str = ""
    context: Mapping[str, str] = field(default_factory=dict)

    def body(self, number: int) -> dict[str, Any]:
        """Return the line as the wire has it; what is not set is left out."""
        wire: dict[str, Any] = {
            "lineItemNumber": number,
            "offerId": self.offer_id,
            "quantity": self.quantity,
            "friendlyName": self.friendly_name,
            "termDuration": self.term_duration,
            "partnerIdOnRecord": self.partner_id,
            "parentSubscriptionId": self.parent_subscription_id,
            "provisioningContext": dict(self.context),
        }
        return {name: value for name, value in wire.items() if value not in ("", {})}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """A line of an order; ``subscription_id`` is empty until it is provisioned."""

    number: int
    offer_id: str
    subscription_id: str
    parent_subscription_id: str
    friendly_name: str
    quantity: int
    term_duration: str
    transaction_type: str
    partner_id: str
    pricing: Pricing | None
    raw: Raw = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order; ``total`` is in ``currency``, None where Microsoft tells no price.

    ``id`` is a GUID in lower case, twelve hex digits (new commerce) or a text where case counts.
    ``customer_id`` and ``currency`` are empty when not told.
    """

    id: str
    alternate_id: str
    customer_id: str
    status: str
    billing_cycle: str
    transaction_type: str
    currency: str
    total: Decimal | None
    created: datetime | None
    lines: tuple[OrderLine, ...]
    etag: str
    raw: Raw = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineProvisioning:
    """How far one order line is; ``quantities`` are pairs of a count and its status."""

    line_number: int
    status: str
    quantities: tuple[tuple[int, str], ...]
    raw: Raw = field(repr=False)


def read_order(body: object) -> Order:
    """Return an order.

    Raises: MalformedAnswer without id, without what a line is for, or for a total without currency.
    """
    fields = Fields(body)
    money, total = currency(fields, "currencycode"), fields.amount("totalprice")
    if total is not None and not money:
        raise MalformedAnswer("The answer has an order with a total without a currency.")
    return Order(
        id=required_id(fields, "an order", "id"),
        alternate_id=fields.text("alternateid"),
        customer_id=as_guid(fields.get("referencecustomerid")) or "",
        status=word(fields.text("status")),
        billing_cycle=word(fields.text("billingcycle")),
        transaction_type=word(fields.text("transactiontype")),
        currency=money,
        total=total,
        created=fields.moment("creationdate"),
        lines=tuple(_read_line(line, money) for line in rows(fields, "lineitems")),
        etag=etag_of(fields),
        raw=fields.raw,
    )


def _read_line(fields: Fields, money: str) -> OrderLine:
    return OrderLine(
        number=required_count(fields, "an order line", "lineitemnumber"),
        offer_id=required_text(fields, "an order line", "offerid"),
        subscription_id=fields.text("subscriptionid").lower(),
        parent_subscription_id=fields.text("parentsubscriptionid").lower(),
        friendly_name=fields.text("friendlyname"),
        quantity=required_count(fields, "an order line", "quantity"),
        term_duration=fields.text("termduration"),
        transaction_type=word(fields.text("transactiontype")),
        partner_id=fields.text("partneridonrecord"),
        pricing=read_pricing(fields.inner("pricing"), money),
        raw=fields.raw,
    )


def read_line_provisioning(row: object) -> LineProvisioning:
    """Return how far an order line is. Raises: MalformedAnswer without its number."""
    fields = Fields(row)
    return LineProvisioning(
        line_number=required_count(fields, "a provisioning status", "lineitemnumber"),
        status=word(fields.text("status")),
        quantities=tuple(
            (count(each, "quantity") or 0, word(each.text("status")))
            for each in fields.objects("quantityprovisioninginformation")
        ),
        raw=fields.raw,
    )
