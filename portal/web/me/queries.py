"""What the signed-in person may know of itself."""

from portal.core.access import Actor
from portal.core.errors import NotAllowed
from portal.core.identity.models import ApiToken, Membership
from portal.core.rows import ScopedQuerySet


def own_membership(actor: Actor) -> Membership:
    """Return the membership the actor acts through (1 query). The system has none."""
    if actor.membership_id is None:
        raise NotAllowed("Only people have a profile.")
    row: Membership = Membership.objects.get_visible(actor, pk=actor.membership_id)
    return row


def own_tokens(actor: Actor) -> "ScopedQuerySet[ApiToken]":
    """Return the actor's API tokens, newest first, the revoked ones too."""
    rows: ScopedQuerySet[ApiToken] = ApiToken.objects.visible_to(actor).filter(
        membership_id=actor.membership_id
    )
    return rows.order_by("-created_at", "id")
