"""Webhook management: the one registration of a partner, test events, the signing certificate.

Events go to https, and to plain http on this machine; a switch allows it elsewhere. Codes of
refusals are not documented for these routes; the general ones are used.
"""

import ipaddress
import uuid
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from partnercenter.simulator.courier import CERTIFICATE_FOLDER
from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import read_enum
from partnercenter.simulator.routing import Access, Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.stores.webhooks import Attempt, Registration
from partnercenter.simulator.switches import Switches
from partnercenter.simulator.webhook_events import EVENTS
from partnercenter.simulator.wire import Response

_ROOT = "/webhooks/v1/registration"
_VALIDATIONS_A_MINUTE = 2


def list_events(call: Call) -> Response:
    """Answer the names of all events as a bare array."""
    return Response(body=list(EVENTS))


def get_registration(call: Call) -> Response:
    """Answer the registration in PascalCase, without the subscriber id that a write shows."""
    shown = _shown(_registration(call))
    return Response(body={key: value for key, value in shown.items() if key != "SubscriberId"})


def post_registration(call: Call) -> Response:
    """Register the receiver; there can be one only."""
    content = _read_registration(call)
    if call.site.webhooks.registration is not None:
        raise Problem(409, 800002, "There is a registration already. Replace it with PUT.")
    return _register(call, content, subscriber_id=str(uuid.uuid4()))


def put_registration(call: Call) -> Response:
    """Replace the registration as a whole."""
    current = _registration(call)
    return _register(call, _read_registration(call), subscriber_id=current.subscriber_id)


def post_validation(call: Call) -> Response:
    """Have a test event delivered; twice a minute at most, refused calls counted.

    The answer names the correlation id under which its fate can be asked. It is that of the call,
    as recorded, unless another test event has it already.
    """
    refusal = call.site.throttle.count(
        f"validationEvents {call.site.world.partner.tenant_id}",
        limit=_VALIDATIONS_A_MINUTE,
        now=call.site.clock(),
    )
    if refusal is not None:
        return refusal
    if "test-created" not in _registration(call).events:
        raise Problem(400, 800002, "The registration does not ask for test-created.")
    correlation_id = call.request.correlation_id
    if call.site.webhooks.validation(correlation_id) is not None:
        correlation_id = str(uuid.uuid4())
    call.record("validation_requested", correlation_id)
    return Response(body={"correlationId": correlation_id})


def get_validation(call: Call) -> Response:
    """Answer what became of a test event, attempt by attempt.

    Raises Problem 404/1000 for an id that no test event has.
    """
    delivery = call.site.webhooks.validation(call.params["correlation"])
    if delivery is None:
        raise Problem(404, 1000, "There is no such validation event.")
    states = {"waiting": "inProgress", "delivered": "completed", "parked": "failed"}
    return Response(
        body={
            "correlationId": delivery.correlation_id,
            "partnerId": call.site.world.partner.tenant_id,
            "status": states[delivery.state()],
            "callbackUrl": _registration(call).url,
            "results": [_result(attempt) for attempt in delivery.attempts],
        }
    )


def get_certificate(call: Call) -> Response:
    """Answer the certificate events are signed with, DER; open to everybody, as a blob is."""
    signer = call.site.event_signer
    if call.params["name"].lower() != signer.certificate_name:
        raise Problem(404, 1000, "There is no such certificate.")
    return Response(body=signer.certificate, headers={"Content-Type": "application/pkix-cert"})


def _registration(call: Call) -> Registration:
    found = call.site.webhooks.registration
    if found is None:
        raise Problem(404, 1000, "There is no webhook registration.")
    return found


def _register(call: Call, content: dict[str, Any], *, subscriber_id: str) -> Response:
    call.record(
        "webhook_registered",
        subscriber_id,
        registration={"subscriberId": subscriber_id} | content,
        # Under this name the receiver reaches us, so the certificate is named by it too.
        host=call.request.host,
    )
    return Response(body=_shown(_registration(call)))


def _read_registration(call: Call) -> dict[str, Any]:
    body = call.request.json()
    if not isinstance(body, dict):
        raise Problem(400, 800002, "A JSON object is expected.")
    given = {key.lower(): value for key, value in body.items()}
    url, names = given.get("webhookurl"), given.get("webhookevents")
    if not isinstance(url, str) or not _is_reachable(url, call.site.switches):
        raise Problem(400, 800002, "WebhookUrl must be an https address.")
    if not isinstance(names, list) or not names:
        raise Problem(400, 800002, "WebhookEvents must name at least one event.")
    unknown = [str(name) for name in names if read_enum(name, EVENTS) is None]
    if unknown:
        raise Problem(400, 800002, "WebhookEvents names unknown events.", data=unknown)
    header = given.get("signaturetokentomssignatureheader") or False
    if not isinstance(header, bool):
        raise Problem(400, 800002, "SignatureTokenToMsSignatureHeader must be true or false.")
    return {
        "webhookUrl": url,
        "webhookEvents": list(dict.fromkeys(read_enum(name, EVENTS) for name in names)),
        "signatureTokenToMsSignatureHeader": header,
    }


def _is_reachable(url: str, switches: Switches) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if not host or parts.scheme not in ("http", "https"):
            return False
        if parts.scheme == "https" or switches.webhook_plain_http:
            return True
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
    return local


def _shown(registration: Registration) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "SubscriberId": registration.subscriber_id,
        "WebhookUrl": registration.url,
        "WebhookEvents": list(registration.events),
    }
    if registration.signature_header:
        shown["SignatureTokenToMsSignatureHeader"] = True
    return shown


def _result(attempt: Attempt) -> dict[str, Any]:
    name = ""
    if attempt.status in set(HTTPStatus):
        name = HTTPStatus(attempt.status).phrase.replace(" ", "")
    return {
        "responseCode": name if attempt.status else "",
        "responseMessage": attempt.error,
        "systemError": attempt.status is None,
        "dateTimeUtc": f"{attempt.at:%Y-%m-%dT%H:%M:%S.%f}0",
    }


ROUTES = [
    Route("GET", f"{_ROOT}/events", list_events, versioned=False),
    Route("GET", _ROOT, get_registration, versioned=False),
    Route("POST", _ROOT, post_registration, versioned=False),
    Route("PUT", _ROOT, put_registration, versioned=False),
    Route("POST", f"{_ROOT}/validationEvents", post_validation, versioned=False),
    Route("GET", f"{_ROOT}/validationEvents/{{correlation}}", get_validation, versioned=False),
    Route("GET", f"{CERTIFICATE_FOLDER}/{{name}}", get_certificate, Access.OPEN, versioned=False),
]
