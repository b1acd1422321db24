"""Finding out who is calling. These run in the identity scope, before any reseller is open."""

import hashlib
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from portal.core.access import Actor
from portal.core.database.scope import IDENTITY, scope
from portal.core.identity.models import ApiToken, Membership, Reseller, User


def memberships_of(user: User) -> list[Membership]:
    """Return everything ``user`` may sign in as, oldest first, resellers included (1 query)."""
    with scope(IDENTITY), transaction.atomic():
        rows = Membership._base_manager.filter(user=user).select_related("reseller")
        return list(rows.order_by("created_at", "id"))


def membership_by_id(membership_id: UUID) -> Membership | None:
    """Return a membership as it stands now, or None once it was removed."""
    with scope(IDENTITY), transaction.atomic():
        rows = Membership._base_manager.select_related("reseller")
        return rows.filter(pk=membership_id, user__is_active=True).first()


def still_holds(actor: Actor) -> bool:
    """Tell whether an actor's membership still is what it was; for work longer than a request."""
    if actor.membership_id is None:
        return True
    now = membership_by_id(actor.membership_id)
    return now is not None and (now.role, now.organization_id) == (
        actor.role,
        actor.organization_id,
    )


def token_owner(digest: str) -> Membership | None:
    """Return the membership behind an API token, or None if it is unknown, revoked or expired.

    Takes the token's digest, so that a failure in here has no token to tell of.

    Marks the token as used, at most once a minute, so that a busy program does not write each call.
    """
    now = timezone.now()
    with scope(IDENTITY), transaction.atomic():
        token = (
            ApiToken._base_manager.select_related("membership__reseller", "membership__user")
            .filter(digest=digest, revoked_at=None, membership__user__is_active=True)
            .filter(Q(expires_at=None) | Q(expires_at__gt=now))
            .first()
        )
        if token is None:
            return None
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - timedelta(minutes=1))
        ApiToken._base_manager.filter(stale, pk=token.pk).update(last_used_at=now)
        return token.membership


def token_digest(text: str) -> str:
    """Return what is stored of a token. Tokens are 256 random bits, so a plain hash suffices."""
    return hashlib.sha256(text.encode()).hexdigest()


def active_resellers() -> list[Reseller]:
    """Return every reseller whose data may be changed, for work that goes round all of them.

    None at all while the installation is read-only.
    """
    if settings.READ_ONLY:
        return []
    with scope(IDENTITY), transaction.atomic():
        return list(Reseller.objects.filter(suspended_at=None).order_by("id"))


def every_reseller() -> list[Reseller]:
    """Return every reseller, suspended ones too, for work on what the installation itself keeps."""
    with scope(IDENTITY), transaction.atomic():
        return list(Reseller.objects.order_by("id"))


def reseller_with_slug(slug: str) -> Reseller | None:
    """Return a reseller by its short name, suspended or not (1 query)."""
    with scope(IDENTITY), transaction.atomic():
        return Reseller.objects.filter(slug=slug).first()


def is_held(reseller_id: int) -> bool:
    """Tell whether the jobs of a reseller have to wait: it is suspended, or all is read-only."""
    if settings.READ_ONLY:
        return True
    with scope(IDENTITY), transaction.atomic():
        return Reseller.objects.filter(pk=reseller_id, suspended_at__isnull=False).exists()


def held_resellers() -> list[int]:
    """Return the ids of the resellers that are suspended (1 query)."""
    with scope(IDENTITY), transaction.atomic():
        rows = Reseller.objects.filter(suspended_at__isnull=False)
        return list(rows.values_list("pk", flat=True))
