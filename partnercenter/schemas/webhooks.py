"""Webhooks: what is registered, what a test came to, and the events that come in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from partnercenter.errors import MalformedAnswer
from partnercenter.schemas.fields import Fields


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRegistration:
    """Where a partner's events go and which."""

    subscriber_id: str
    url: str
    events: tuple[str, ...]
    raw: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookTry:
    """One attempt to deliver a test event."""

    response_code: str
    response_message: str
    system_error: bool | None
    tried: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookTest:
    """What became of a test event."""

    correlation_id: str
    partner_id: str
    status: str
    url: str
    tries: tuple[WebhookTry, ...]
    raw: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEvent:
    """A hint that something changed: what it says is never used in place of looking.

    Events come twice, late, out of order and from strangers, so their addresses are not for
    calling.
    """

    name: str
    resource_uri: str
    resource_name: str
    audit_uri: str
    changed: datetime | None
    raw: Mapping[str, Any] = field(repr=False)


def read_event_names(body: object) -> tuple[str, ...]:
    """Return the names of events there are. Raises: MalformedAnswer when it is no list."""
    if not isinstance(body, list):
        raise MalformedAnswer("The names of events are no list.")
    return tuple(name for name in body if isinstance(name, str) and name)


def read_registration(body: object) -> WebhookRegistration:
    """Return a registration. Raises: MalformedAnswer when it has no address."""
    row = Fields(body)
    url = row.text("webhookurl")
    if not url:
        raise MalformedAnswer("The answer has a registration without an address.")
    return WebhookRegistration(
        subscriber_id=row.text("subscriberid"),
        url=url,
        events=row.texts("webhookevents"),
        raw=row.raw,
    )


def read_test_started(body: object) -> str:
    """Return the id under which a test is looked up. Raises: MalformedAnswer without one."""
    correlation_id = Fields(body).text("correlationid")
    if not correlation_id:
        raise MalformedAnswer("The answer has a test without an id.")
    return correlation_id


def read_test(body: object) -> WebhookTest:
    """Return what became of a test. Raises: MalformedAnswer when it has no id."""
    row = Fields(body)
    return WebhookTest(
        correlation_id=read_test_started(body),
        partner_id=row.text("partnerid"),
        status=row.text("status").lower(),
        url=row.text("callbackurl"),
        tries=tuple(
            WebhookTry(
                response_code=tried.text("responsecode"),
                response_message=tried.text("responsemessage"),
                system_error=tried.flag("systemerror"),
                tried=tried.moment("datetimeutc"),
            )
            for tried in row.objects("results")
        ),
        raw=row.raw,
    )


def read_webhook_event(body: object) -> WebhookEvent:
    """Return an event whose signature was checked before. Raises: MalformedAnswer without name."""
    row = Fields(body)
    name = row.text("eventname")
    if not name:
        raise MalformedAnswer("The event has no name.")
    return WebhookEvent(
        name=name,
        resource_uri=row.text("resourceuri"),
        resource_name=row.text("resourcename"),
        # A table of the documentation spells it otherwise than all samples.
        audit_uri=row.text("audituri", "auditurl"),
        changed=row.moment("resourcechangeutcdate"),
        raw=row.raw,
    )
