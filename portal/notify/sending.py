"""Carrying one message: claim it, have it written, send it, note what came of it.

No transaction is open while it is sent. From the claim on, whatever happens makes a message of its
own; the letter is written after that, so nothing falls between two. A worker killed in the middle
sends again, under the same id.
"""

import json
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from portal.core.access import Actor, acting, member_actor
from portal.core.encryption import unseal
from portal.core.errors import InvalidInput, NotFound, PortalError, Unavailable
from portal.core.identity.models import Reseller
from portal.core.identity.queries import membership_by_id
from portal.core.jobs.running import RunningJob
from portal.notify.letters.sending import letter_call, note_letter_sent
from portal.notify.mail import send
from portal.notify.models import Delivery, Webhook
from portal.notify.outgoing import post
from portal.notify.queries import preferences_of, valid_secrets
from portal.notify.signing import HEADER, sign
from portal.notify.topics import Letter, Reader, topic_named
from portal.web.wording import numbers_in

State = Delivery.State
Send = Callable[[], str]


def deliver(running: RunningJob) -> None:
    """Send the message the job is about; what has been sent stays sent once.

    Raises:
        NotFound: the message is gone.
        Unavailable: it could not be sent now; tried again later.
        InvalidInput: it never will be.
    """
    row = _claim(running)
    if row is None:
        return
    try:
        send_it = _prepare(row, running.actor)
        subject = send_it() if send_it else None
    except PortalError as error:
        _note_failure(row, error, running=running)
        raise
    with running.step():
        _note_outcome(row, subject)
        if row.is_letter and subject is not None:
            note_letter_sent(row, running.actor)


def _claim(running: RunningJob) -> Delivery | None:
    """Mark the message as being sent; None if it was sent already."""
    with running.step():
        rows = Delivery.objects.visible_to(running.actor).select_for_update(of=("self",))
        row: Delivery | None = rows.filter(pk=running.subject_id).first()
        if row is None:
            raise NotFound("The message is gone.")
        if row.state in (State.SENT, State.DROPPED, State.FAILED):
            return None
        # Whoever sent it before noted no outcome, so the mail server may have taken it.
        row.maybe_twice = row.maybe_twice or row.state == State.SENDING
        row.state = State.SENDING
        row.attempts += 1
        row.facts = {**row.facts, "until": timezone.now().isoformat()}
        row.save(update_fields=["state", "attempts", "facts", "maybe_twice"])
    return row


def _prepare(row: Delivery, actor: Actor) -> Send | None:
    """Have the letter written; None if nothing is left to say, or nobody to say it to."""
    if row.is_letter:
        with transaction.atomic():
            return letter_call(row, actor)
    topic = topic_named(row.topic)
    if topic is None:
        raise Unavailable(f"This worker does not know the topic {row.topic}.")
    if row.channel == Delivery.Channel.WEBHOOK:
        with transaction.atomic():
            webhook = Webhook.objects.visible_to(actor).filter(pk=row.webhook_id).first()
            letter = topic.write(_reader(row, actor)) if webhook else None
            if webhook is None or letter is None:
                return None
            return _webhook_call(row, webhook, letter, actor)
    membership = membership_by_id(row.membership_id) if row.membership_id else None
    if membership is None or membership.organization_id is not None:
        return None
    reader = member_actor(membership)
    if not reader.may(topic.needs):
        return None
    with acting(reader), transaction.atomic():
        wishes = preferences_of([membership], actor=reader)[membership.pk]
        with numbers_in(membership.reseller.locale):
            letter = topic.write(
                _reader(
                    row,
                    reader,
                    connections=wishes.connections,
                    organizations=wishes.organizations,
                )
            )
            if letter is None:
                return None
            return _mail_call(row, letter, membership.email)


def _reader(
    row: Delivery, actor: Actor, *, connections: Any = (), organizations: Any = ()
) -> Reader:
    return Reader(
        actor=actor,
        since=datetime.fromisoformat(row.facts["since"]),
        until=datetime.fromisoformat(row.facts["until"]),
        connections=tuple(UUID(one) for one in connections),
        organizations=tuple(UUID(one) for one in organizations),
    )


def _mail_call(row: Delivery, letter: Letter, address: str) -> Send:
    url = f"{settings.BASE_URL}{reverse('alert:preferences')}"
    return lambda: send(letter, to=address, delivery_id=row.pk, preferences_url=url)


@sensitive_variables("secrets")
def _webhook_call(row: Delivery, webhook: Webhook, letter: Letter, actor: Actor) -> Send:
    """Return the call, with body and signatures ready; nothing of the database is needed then."""
    reseller = Reseller.objects.only("slug").get(pk=actor.reseller_id)
    body = json.dumps(
        {
            "id": str(row.pk),
            "event": row.topic,
            "created_at": row.created_at.isoformat(),
            "reseller": reseller.slug,
            "data": letter.data,
        },
        separators=(",", ":"),
    ).encode()
    secrets = [unseal(one.secret_sealed, one.seal()) for one in valid_secrets(webhook, actor=actor)]
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Tenantry",
        "Tenantry-Event": row.topic,
        "Tenantry-Delivery": str(row.pk),
        HEADER: sign(body, secrets=secrets, at=int(time.time())),
    }

    def call() -> str:
        status = post(webhook.url, body=body, headers=headers)
        if 200 <= status < 300:
            return letter.subject
        if status == 429 or status >= 500:
            raise Unavailable(f"The webhook answered {status}.", code="webhook_failed")
        raise InvalidInput(
            f"The webhook answered {status}; redirects are not followed.", code="webhook_refused"
        )

    return call


def _note_outcome(row: Delivery, subject: str | None) -> None:
    now = timezone.now()
    row.state = State.DROPPED if subject is None else State.SENT
    row.sent_at = None if subject is None else now
    row.subject, row.last_error = (subject or "")[:300], ""
    row.save(update_fields=["state", "sent_at", "subject", "last_error"])
    if row.webhook_id and subject is not None:
        Webhook.objects.filter(pk=row.webhook_id).update(last_success_at=now)


def _note_failure(row: Delivery, error: PortalError, *, running: RunningJob) -> None:
    last = not error.transient or running.job.attempts >= running.job.max_attempts
    with running.step():
        row.state = State.FAILED if last else State.WAITING
        row.last_error = error.detail[:300]
        row.maybe_twice = row.maybe_twice or bool(error.data.get("maybe_sent"))
        row.save(update_fields=["state", "last_error", "maybe_twice"])
        if row.webhook_id:
            Webhook.objects.filter(pk=row.webhook_id).update(
                last_failure_at=timezone.now(), last_failure=error.detail[:300]
            )
