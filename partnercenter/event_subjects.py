"""What an event is about: a kind and an id, and no address.

An event names what changed by addresses. They are never called: an address that is of one of
Microsoft's hosts and of a shape we know is reduced to the id in it, and our own client asks for
that. Anything else is about nothing. Source: "Partner Center webhook events".
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from partnercenter.schemas.webhooks import WebhookEvent

CUSTOMER, INVOICE, TEST, AUDIT_RECORD = "customer", "invoice", "test", "audit_record"
HOSTS = frozenset({"api.partnercenter.microsoft.com", "partner.microsoft.com"})
LONGEST_ADDRESS = 2_048
_GUID = r"(?P<id>[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})"
_SHAPES = (
    # What belongs to a customer is looked at by looking at the customer.
    (CUSTOMER, re.compile(rf"(?:/webhooks)?/v1/customers/{_GUID}(?:/.*)?")),
    (INVOICE, re.compile(r"/v1/invoices/(?P<id>[a-z0-9-]{1,60})")),
    (TEST, re.compile(rf"/webhooks/v1/registration/validationevents/{_GUID}")),
    (AUDIT_RECORD, re.compile(r"(?:/auditactivity)?/v1/auditrecords/(?P<id>[a-z0-9_-]{1,250})")),
)


@dataclass(frozen=True, slots=True)
class EventSubject:
    """One thing to look at; the id is in lower case."""

    kind: str
    id: str


def subject_of(event: WebhookEvent, *, hosts: Collection[str] = HOSTS) -> EventSubject | None:
    """Return what to look at because of an event, None when it leads to nothing we know.

    Some events say what changed only by the record of the change, so that counts where the
    resource says nothing. ``hosts`` are whole, port included.
    """
    return _reduced(event.resource_uri, hosts) or _reduced(event.audit_uri, hosts)


def _reduced(address: str, hosts: Collection[str]) -> EventSubject | None:
    if not address or len(address) > LONGEST_ADDRESS or not address.isascii():
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    # Microsoft writes some of these addresses with http; nobody calls them.
    if parts.scheme not in ("http", "https") or parts.netloc.lower() not in hosts:
        return None
    for kind, shape in _SHAPES:
        found = shape.fullmatch(parts.path.lower().rstrip("/"))
        if found:
            return EventSubject(kind, found["id"])
    return None
