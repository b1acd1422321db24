"""The webhook registration of the partner, and every event that is owed to it.

What is owed follows from the ledger alone: an effect that Partner Center tells of, at a moment when
the registration asked for that event, is one delivery, and each attempt to send it is an effect. So
a restarted simulator goes on where it stopped.
"""

import threading
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from partnercenter.simulator.audit import audit_id, is_audited
from partnercenter.simulator.identity import COMMERCE
from partnercenter.simulator.ledger import Effect, Ledger
from partnercenter.simulator.stores.customers import CustomerStore
from partnercenter.simulator.switches import Switches
from partnercenter.simulator.webhook_events import SOURCES, event_body, event_of

MOST_ATTEMPTS = 10
"""Failed deliveries after which an event is parked. Source: "Partner Center webhooks"."""


@dataclass(frozen=True, slots=True)
class Registration:
    """Where events go: the receiver, and the host under which it knows this service."""

    subscriber_id: str
    url: str
    events: tuple[str, ...]
    signature_header: bool
    host: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One delivery as it went; `status` is None when no answer came."""

    at: datetime
    status: int | None
    error: str

    @property
    def accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass(slots=True)
class Delivery:
    """One event owed to the receiver, with the attempts so far."""

    id: str
    event: str
    body: bytes
    at: datetime
    correlation_id: str
    attempts: list[Attempt] = field(default_factory=list)

    def state(self) -> str:
        """Return waiting, delivered or parked."""
        if any(attempt.accepted for attempt in self.attempts):
            return "delivered"
        return "parked" if len(self.attempts) >= MOST_ATTEMPTS else "waiting"

    def due(self, switches: Switches) -> datetime | None:
        """Return when it is to be sent next; None when nothing is left to do."""
        first = self.at + timedelta(seconds=switches.webhook_lag_seconds)
        if self.state() == "delivered":
            copies = sum(attempt.accepted for attempt in self.attempts)
            return first if copies <= switches.webhook_duplicates else None
        if not self.attempts:
            return first
        if self.state() == "parked":
            return None
        wait = switches.webhook_retry_seconds * 2 ** (len(self.attempts) - 1)
        return self.attempts[-1].at + timedelta(seconds=wait)


class WebhookStore:
    """The registration and the deliveries, oldest first."""

    def __init__(self, ledger: Ledger, customers: CustomerStore, *, partner_id: str) -> None:
        self._ledger = ledger
        self._customers = customers
        self._partner_id = partner_id
        self._registration: Registration | None = None
        self._deliveries: dict[str, Delivery] = {}
        self.stirred = threading.Event()
        """Set when something may have become due; who waits for it clears it."""
        ledger.on("webhook_registered", self._apply_registered)
        ledger.on("webhook_attempted", self._apply_attempted)
        ledger.on("clock_advanced", lambda effect: self.stirred.set())
        for kind in SOURCES:
            ledger.on(kind, self._apply_source)

    @property
    def registration(self) -> Registration | None:
        return self._registration

    def deliveries(self) -> list[Delivery]:
        """Return all deliveries, oldest first."""
        with self._ledger.lock:
            return list(self._deliveries.values())

    def validation(self, correlation_id: str) -> Delivery | None:
        """Return the delivery of a test event, or None."""
        return next(
            (
                delivery
                for delivery in reversed(self.deliveries())
                if delivery.event == "test-created"
                and delivery.correlation_id.lower() == correlation_id.lower()
            ),
            None,
        )

    def due(self, now: datetime, switches: Switches) -> Sequence[Delivery]:
        """Return the deliveries to be sent now, in the order they are to go out."""
        waiting = [
            delivery
            for delivery in self.deliveries()
            if (due := delivery.due(switches)) is not None and due <= now
        ]
        return waiting[::-1] if switches.webhook_reorder else waiting

    def any_left(self, switches: Switches) -> bool:
        """Tell whether anything is still to be sent, now or later."""
        return any(delivery.due(switches) is not None for delivery in self.deliveries())

    def reset(self) -> None:
        """Forget the registration and all deliveries."""
        with self._ledger.lock:
            self._registration = None
            self._deliveries.clear()

    def _apply_registered(self, effect: Effect) -> None:
        content = effect.data["registration"]
        self._registration = Registration(
            subscriber_id=content["subscriberId"],
            url=content["webhookUrl"],
            events=tuple(content["webhookEvents"]),
            signature_header=content["signatureTokenToMsSignatureHeader"],
            host=effect.data["host"],
        )
        self.stirred.set()

    def _apply_source(self, effect: Effect) -> None:
        if effect.kind == "relationship_removed" and not self._is_administered(effect.subject):
            # Partner Center tells of the end of administration only, not of selling.
            return
        event = event_of(effect)
        wanted = self._registration.events if self._registration else ()
        if event is None or event.name not in wanted:
            return
        at = datetime.fromisoformat(effect.time)
        delivery = Delivery(
            id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{effect.sequence} {effect.time}")),
            event=event.name,
            body=event_body(event, at=at, audit_uri=self._audit_uri(event.name, effect)),
            at=at,
            correlation_id=effect.subject,
        )
        self._deliveries[delivery.id] = delivery
        self.stirred.set()

    def _is_administered(self, customer_id: str) -> bool:
        customer = self._customers.known(customer_id) or {}
        return customer.get("allowDelegatedAccess") is not False

    def _audit_uri(self, name: str, effect: Effect) -> str | None:
        if not is_audited(effect) or name.startswith("granular"):
            return None
        # Recorded events name two paths for the same record.
        path = "/v1" if name == "subscription-updated" else "/auditactivity/v1"
        return f"{COMMERCE}{path}/auditrecords/{audit_id(effect, self._partner_id)}"

    def _apply_attempted(self, effect: Effect) -> None:
        delivery = self._deliveries.get(effect.subject)
        if delivery is not None:
            at = datetime.fromisoformat(effect.time)
            delivery.attempts.append(Attempt(at, effect.data["status"], effect.data["error"]))
