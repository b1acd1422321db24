"""When the alert reaches people: at once for money and security, once a week for the rest."""

from django.db import transaction
from django.db.models import Max

from organizations.alert.facts import KINDS
from organizations.alert.letters import DIGEST, TOPIC_OF_KIND
from organizations.alert.models import Condition
from portal.core.access import Actor
from portal.notify import telling as notify


def tell_at_once(*, actor: Actor) -> int:
    """Have people told of what became urgent and was not told yet; returns how many messages.

    New tenants that cost nothing yet disturb nobody: they are in the digest.
    """
    asked = 0
    for kind in KINDS.values():
        with transaction.atomic():
            rows = Condition.objects.visible_to(actor).filter(
                kind=kind.name, state=Condition.State.OPEN, urgent_at__isnull=False
            )
            newest = rows.aggregate(newest=Max("urgent_at"))["newest"]
        if newest is not None:
            asked += notify.tell_at_once(TOPIC_OF_KIND[kind.name], actor=actor, happened_at=newest)
    return asked


def tell_digests(*, actor: Actor) -> int:
    """Have the weekly digests written that came due since the last look; returns how many."""
    return notify.tell_digests(DIGEST, actor=actor)
