"""Webhooks: registering an address, and changing its secret without a gap.

A secret is shown once, when it is made. When it is changed, messages carry a signature by the old
one too for a day, so that a receiver can be changed at any time of that day.
"""

import secrets
from collections.abc import Collection
from datetime import timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from portal.core import audit
from portal.core.access import Actor
from portal.core.encryption import seal
from portal.core.errors import Conflict, InvalidInput, NotFound
from portal.notify.models import Webhook, WebhookSecret
from portal.notify.outgoing import check_url
from portal.notify.topics import topics

OVERLAP: Final = timedelta(days=1)
MOST: Final = 20
"""Webhooks of one reseller."""


def create_webhook(*, actor: Actor, url: str, events: Collection[str]) -> tuple[Webhook, str]:
    """Have messages sent to an address; returns the webhook and its secret, shown this once.

    Raises:
        InvalidInput: the address may not be called, or an event is not known.
        Conflict: the address is registered already, or there are twenty.
    """
    actor.require("webhooks.manage")
    address, chosen = check_url(url), _events(events)
    with transaction.atomic():
        if Webhook.objects.visible_to(actor).count() >= MOST:
            raise Conflict(f"There are {MOST} webhooks already; remove one first.")
        row = Webhook(
            reseller_id=actor.reseller_id,
            url=address,
            events=chosen,
            created_by=actor.label[:250],
        )
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            raise Conflict(f"{address} is registered already.", code="webhook_exists") from None
        secret = _make_secret(row)
        audit.record(actor, "notify.webhook_created", row, after={"events": chosen})
    return row, secret


def change_webhook(
    webhook: Webhook,
    *,
    actor: Actor,
    events: Collection[str] | None = None,
    state: str | None = None,
) -> Webhook:
    """Change what a webhook is told, or pause it. Its address stays: another one is another.

    Raises:
        InvalidInput: an event or the state is not known.
    """
    actor.require("webhooks.manage")
    if state is not None and state not in Webhook.State.values:
        text = f"Use one of: {', '.join(Webhook.State.values)}."
        raise InvalidInput(text, fields={"state": [text]})
    chosen = None if events is None else _events(events)
    with transaction.atomic():
        row = _locked(webhook, actor=actor)
        before = {"events": row.events, "state": row.state}
        row.events = row.events if chosen is None else chosen
        row.state = state or row.state
        row.save(update_fields=["events", "state"])
        after = {"events": row.events, "state": row.state}
        audit.record(actor, "notify.webhook_changed", row, before=before, after=after)
    return row


def remove_webhook(webhook: Webhook, *, actor: Actor) -> Webhook:
    """End messages to an address, and forget its secrets; what was sent stays in the log."""
    actor.require("webhooks.manage")
    with transaction.atomic():
        row = _locked(webhook, actor=actor)
        audit.record(actor, "notify.webhook_removed", row)
        Webhook.objects.filter(pk=row.pk).delete()
    return webhook


def rotate_secret(webhook: Webhook, *, actor: Actor) -> tuple[Webhook, str]:
    """Make a new secret; the one before stays valid for a day, any older one ends now."""
    actor.require("webhooks.manage")
    now = timezone.now()
    with transaction.atomic():
        row = _locked(webhook, actor=actor)
        own = WebhookSecret.objects.visible_to(actor).filter(webhook=row)
        own.filter(ends_at__isnull=False).delete()
        own.filter(ends_at=None).update(ends_at=now + OVERLAP)
        secret = _make_secret(row)
        audit.record(actor, "notify.webhook_rotated", row, after={"old_until": now + OVERLAP})
    return row, secret


@sensitive_variables("text")
def _make_secret(webhook: Webhook) -> str:
    text = f"whs_{secrets.token_urlsafe(32)}"
    row = WebhookSecret(reseller_id=webhook.reseller_id, webhook=webhook)
    row.secret_sealed = seal(text, row.seal())
    row.save(force_insert=True)
    return text


def _events(events: Collection[str]) -> list[str]:
    known = {topic.name for topic in topics()}
    chosen = sorted(set(events))
    if not chosen or not known.issuperset(chosen):
        text = f"Choose at least one of: {', '.join(sorted(known))}."
        raise InvalidInput(text, fields={"events": [text]})
    return chosen


def _locked(webhook: Webhook, *, actor: Actor) -> Webhook:
    rows = Webhook.objects.visible_to(actor).select_for_update(of=("self",))
    row: Webhook | None = rows.filter(pk=webhook.pk).first()
    if row is None:
        raise NotFound
    return row
