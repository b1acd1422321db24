"""The webhook events of Partner Center: their names, and the body each is sent with.

Bodies differ from event to event in keys, in host scheme and in what is null; they are written here
as "Partner Center webhook events" shows them. The pages do not show an example for all of them:
those are formed like their neighbours.
"""

import json
import string
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.identity import COMMERCE
from partnercenter.simulator.ledger import Effect

_PLAIN_HTTP = COMMERCE.replace("https:", "http:")
_GRANULAR = "https://partner.microsoft.com/granularAdminRelationships/{relationship}"
_ASSIGNMENT = _GRANULAR + "/accessAssignments/{assignment}"
_REFERRAL = COMMERCE + "/engagements/v1/referrals/{referral}"
_MIGRATION = COMMERCE + "/v1/customers/{customer}/migrations/newcommerce/{migration}"
_ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class EventKind:
    """What is told of an event: `uri` has `{name}` for ids, None is null, absent is left out."""

    uri: str | None
    resource: str


_ADMIN = EventKind(_GRANULAR, "GranularAdminRelationship")
_ACCESS = EventKind(_ASSIGNMENT, "GranularAdminAccessAssignment")
_DELEGATED = EventKind(None, "PartnerCustomerDap")
_REFERRED = EventKind(_REFERRAL, "referral")
_MIGRATED = EventKind(_MIGRATION, "NewCommerceMigration")
EVENTS: Mapping[str, EventKind] = {
    "test-created": EventKind(
        _PLAIN_HTTP + "/webhooks/v1/registration/validationEvents/{correlation}", "test"
    ),
    "subscription-updated": EventKind(
        _PLAIN_HTTP + "/webhooks/v1/customers/{customer}/subscriptions/{subscription}",
        "subscription",
    ),
    "usagerecords-thresholdExceeded": EventKind(
        COMMERCE + "/v1/customers/usagerecords", "usagerecords"
    ),
    "invoice-ready": EventKind(COMMERCE + "/v1/invoices/{invoice}", "invoice"),
    "azure-fraud-event-detected": EventKind(
        COMMERCE + "/v1/fraudEvents?SubscriptionId={subscription}&EventStatus=Active", _ABSENT
    ),
    "reseller-relationship-accepted-by-customer": EventKind(
        COMMERCE + "/v1/customers/{customer}", "Customer"
    ),
    "dap-admin-relationship-approved": _DELEGATED,
    "dap-admin-relationship-terminated": _DELEGATED,
    "dap-admin-relationship-terminated-by-microsoft": EventKind(_ABSENT, "PartnerCustomerDap"),
    "granular-admin-relationship-approved": _ADMIN,
    "granular-admin-relationship-activated": _ADMIN,
    "granular-admin-relationship-terminated": _ADMIN,
    "granular-admin-relationship-expired": _ADMIN,
    "granular-admin-access-assignment-created": _ACCESS,
    "granular-admin-access-assignment-activated": _ACCESS,
    "granular-admin-access-assignment-updated": _ACCESS,
    "granular-admin-access-assignment-deleted": _ACCESS,
    "referral-created": _REFERRED,
    "referral-updated": _REFERRED,
    "related-referral-created": _REFERRED,
    "related-referral-updated": _REFERRED,
    "new-commerce-migration-created": _MIGRATED,
    "new-commerce-migration-completed": _MIGRATED,
    "new-commerce-migration-failed": _MIGRATED,
    "new-commerce-migration-schedule-failed": EventKind(
        COMMERCE + "/v1/customers/{customer}/migrations/newcommerce/schedules/{migration}",
        "NewCommerceMigrationSchedule",
    ),
}


@dataclass(frozen=True, slots=True)
class Event:
    """Something to tell a receiver of: which event, and the ids its URI is made of."""

    name: str
    ids: Mapping[str, str]


def event_of(effect: Effect) -> Event | None:
    """Return the event an effect is told by, or None.

    Creating a customer tells nothing: Partner Center has no event for it.
    """
    if effect.kind == "event_fired":
        return Event(effect.data["event"], effect.data["ids"])
    if effect.kind == "validation_requested":
        return Event("test-created", {"correlation": effect.subject})
    if effect.kind == "relationship_accepted":
        return Event("reseller-relationship-accepted-by-customer", {"customer": effect.subject})
    if effect.kind == "relationship_removed":
        return Event("granular-admin-relationship-terminated", granular_ids(effect.subject))
    if effect.kind in ("subscription_created", "subscription_changed"):
        ids = {"customer": str(effect.data.get("customer", "")), "subscription": effect.subject}
        return Event("subscription-updated", ids)
    if effect.kind == "invoice_ready":
        return Event("invoice-ready", {"invoice": effect.subject})
    return None


SOURCES = (
    "event_fired",
    "validation_requested",
    "relationship_accepted",
    "relationship_removed",
    "subscription_created",
    "subscription_changed",
    "invoice_ready",
)
"""The kinds of effects that `event_of` knows."""


def granular_ids(customer_id: str) -> dict[str, str]:
    """Return the id of a customer's granular admin relationship: two GUIDs joined by a dash."""
    first, second = (
        uuid.uuid5(uuid.NAMESPACE_DNS, f"{part}.{customer_id.lower()}")
        for part in ("relationship", "granular")
    )
    return {"customer": customer_id, "relationship": f"{first}-{second}"}


def check_ids(name: str, ids: Mapping[str, str]) -> None:
    """Raise Problem 400 when an id is missing that the URI of the event is made of."""
    template = EVENTS[name].uri or ""
    wanted = {field for _, field, _, _ in string.Formatter().parse(template) if field}
    missing = sorted(wanted - ids.keys())
    if missing:
        raise Problem(400, 0, f"{name} needs the ids: {', '.join(missing)}.")


def event_body(event: Event, *, at: datetime, audit_uri: str | None) -> bytes:
    """Return the bytes that are sent and signed; `at` is aware."""
    kind = EVENTS[event.name]
    content: dict[str, object] = {"EventName": event.name}
    if kind.uri != _ABSENT:
        content["ResourceUri"] = kind.uri and kind.uri.format_map(event.ids)
    if kind.resource != _ABSENT:
        content["ResourceName"] = kind.resource
    content["AuditUri"] = audit_uri
    content["ResourceChangeUtcDate"] = f"{at:%Y-%m-%dT%H:%M:%S.%f}0+00:00"
    return json.dumps(content).encode()
