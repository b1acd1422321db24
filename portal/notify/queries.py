"""Reading who is told what, how they want it, and what became of each message."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone

from portal.core.access import CAPABILITIES, Actor
from portal.core.identity.models import Membership, Reseller
from portal.core.rows import ScopedQuerySet
from portal.notify.models import Delivery, Preference, Webhook, WebhookSecret
from portal.notify.quiet import latest_digest, quiet_end


def readers(actor: Actor, *, needs: str) -> list[Membership]:
    """Return the reseller's own people whose role has a right (1 query)."""
    roles = [role for role, rights in CAPABILITIES.items() if needs in rights]
    rows: ScopedQuerySet[Membership] = Membership.objects.visible_to(actor)
    return list(rows.filter(role__in=roles, organization_id=None).order_by("created_at", "id"))


def preferences_of(members: Iterable[Membership], *, actor: Actor) -> dict[UUID, Preference]:
    """Return what each member wants, as chosen or as it is without a choice (2 queries)."""
    found = list(members)
    rows = Preference.objects.visible_to(actor).filter(membership__in=found)
    chosen = {row.membership_id: row for row in rows}
    standard = default_preference(actor)
    return {member.pk: chosen.get(member.pk, standard) for member in found}


def default_preference(actor: Actor) -> Preference:
    """Return what holds for who has chosen nothing, in the reseller's time zone (1 query)."""
    zone = Reseller.objects.values_list("time_zone", flat=True).get(pk=actor.reseller_id)
    return Preference(reseller_id=actor.reseller_id, time_zone=zone)


def digest_due(preference: Preference, now: datetime) -> datetime:
    """Return when the member's last digest was, or is, due."""
    return latest_digest(
        now,
        day=preference.digest_day,
        hour=preference.digest_hour,
        zone=ZoneInfo(preference.time_zone),
    )


def quiet_until(preference: Preference, now: datetime) -> datetime | None:
    """Return until when the member does not want to be disturbed; None if it is no quiet hour."""
    return quiet_end(
        now,
        begins=preference.quiet_from,
        ends=preference.quiet_until,
        zone=ZoneInfo(preference.time_zone),
    )


def deliveries(actor: Actor) -> "ScopedQuerySet[Delivery]":
    """Return the messages of the reseller, newest first."""
    rows: ScopedQuerySet[Delivery] = Delivery.objects.visible_to(actor)
    return rows.order_by("-created_at", "-id")


def due_deliveries(actor: Actor, *, limit: int = 500) -> list[Delivery]:
    """Return what is to be sent by now, the longest due first (1 query)."""
    rows = Delivery.objects.visible_to(actor).filter(
        state__in=Delivery.TO_COME, due_at__lte=timezone.now()
    )
    return list(rows.order_by("due_at", "id")[:limit])


def webhooks(actor: Actor) -> "ScopedQuerySet[Webhook]":
    """Return the reseller's webhooks, by address."""
    rows: ScopedQuerySet[Webhook] = Webhook.objects.visible_to(actor)
    return rows.order_by("url", "id")


def valid_secrets(webhook: Webhook, *, actor: Actor) -> list[WebhookSecret]:
    """Return the secrets that messages are signed with now, the lasting one first (1 query)."""
    rows = WebhookSecret.objects.visible_to(actor).filter(webhook=webhook)
    valid = rows.filter(Q(ends_at=None) | Q(ends_at__gt=timezone.now()))
    return list(valid.order_by("-made_at", "id"))
