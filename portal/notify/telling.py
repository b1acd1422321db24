"""Deciding who is told of what, and when: at once, or once a week.

Asking for a message writes a row with a key that exists once: of two schedulers that ask for the
same one, the second asks for nothing. What is due is picked up by `operations.wake_due`.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.core.access import Actor
from portal.core.identity.models import Membership
from portal.notify.models import Delivery, Webhook
from portal.notify.queries import (
    default_preference,
    digest_due,
    preferences_of,
    quiet_until,
    readers,
    webhooks,
)
from portal.notify.topics import Topic

COALESCE = timedelta(minutes=10)
"""What happens within so long of the first is told together."""
NEWS = timedelta(days=1)
LATEST = timedelta(days=2)
"""A digest that nobody could write for longer is left to the next one."""
WEEK = timedelta(days=7)
State = Delivery.State


def tell_at_once(topic: Topic, *, actor: Actor, happened_at: datetime) -> int:
    """Have everybody told of a topic who wants that, ten minutes from now or after quiet hours.

    ``happened_at`` is when the newest of it happened; after a day it is no news, and left to the
    digest. Whoever has a message of the topic on its way gets no second one: it tells all there is
    when it is sent. Returns how many messages were asked for.
    """
    now = timezone.now()
    if happened_at < now - NEWS:
        return 0
    with transaction.atomic():
        members = readers(actor, needs=topic.needs)
        wishes = preferences_of(members, actor=actor)
        told = _told_until(topic, actor=actor)
        fresh = []
        for member in members:
            wish = wishes[member.pk]
            if topic.name in wish.muted or happened_at < member.created_at:
                continue
            if not _is_news(told, member.pk, happened_at):
                continue
            due = now + COALESCE
            quiet = quiet_until(wish, due)
            fresh.append(
                _mail(
                    topic,
                    member,
                    key=f"{topic.name}:{member.pk}:{happened_at.isoformat()}",
                    since=told.get(member.pk) or happened_at - COALESCE,
                    due_at=quiet or due,
                    held=quiet is not None,
                )
            )
        for webhook in _listening(topic, actor=actor):
            if happened_at >= webhook.created_at and _is_news(told, webhook.pk, happened_at):
                fresh.append(
                    _call(
                        topic,
                        webhook,
                        key=f"{topic.name}:{webhook.pk}:{happened_at.isoformat()}",
                        since=told.get(webhook.pk) or happened_at - COALESCE,
                        due_at=now + COALESCE,
                    )
                )
        return _write(fresh, actor=actor)


def tell_digests(topic: Topic, *, actor: Actor) -> int:
    """Have the digests written that came due since the last look; returns how many.

    Each has its slot in its key, so a slot is told once, however many clocks tick. Who became a
    member after the slot waits for the next one.
    """
    now = timezone.now()
    with transaction.atomic():
        members = readers(actor, needs=topic.needs)
        wishes = preferences_of(members, actor=actor)
        fresh = []
        for member in members:
            wish = wishes[member.pk]
            slot = digest_due(wish, now)
            if not wish.digest or slot < max(member.created_at, now - LATEST):
                continue
            quiet = quiet_until(wish, now)
            fresh.append(
                _mail(
                    topic,
                    member,
                    key=f"{topic.name}:{member.pk}:{slot.isoformat()}",
                    since=slot - WEEK,
                    due_at=quiet or now,
                    held=quiet is not None,
                )
            )
        slot = digest_due(default_preference(actor), now)
        fresh += [
            _call(
                topic,
                webhook,
                key=f"{topic.name}:{webhook.pk}:{slot.isoformat()}",
                since=slot - WEEK,
                due_at=now,
            )
            for webhook in _listening(topic, actor=actor)
            if slot >= max(webhook.created_at, now - LATEST)
        ]
        return _write(fresh, actor=actor)


def _told_until(topic: Topic, *, actor: Actor) -> dict[UUID, datetime | None]:
    """Return up to when each reader and webhook was told; None for who has a message to come."""
    rows = Delivery.objects.visible_to(actor).filter(topic=topic.name)
    recent = rows.filter(created_at__gte=timezone.now() - WEEK).order_by("created_at", "id")
    told: dict[UUID, datetime | None] = {}
    for row in recent.only("membership_id", "webhook_id", "state", "facts"):
        whom = row.membership_id or row.webhook_id
        if whom is None:
            continue
        until = row.facts.get("until")
        told[whom] = (
            None if row.state in Delivery.TO_COME or not until else datetime.fromisoformat(until)
        )
    return told


def _is_news(told: Mapping[UUID, datetime | None], whom: UUID, happened_at: datetime) -> bool:
    if whom not in told:
        return True
    until = told[whom]
    return until is not None and happened_at > until


def _listening(topic: Topic, *, actor: Actor) -> Iterable[Webhook]:
    active = webhooks(actor).filter(state=Webhook.State.ACTIVE)
    return [row for row in active if topic.name in row.events]


def _mail(
    topic: Topic,
    member: Membership,
    *,
    key: str,
    since: datetime,
    due_at: datetime,
    held: bool,
) -> Delivery:
    return Delivery(
        channel=Delivery.Channel.MAIL,
        topic=topic.name,
        membership=member,
        recipient=member.email,
        dedupe_key=key,
        facts={"since": since.isoformat()},
        state=State.HELD if held else State.WAITING,
        due_at=due_at,
    )


def _call(
    topic: Topic, webhook: Webhook, *, key: str, since: datetime, due_at: datetime
) -> Delivery:
    return Delivery(
        channel=Delivery.Channel.WEBHOOK,
        topic=topic.name,
        webhook=webhook,
        recipient=webhook.url,
        dedupe_key=key,
        facts={"since": since.isoformat()},
        due_at=due_at,
    )


def _write(fresh: Iterable[Delivery], *, actor: Actor) -> int:
    """Write what nobody has asked for yet; returns how many that were."""
    rows = list(fresh)
    for row in rows:
        row.reseller_id = actor.reseller_id
    keys = [row.dedupe_key for row in rows]
    own = Delivery.objects.visible_to(actor).filter(dedupe_key__in=keys)
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    return own.filter(pk__in=[row.pk for row in rows]).count() if rows else 0
