"""The PATCH of a subscription: answered at once, or accepted and carried out later."""

import base64
import binascii
import json
from datetime import timedelta

from partnercenter.simulator.charge_rows import record_charges
from partnercenter.simulator.charges import Charge, cancelled, changed_plan, changed_seats
from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import fold, read_object, without_nulls
from partnercenter.simulator.routes.subscriptions import find_subscription
from partnercenter.simulator.routing import Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.subscription_patch import Asked, decide
from partnercenter.simulator.subscription_terms import Subscription, moment_text, status_of
from partnercenter.simulator.wire import Response


def patch_subscription(call: Call) -> Response:
    """Change a subscription and answer 200 with it, or 202 when the switch says so.

    Raises Problem 409/900278 while an accepted change is under way and 400/2055 for a stale etag.
    """
    customer_id, current = find_subscription(call)
    body = without_nulls(read_object(call.request.json()))
    refuse_pending(call, current)
    _check_etag(call, body, current)
    named = body.get("id")
    if named and str(named).lower() != str(current["id"]).lower():
        raise Problem(400, 800002, "The body is of another subscription.")
    now = call.site.clock()
    after = without_nulls(decide(Asked(call.site, customer_id, current, body, now)))
    if after == without_nulls(current):
        return Response(body=after)
    after = with_next_etag(after)
    accepted = call.site.switches.patch_accepted
    delay = timedelta(seconds=call.site.switches.patch_seconds if accepted else 0)
    call.record(
        "subscription_changed",
        str(current["id"]),
        customer=customer_id,
        subscription=after,
        effective_at=moment_text(now + delay),
    )
    record_charges(call, customer_id, _charges(call, current, after))
    if not accepted:
        return Response(body=after)
    shown = after if call.site.switches.accepted_body else None
    uri = f"/customers/{customer_id}/subscriptions/{current['id']}"
    return Response(status=202, body=shown, headers={"Location": location(call, uri)})


def refuse_pending(call: Call, subscription: Subscription) -> None:
    """Refuse, with 409/900278, to touch a subscription whose last change is still under way."""
    if call.site.subscriptions.is_pending(str(subscription["id"])):
        raise Problem(409, 900278, "Another change of the subscription is still in progress.")


def location(call: Call, uri: str) -> str:
    """Return a `Location`: relative and without a version, or a whole address by the switch."""
    if not call.site.switches.location_absolute:
        return uri
    return f"{call.request.scheme}://{call.request.host}/v1{uri}"


def with_next_etag(subscription: Subscription) -> Subscription:
    """Return a subscription with a new etag if it has one; new-commerce ones often have none."""
    attributes = subscription.get("attributes") or {}
    etag = attributes.get("etag")
    if not etag:
        return subscription
    content = {"id": str(subscription["id"]).lower(), "version": _version(etag) + 1}
    text = base64.b64encode(json.dumps(content, separators=(",", ":")).encode()).decode()
    return subscription | {"attributes": attributes | {"etag": text}}


def _version(etag: str) -> int:
    try:
        return int(json.loads(base64.b64decode(etag, validate=True))["version"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        # A world may hold any text as an etag; the next one only has to differ from it.
        return 0


def _check_etag(call: Call, body: Subscription, current: Subscription) -> None:
    present = (current.get("attributes") or {}).get("etag")
    attributes = body.get("attributes")
    in_body = attributes.get("etag") if isinstance(attributes, dict) else None
    in_header = call.request.headers.get("if-match", "").strip().strip('"')
    for given in (in_body, in_header):
        if present and given and given not in (present, "*"):
            raise Problem(400, 2055, "The subscription has changed. Read it again before writing.")


def _charges(call: Call, before: Subscription, after: Subscription) -> list[Charge]:
    now = call.site.clock()
    if status_of(after) == "deleted":
        return cancelled(before, now)
    charges = changed_seats(before, after, now)
    if fold(before.get("billingCycle") or "") != fold(after.get("billingCycle") or ""):
        more_seats = before | {"quantity": after.get("quantity")}
        charges = [*changed_seats(before, more_seats, now), *changed_plan(more_seats, after, now)]
    return charges


ROUTES = [
    Route(
        "PATCH",
        "/customers/{customer}/subscriptions/{subscription}",
        patch_subscription,
        idempotent=True,
    ),
]
