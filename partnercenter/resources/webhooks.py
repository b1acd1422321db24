"""Where Microsoft sends events to; a partner has one registration at most."""

from collections.abc import Callable, Sequence
from typing import Any

from partnercenter.errors import InvalidRequest, MixedUpAnswer, NotFound
from partnercenter.schemas.links import web_link
from partnercenter.schemas.webhooks import (
    WebhookRegistration,
    WebhookTest,
    read_event_names,
    read_registration,
    read_test,
    read_test_started,
)
from partnercenter.transport import Transport, join_path

# The version comes second here, other than everywhere else.
_REGISTRATION = "/webhooks/v1/registration"
_TESTS = f"{_REGISTRATION}/validationEvents"


class Webhooks:
    """The partner's registration for events."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def event_names(self) -> tuple[str, ...]:
        """Return the events one can register for."""
        return self._transport.get(f"{_REGISTRATION}/events", read=read_event_names)

    def registration(self) -> WebhookRegistration | None:
        """Return the registration, None when there is none."""
        try:
            return self._transport.get(_REGISTRATION, read=read_registration)
        except NotFound:
            return None

    def register(
        self, url: str, events: Sequence[str], *, signature_header: bool = False
    ) -> WebhookRegistration:
        """Register for the first time. Raises: Conflict when there is a registration already.

        ``signature_header`` has events signed in ``x-ms-signature`` instead of ``Authorization``.
        """
        return self._write("POST", url, events, signature_header=signature_header)

    def replace(
        self, url: str, events: Sequence[str], *, signature_header: bool = False
    ) -> WebhookRegistration:
        """Replace the registration. Raises: NotFound when there is none."""
        return self._write("PUT", url, events, signature_header=signature_header)

    def send_test(self) -> str:
        """Have a test event sent and return the id to look its fate up by; two a minute at most.

        The registration must be for ``test-created``. Raises: Throttled, ...
        """
        return self._transport.send("POST", _TESTS, read=read_test_started)

    def test_result(self, correlation_id: str) -> WebhookTest:
        """Return what became of a test event. Raises: NotFound."""

        def read(body: object) -> WebhookTest:
            test = read_test(body)
            if test.correlation_id.lower() != correlation_id.lower():
                raise MixedUpAnswer("The answer is about another test.")
            return test

        path = join_path("webhooks", "v1", "registration", "validationEvents", correlation_id)
        return self._transport.get(path, read=read)

    def _write(
        self, method: str, url: str, events: Sequence[str], *, signature_header: bool
    ) -> WebhookRegistration:
        if not url or web_link(url) != url or not events:
            raise InvalidRequest("A registration needs an https address and at least one event.")
        body: dict[str, Any] = {"WebhookUrl": url, "WebhookEvents": list(events)}
        if signature_header:
            body["SignatureTokenToMsSignatureHeader"] = True
        # Registering the same thing twice changes nothing, but the second answer is a conflict.
        return self._transport.send(
            method,
            _REGISTRATION,
            body=body,
            read=_about(url),
            idempotent=method == "PUT",
        )


def _about(url: str) -> Callable[[object], WebhookRegistration]:
    def read(body: object) -> WebhookRegistration:
        registration = read_registration(body)
        if registration.url != url:
            raise MixedUpAnswer("The answer is about another registration.")
        return registration

    return read
