"""Carrying what belongs to one organization over to another, inside the transaction of a merger.

Links are dated, so none is changed into another's: each that holds ends and begins anew at the same
account, which is the target's by then. What ended before stays where it was, and with it everything
that closed months say.
"""

from collections.abc import Sequence
from datetime import date

from django.db.models import Case, F, Value, When
from django.utils import timezone

from organizations.directory.models import Account, Organization
from organizations.linking.models import Link
from organizations.linking.periods import cut
from organizations.linking.writing import facts_of
from portal.core import audit
from portal.core.access import Actor

STEP = 2_000
ENDING = ("ends_at", "ended_by", "end_reason", "period")


def carry_accounts(source: Organization, *, actor: Actor, into: Organization) -> int:
    """Give the accounts of one organization to another, where the primary one stays; counts them.

    An account without a customer number keeps its organization's number as that, by which the
    bookkeeping knew it.
    """
    rows = Account.objects.visible_to(actor)
    has_primary = rows.filter(organization=into, is_primary=True).exists()
    number = Case(When(customer_number="", then=Value(source.number)), default=F("customer_number"))
    primary = Value(False) if has_primary else F("is_primary")
    going = rows.filter(organization=source)
    return going.update(organization=into, is_primary=primary, customer_number=number)


def carry_children(source: Organization, *, actor: Actor, into: Organization) -> int:
    """Let the organizations below one belong to another; counts them."""
    rows = Organization.objects.visible_to(actor).filter(parent=source, merged_into=None)
    return rows.update(parent=into)


def carry_links(
    links: Sequence[Link],
    *,
    actor: Actor,
    source: Organization,
    into: Organization,
    closed: date | None,
) -> list[Link]:
    """End live links, whose tenants are locked, and begin them anew at the target.

    What they own of closed months stays with the old ones, and everything after goes over;
    ``closed`` is the first open day, None while no month was ever closed.
    """
    now = timezone.now()
    fresh = []
    for link in links:
        kept, taken = cut(link.period, closed)
        # Two hosts' clocks differ a little; a link may not end before it began.
        link.ends_at = max(now, link.begins_at)
        link.ended_by = actor.label[:250]
        link.end_reason = f"Merged into {into.name} ({into.number})"
        link.period = kept
        fresh.append(
            Link(
                reseller_id=actor.reseller_id,
                tenant=link.tenant,
                account_id=link.account_id,
                organization=into,
                how=Link.How.MOVED,
                why=f"{source.name} ({source.number}) was merged into it",
                begins_at=link.ends_at,
                linked_by=actor.label[:250],
                period=taken,
                replaces=link,
            )
        )
    Link.objects.bulk_update(links, ENDING, batch_size=STEP)
    Link.objects.bulk_create(fresh, batch_size=STEP)
    return fresh


def record_links(
    ended: Sequence[Link], begun: Sequence[Link], *, actor: Actor, reason: str
) -> None:
    """Write the audit of links that were carried over."""
    entries = [
        audit.Entry.of(
            new.tenant,
            before=facts_of(old),
            after=facts_of(new),
            organization_id=new.organization_id,
        )
        for old, new in zip(ended, begun, strict=True)
    ]
    audit.record_many(actor, "organizations.tenant_moved", entries, reason=reason)
