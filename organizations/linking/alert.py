"""The alert: how many tenants belong to nobody, for how long, and what that leaves unassigned.

Tenants that Partner Center no longer lists count too while they are not linked: their last invoice
may still be to come, and what nobody counts is what falls out of the books.
"""

from dataclasses import dataclass

from django.utils import timezone

from organizations.linking.queries import visible_tenants
from portal.core.access import Actor
from portal.core.errors import NotAllowed
from portal.core.money import Money
from tenants.discovery.models import Tenant
from tenants.discovery.queries import Tally, tally_of


@dataclass(frozen=True, slots=True)
class UnlinkedAlert:
    """What is not linked.

    ``unassigned``: per currency, what these tenants cost in the month each was last billed.
    ``oldest``: who has waited longest. ``known``: tenants of any kind.
    """

    count: int
    unassigned: tuple[Money, ...] = ()
    oldest_days: int | None = None
    oldest: Tenant | None = None
    known: int = 0


def unlinked_alert(actor: Actor, *, tally: Tally | None = None) -> UnlinkedAlert:
    """Return the alert as it stands (2 queries, 1 when everything is linked).

    ``tally`` spares one of them where the page has it already. It is the staff's alert: a
    customer may not know what belongs to nobody.
    """
    actor.require("tenants.view")
    if actor.is_customer:
        raise NotAllowed("This alert is for the reseller's own people.")
    tally = tally or tally_of(actor)
    if not tally.unlinked:
        return UnlinkedAlert(count=0, known=tally.total)
    unlinked = visible_tenants(actor).filter(is_linked=False)
    oldest = unlinked.order_by("first_seen_at", "id").first()
    return UnlinkedAlert(
        count=tally.unlinked,
        unassigned=tally.unassigned,
        oldest_days=(timezone.now() - oldest.first_seen_at).days if oldest else None,
        oldest=oldest,
        known=tally.total,
    )
