"""Subscriptions, of new and old commerce alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from partnercenter.schemas.fields import Fields, as_guid
from partnercenter.schemas.strict import (
    count,
    etag_of,
    required_count,
    required_id,
    required_text,
    rows,
    word,
)

Raw = Mapping[str, Any]
_AZURE_PLAN = "dzh318z0bps6"


class Generation(StrEnum):
    """By which rules a subscription lives."""

    SEATS = "new commerce seats"
    SOFTWARE = "software"
    AZURE_PLAN = "Azure plan"
    SAAS = "marketplace SaaS"
    LEGACY = "old commerce"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class RefundOption:
    """What comes back (``full``, ``partial``) until when; None is without end."""

    kind: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class RefundableSeats:
    """Seats that may still be given back until a moment."""

    quantity: int
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NextTerm:
    """What a subscription becomes when it renews; empty or None is what stays as it is."""

    product_id: str
    sku_id: str
    availability_id: str
    billing_cycle: str
    term_duration: str
    promotion_id: str = ""
    quantity: int | None = None
    custom_term_end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A subscription.

    ``commitment_end`` is Microsoft's ``commitmentEndDate``: for new commerce the *last day* of the
    term, inclusive, told as its midnight; the term is over when that day is over.
    ``commitment_end_time`` says the same to the second (23:59:59), where Microsoft sends it. Both
    are None without an end. ``cancellable_until`` bounds cancelling the whole, ``refundable``
    giving back seats. Ids are in lower case but for ``order_id``, where case can count; ``etag``
    is for the next write only and never stored.
    """

    id: str
    offer_id: str
    offer_name: str
    friendly_name: str
    product_type: str
    quantity: int
    unit: str
    status: str
    is_trial: bool
    auto_renew: bool | None
    billing_type: str
    billing_cycle: str
    term_duration: str
    created: datetime | None
    effective_start: datetime | None
    commitment_end: datetime | None
    commitment_end_time: datetime | None
    cancellable_until: datetime | None
    refunds: tuple[RefundOption, ...]
    refundable: tuple[RefundableSeats, ...]
    next_term: NextTerm | None
    parent_id: str
    entitlement_id: str
    order_id: str
    partner_id: str
    promotion_id: str
    suspension_reasons: tuple[str, ...]
    etag: str
    raw: Raw = field(repr=False)

    @property
    def last_day(self) -> date | None:
        """The last day of the term, in UTC; None without an end."""
        return self.commitment_end.date() if self.commitment_end else None

    @property
    def generation(self) -> Generation:
        """By which rules it lives, told from its product type and offer."""
        kind = self.product_type.lower()
        if kind == "onlineservicesnce":
            return Generation.SEATS
        if self.offer_id.lower().partition(":")[0] == _AZURE_PLAN or kind == "azure":
            return Generation.AZURE_PLAN
        if kind == "software":
            return Generation.SOFTWARE
        if "saas" in kind:
            return Generation.SAAS
        if not kind and (as_guid(self.offer_id) or self.offer_id.upper().startswith("MS-AZR-")):
            return Generation.LEGACY
        return Generation.OTHER


def read_subscription(body: object) -> Subscription:
    """Return a subscription.

    Raises: MalformedAnswer without id, offer or quantity: they decide what is billed.
    """
    fields = Fields(body)
    refundable = fields.inner("refundablequantity") or Fields({})
    return Subscription(
        id=required_id(fields, "a subscription", "id").lower(),
        offer_id=required_text(fields, "a subscription", "offerid"),
        offer_name=fields.text("offername"),
        friendly_name=fields.text("friendlyname"),
        product_type=(fields.inner("producttype") or Fields({})).text("id"),
        quantity=required_count(fields, "a subscription", "quantity"),
        unit=fields.text("unittype"),
        status=word(fields.text("status")),
        is_trial=fields.flag("istrial") or False,
        auto_renew=fields.flag("autorenewenabled"),
        billing_type=word(fields.text("billingtype")),
        billing_cycle=word(fields.text("billingcycle")),
        term_duration=fields.text("termduration"),
        created=fields.moment("creationdate"),
        effective_start=fields.moment("effectivestartdate"),
        commitment_end=fields.moment("commitmentenddate"),
        commitment_end_time=fields.moment("commitmentenddatetime"),
        cancellable_until=fields.moment("cancellationalloweduntildate"),
        refunds=tuple(
            RefundOption(word(option.text("type")), option.moment("expiresat"))
            for option in fields.objects("refundoptions")
        ),
        refundable=tuple(
            RefundableSeats(
                required_count(detail, "refundable seats", "quantity"),
                detail.moment("alloweduntildatetime"),
            )
            for detail in rows(refundable, "details")
        ),
        next_term=_read_next_term(fields.inner("schedulednextterminstructions")),
        parent_id=fields.text("parentsubscriptionid").lower(),
        entitlement_id=fields.text("entitlementid").lower(),
        order_id=fields.text("orderid"),
        partner_id=fields.text("partnerid"),
        promotion_id=fields.text("promotionid"),
        suspension_reasons=tuple(word(reason) for reason in fields.texts("suspensionreasons")),
        etag=etag_of(fields),
        raw=fields.raw,
    )


def _read_next_term(fields: Fields | None) -> NextTerm | None:
    if fields is None or not fields.raw:
        return None
    product = fields.inner("product") or Fields({})
    return NextTerm(
        product_id=product.text("productid"),
        sku_id=product.text("skuid"),
        availability_id=product.text("availabilityid"),
        billing_cycle=word(product.text("billingcycle")),
        term_duration=product.text("termduration"),
        promotion_id=product.text("promotionid"),
        quantity=count(fields, "quantity"),
        custom_term_end=fields.moment("customtermenddate"),
    )
