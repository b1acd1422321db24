"""The step that sends a test event round: registered, sent by Microsoft, received, proved here."""

import ipaddress
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from partnercenter.errors import NotFound
from partnercenter.schemas.webhooks import WebhookTest
from tenants.integration.steps import Bench, Later, Seen, Skipped, Wrong
from tenants.notifications.models import WebhookRegistration
from tenants.notifications.queries import notification_state, receiver_url
from tenants.notifications.registering import TEST_EVENT, register_webhook, send_test_event

LOOK_SECONDS: Final = 5.0
LONGEST_WAIT: Final = timedelta(minutes=10)
LOCAL_NAMES: Final = (".localhost", ".local", ".internal", ".lan", ".home.arpa")


def receive_test_event(bench: Bench) -> Seen:
    """Have Microsoft send a test event and find it received, with a good signature.

    Raises:
        Skipped: Microsoft could not reach this installation.
        Later: it is on its way.
        Wrong: it did not arrive.
        PortalError: registering or asking for the event failed.
    """
    if not is_public(settings.BASE_URL):
        raise Skipped(
            "This installation has no public address, so Microsoft cannot send events to it.",
            advice="Discovery works without events. For them, PORTAL_BASE_URL has to be an https"
            " address that can be reached from the internet.",
        )
    if "sent" not in bench.kept:
        done = _register(bench)
        row = send_test_event(bench.connection, actor=bench.running.actor)
        bench.keep(sent=row.asked_test, registered=done)
        raise Later(1.0, waiting_for="the test event")
    return _look(bench)


def is_public(address: str) -> bool:
    """Tell whether Microsoft could reach an address: https, and no name or number of a LAN."""
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
    except ValueError:
        return False
    if parts.scheme != "https" or not host:
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith(LOCAL_NAMES)


def _register(bench: Bench) -> str:
    """Register for events unless that is done already; return what was done, in a word or two."""
    row = _registration(bench)
    there = bench.center.webhooks.registration()
    if (
        row is not None
        and row.state == WebhookRegistration.State.REGISTERED
        and there is not None
        and there.url == receiver_url(row)
        and TEST_EVENT in there.events
    ):
        return "before"
    register_webhook(bench.connection, actor=bench.running.actor)
    return "by this test"


def _registration(bench: Bench) -> WebhookRegistration | None:
    with transaction.atomic():
        return notification_state(bench.connection, actor=bench.running.actor).registration


def _look(bench: Bench) -> Seen:
    sent = bench.kept["sent"]
    row = _registration(bench)
    began = bench.step.started_at or timezone.now()
    if row is not None and row.seen_test == sent and row.seen_test_at is not None:
        return {
            "Registered": bench.kept["registered"],
            "Test event": sent,
            "Arrived after": f"{max(0.0, (row.seen_test_at - began).total_seconds()):.1f} s",
        }
    try:
        told = bench.center.webhooks.test_result(sent)
    except NotFound:
        told = None
    if timezone.now() - began > LONGEST_WAIT or (told is not None and told.status == "failed"):
        raise _not_arrived(sent, told)
    raise Later(LOOK_SECONDS, waiting_for="the test event")


def _not_arrived(sent: str, told: WebhookTest | None) -> Wrong:
    tries = told.tries if told else ()
    answers = ", ".join(tried.response_code or "no answer" for tried in tries[-3:])
    return Wrong(
        "The test event did not arrive here.",
        code="event_not_received",
        advice="Look whether a firewall or proxy lets Microsoft through to PORTAL_BASE_URL, and"
        " whether its certificate is trusted publicly.",
        seen={
            "Test event": sent,
            "Microsoft's tries": len(tries),
            "Answers it got": answers or "none told",
        },
    )
