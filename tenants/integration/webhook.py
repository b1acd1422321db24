"""The step that sends a test event round: registered, sent by Microsoft, received here."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from partnercenter.client import PartnerCenter
from partnercenter.errors import NotFound
from partnercenter.schemas.webhooks import WebhookTest
from tenants.integration.receiving import Receiver, is_public, receiver_in_use
from tenants.integration.steps import Bench, Later, Seen, Skipped, Wrong

TEST_EVENT: Final = "test-created"
LOOK_SECONDS: Final = 5.0
LONGEST_WAIT: Final = timedelta(minutes=10)


def receive_test_event(bench: Bench) -> Seen:
    """Have Microsoft send a test event and find it received, with a good signature.

    Raises:
        Skipped: nothing receives events here, or Microsoft could not reach it.
        Later: it is on its way.
        Wrong: events are registered for another address, or it did not arrive.
    """
    receiver = receiver_in_use()
    address = receiver.address_of(bench.connection) if receiver else ""
    if receiver is None or not address:
        raise Skipped("This installation does not receive events of this connection.")
    if not is_public(address):
        raise Skipped(
            "This installation has no public address, so Microsoft cannot send events to it.",
            advice="Discovery works without events. For them, PORTAL_BASE_URL has to be an https"
            " address that can be reached from the internet.",
        )
    if "sent" not in bench.kept:
        registered = _registered(bench.center, receiver, address)
        correlation = bench.center.webhooks.send_test()
        bench.keep(sent=correlation, sent_at=timezone.now().isoformat(), registered=registered)
        raise Later(1.0, waiting_for="the test event")
    return _look(bench, receiver)


def _registered(center: PartnerCenter, receiver: Receiver, address: str) -> str:
    """Register for events unless that is done; return what was done, in a word or two."""
    found = center.webhooks.registration()
    wanted = [*dict.fromkeys([*receiver.events(), TEST_EVENT])]
    if found is None:
        center.webhooks.register(address, wanted)
        return "by this test"
    if found.url != address:
        raise Wrong(
            "Microsoft sends the events of this partner to another address.",
            code="registered_elsewhere",
            advice="A partner has one registration. If nothing else uses it any more, replace it"
            " in Partner Center or through the program that made it, then run the test again.",
            seen={"Registered address": found.url},
        )
    if set(wanted) - set(found.events):
        center.webhooks.replace(address, [*dict.fromkeys([*found.events, *wanted])])
        return "completed by this test"
    return "before"


def _look(bench: Bench, receiver: Receiver) -> Seen:
    sent, sent_at = bench.kept["sent"], datetime.fromisoformat(bench.kept["sent_at"])
    with transaction.atomic():
        arrived = receiver.test_arrived_at(bench.connection, sent)
    if arrived is not None:
        return {
            "Registered": bench.kept["registered"],
            "Test event": sent,
            "Arrived after": f"{max(0.0, (arrived - sent_at).total_seconds()):.0f} s",
        }
    try:
        told = bench.center.webhooks.test_result(sent)
    except NotFound:
        told = None
    over = timezone.now() - sent_at > LONGEST_WAIT
    if over or (told is not None and told.status == "failed"):
        raise _not_arrived(sent, told)
    raise Later(LOOK_SECONDS, waiting_for="the test event")


def _not_arrived(sent: str, told: WebhookTest | None) -> Wrong:
    tries = told.tries if told else ()
    answers = ", ".join(tried.response_code or "no answer" for tried in tries[-3:])
    return Wrong(
        "The test event did not arrive here.",
        code="event_not_received",
        advice="Look whether a firewall or proxy lets Microsoft through to the address below, and"
        " whether its certificate is trusted publicly.",
        seen={
            "Test event": sent,
            "Address": told.url if told else "not told",
            "Microsoft's tries": len(tries),
            "Answers it got": answers or "none told",
        },
    )
