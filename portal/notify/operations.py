"""Sending what is due, sending it again, and what people choose about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.core import audit
from portal.core.access import Actor, system_actor
from portal.core.errors import Conflict, InvalidInput, NotFound
from portal.core.identity.models import Membership
from portal.core.jobs.kinds import JobKind
from portal.core.jobs.models import Job
from portal.core.jobs.operations import enqueue
from portal.core.zones import time_zones
from portal.notify.models import Delivery, Preference
from portal.notify.queries import (
    due_deliveries,
)
from portal.notify.topics import topics

DELIVER = JobKind("portal.deliver_message", "mail", max_attempts=5)
State = Delivery.State


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a member chooses; see `Preference`."""

    digest: bool = True
    digest_day: int = 0
    digest_hour: int = 8
    time_zone: str = "UTC"
    muted: tuple[str, ...] = ()
    quiet_from: time | None = None
    quiet_until: time | None = None
    connections: tuple[UUID, ...] = ()
    organizations: tuple[UUID, ...] = ()
    wrong: Mapping[str, list[str]] = field(default_factory=dict)


def wake_due(*, actor: Actor) -> int:
    """Have every message sent whose time has come; returns how many jobs were asked for."""
    asked = 0
    with transaction.atomic():
        for row in due_deliveries(actor):
            asked += ask_delivery(row, actor=actor)
    return asked


def retry_delivery(delivery: Delivery, *, actor: Actor) -> Delivery:
    """Send a message again: one that failed, or a letter or a webhook's that was lost after all.

    It keeps its id, by which who got it twice can tell. A letter goes to the same address and says
    what it says by then.

    Raises:
        Conflict: it is on its way, or a mail that is no letter and was sent.
    """
    actor.require("webhooks.manage")
    with transaction.atomic():
        rows = Delivery.objects.visible_to(actor).select_for_update(of=("self",))
        row: Delivery | None = rows.filter(pk=delivery.pk).first()
        if row is None:
            raise NotFound
        if row.is_letter and not row.recipient:
            raise Conflict("This letter has no address to go to; it is held for a reason.")
        if not may_be_retried(row) and not _is_stuck(row, actor=actor):
            raise Conflict(
                f"This message is {row.get_state_display().lower()}; only what failed, a letter, or"
                " what a webhook has got, is sent again."
            )
        if not row.is_letter and row.membership_id is None and row.webhook_id is None:
            raise Conflict("Whom this message was for is no longer here.")
        row.maybe_twice = row.maybe_twice or row.state == State.SENDING
        row.state, row.due_at, row.last_error = State.WAITING, timezone.now(), ""
        row.sent_at = None
        row.save(update_fields=["state", "due_at", "last_error", "sent_at", "maybe_twice"])
        audit.record(actor, "notify.delivery_retried", row)
        ask_delivery(row, actor=actor)
    return row


def may_be_retried(delivery: Delivery) -> bool:
    """Tell whether somebody with the right may send a message again, by its state."""
    if delivery.state == State.FAILED:
        return not delivery.is_letter or bool(delivery.recipient)
    again = delivery.is_letter or delivery.channel == Delivery.Channel.WEBHOOK
    return again and delivery.state == State.SENT


def set_preferences(member: Membership, *, actor: Actor, wishes: Wishes) -> Preference:
    """Write down what a member wants to hear; only the member itself may.

    The ids in ``connections`` and ``organizations`` were looked up by the caller, whose floor knows
    them. ``wishes.wrong`` are its complaints about them.

    Raises:
        InvalidInput: with every field that is wrong.
        NotFound: it is somebody else's.
    """
    actor.require("alerts.manage")
    if member.pk != actor.membership_id:
        raise NotFound
    wrong = {**wishes.wrong, **_wrong(wishes)}
    if wrong:
        raise InvalidInput("Some fields are not valid.", fields=wrong)
    with transaction.atomic():
        row, _ = Preference.objects.select_for_update(of=("self",)).get_or_create(
            reseller_id=actor.reseller_id,
            membership=member,
            defaults={"time_zone": wishes.time_zone},
        )
        row.digest, row.digest_day, row.digest_hour = (
            wishes.digest,
            wishes.digest_day,
            wishes.digest_hour,
        )
        row.time_zone, row.muted = wishes.time_zone, sorted(wishes.muted)
        row.quiet_from, row.quiet_until = wishes.quiet_from, wishes.quiet_until
        row.connections = [str(one) for one in wishes.connections]
        row.organizations = [str(one) for one in wishes.organizations]
        row.save()
        audit.record(actor, "notify.preferences_changed", member)
    return row


def _wrong(wishes: Wishes) -> dict[str, list[str]]:
    wrong: dict[str, list[str]] = {}
    if not 0 <= wishes.digest_day <= 6:
        wrong["digest_day"] = ["Choose a day from 0, Monday, to 6, Sunday."]
    if not 0 <= wishes.digest_hour <= 23:
        wrong["digest_hour"] = ["Choose an hour from 0 to 23."]
    if wishes.time_zone not in time_zones():
        wrong["time_zone"] = ["Choose a time zone such as Europe/Amsterdam."]
    known = {topic.name for topic in topics()}
    if unknown := sorted({*wishes.muted} - known):
        wrong["muted"] = [f"Nothing is called {', '.join(unknown)}."]
    if (wishes.quiet_from is None) != (wishes.quiet_until is None):
        wrong["quiet_until"] = ["Give both ends of the quiet hours, or neither."]
    elif wishes.quiet_from is not None and wishes.quiet_from == wishes.quiet_until:
        wrong["quiet_until"] = ["Quiet hours begin and end at different times."]
    return wrong


def ask_delivery(row: Delivery, *, actor: Actor) -> int:
    """Ask for the job that sends a message; 0 if there is one."""
    try:
        job = enqueue(
            DELIVER,
            actor=_nobody(actor),
            title=f"Send {row.get_channel_display().lower()} to {row.recipient}",
            subject_id=row.pk,
            dedupe_key=str(row.pk),
        )
    except Conflict:
        return 0
    Delivery.objects.filter(pk=row.pk).update(job_id=job.pk)
    return 1


def _is_stuck(row: Delivery, *, actor: Actor) -> bool:
    """Tell whether a message is being sent by nobody: its job was tried as often as may be."""
    if row.state != State.SENDING:
        return False
    job = Job.objects.visible_to(actor).filter(pk=row.job_id).first()
    return job is None or not job.is_open


def _nobody(actor: Actor) -> Actor:
    """Return the system in place of a person: a message outlives the role of who asked again."""
    return system_actor(actor.reseller_id, "notify") if actor.membership_id else actor
