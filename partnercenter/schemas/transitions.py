"""Moves of a subscription to another product, term or subscription."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from partnercenter.refusals import plain_text
from partnercenter.schemas.fields import Fields
from partnercenter.schemas.strict import count, required_count, required_text, word

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why something cannot be moved; ``code`` is Microsoft's small number, as text."""

    code: str
    description: str


@dataclass(frozen=True, slots=True)
class WayToMove:
    """One kind of transition (``transition_only``, ``transition_with_license_transfer``)."""

    transition_type: str
    is_eligible: bool
    hindrances: tuple[Hindrance, ...]


@dataclass(frozen=True, slots=True)
class TargetSubscription:
    """A subscription the seats could be merged into."""

    subscription_id: str
    friendly_name: str
    term_duration: str
    billing_cycle: str
    is_eligible: bool
    hindrances: tuple[Hindrance, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionTarget:
    """A product that seats can, or cannot, be moved to."""

    catalog_item_id: str
    title: str
    description: str
    quantity: int | None
    operation_id: str
    ways: tuple[WayToMove, ...]
    subscriptions: tuple[TargetSubscription, ...]
    raw: Raw = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTransition:
    """A move to make: of a part, which leaves the rest, or of all, which ends the source."""

    to_catalog_item_id: str
    quantity: int
    transition_type: str
    from_catalog_item_id: str = ""
    to_subscription_id: str = ""
    term_duration: str = ""
    billing_cycle: str = ""
    promotion_id: str = ""

    def body(self, from_subscription_id: str) -> dict[str, Any]:
        """Return it as the wire has it; what is not set is left out."""
        wire: dict[str, Any] = {
            "fromCatalogItemId": self.from_catalog_item_id,
            "fromSubscriptionId": from_subscription_id,
            "toCatalogItemId": self.to_catalog_item_id,
            "toSubscriptionId": self.to_subscription_id,
            "quantity": self.quantity,
            "termDuration": self.term_duration,
            "billingCycle": self.billing_cycle,
            "transitionType": self.transition_type,
            "promotionId": self.promotion_id,
        }
        return {name: value for name, value in wire.items() if value != ""}


@dataclass(frozen=True, slots=True)
class TransitionEvent:
    """A step of a move: ``started``, ``completed``, ``failed`` or a word to come."""

    name: str
    status: str
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A move that was begun; ids of subscriptions in lower case, empty when untold."""

    operation_id: str
    from_catalog_item_id: str
    from_subscription_id: str
    to_catalog_item_id: str
    to_subscription_id: str
    quantity: int
    term_duration: str
    billing_cycle: str
    transition_type: str
    events: tuple[TransitionEvent, ...]
    raw: Raw = field(repr=False)


def read_transition_target(row: object) -> TransitionTarget:
    """Return a product to move to. Raises: MalformedAnswer without its catalog item id."""
    fields = Fields(row)
    return TransitionTarget(
        catalog_item_id=required_text(fields, "a transition target", "catalogitemid"),
        title=fields.text("title"),
        description=fields.text("description"),
        quantity=count(fields, "quantity"),
        operation_id=fields.text("operationid").lower(),
        ways=tuple(
            WayToMove(
                word(way.text("transitiontype")),
                way.flag("iseligible") or False,
                _read_hindrances(way),
            )
            for way in fields.objects("eligibilities")
        ),
        subscriptions=tuple(
            TargetSubscription(
                required_text(each, "a target", "subscriptionid").lower(),
                each.text("subscriptionfriendlyname"),
                each.text("subscriptiontermduration"),
                word(each.text("subscriptionbillingcycle")),
                each.flag("iseligible") or False,
                _read_hindrances(each),
            )
            for each in fields.objects("subscriptioneligibilities")
        ),
        raw=fields.raw,
    )


def _read_hindrances(fields: Fields) -> tuple[Hindrance, ...]:
    return tuple(
        Hindrance(error.text("code"), plain_text(error.text("description")))
        for error in fields.objects("errors")
    )


def read_transition(row: object) -> Transition:
    """Return a move. Raises: MalformedAnswer without where to and how many."""
    fields = Fields(row)
    return Transition(
        operation_id=fields.text("operationid").lower(),
        from_catalog_item_id=fields.text("fromcatalogitemid"),
        from_subscription_id=fields.text("fromsubscriptionid").lower(),
        to_catalog_item_id=required_text(fields, "a transition", "tocatalogitemid"),
        to_subscription_id=fields.text("tosubscriptionid").lower(),
        quantity=required_count(fields, "a transition", "quantity"),
        term_duration=fields.text("termduration"),
        billing_cycle=word(fields.text("billingcycle")),
        transition_type=word(fields.text("transitiontype")),
        events=tuple(
            TransitionEvent(
                event.text("name"), word(event.text("status")), event.moment("timestamp")
            )
            for event in fields.objects("events")
        ),
        raw=fields.raw,
    )
