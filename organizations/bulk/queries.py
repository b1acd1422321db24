"""Reading bulk links and their items."""

from datetime import date
from uuid import UUID

from organizations.bulk.models import BulkItem, BulkLink
from portal.core.access import Actor
from portal.core.rows import ScopedQuerySet

HARMLESS = "linked_already"
"""Why an item is skipped of which everything is as it should be."""
MADE_LINKS = (BulkItem.Outcome.LINKED, BulkItem.Outcome.CREATED, BulkItem.Outcome.MOVED)


def bulk_links(actor: Actor) -> "ScopedQuerySet[BulkLink]":
    """Return the bulk links the actor may see, with their jobs; customers see none."""
    rows: ScopedQuerySet[BulkLink] = BulkLink.objects.visible_to(actor)
    return rows.select_related("job", "undo_job", "organization")


def get_bulk(actor: Actor, bulk_id: UUID) -> BulkLink:
    """Return one bulk link, or raise `NotFound` alike for foreign and unknown ones."""
    return bulk_links(actor).get_visible(actor, pk=bulk_id)


def items_of(bulk: BulkLink, *, actor: Actor) -> "ScopedQuerySet[BulkItem]":
    """Return the items of a bulk link with what a row of them shows."""
    rows: ScopedQuerySet[BulkItem] = BulkItem.objects.visible_to(actor).filter(bulk=bulk)
    return rows.select_related("tenant", "organization")


def said_of_lines(bulk: BulkLink, *, actor: Actor) -> "ScopedQuerySet[BulkItem]":
    """Return the items of a draft that say why they are left out, or what there is to know."""
    rows: ScopedQuerySet[BulkItem] = BulkItem.objects.visible_to(actor).filter(bulk=bulk)
    return rows.exclude(code="").exclude(code=HARMLESS).order_by("position")


def made_links(bulk: BulkLink, *, actor: Actor) -> "ScopedQuerySet[BulkItem]":
    """Return the items whose link this bulk link made and has not taken back."""
    rows: ScopedQuerySet[BulkItem] = BulkItem.objects.visible_to(actor).filter(
        bulk=bulk, outcome__in=MADE_LINKS, link__isnull=False
    )
    return rows


def kept_by_the_books(bulk: BulkLink, closed: date, *, actor: Actor) -> BulkItem | None:
    """Return the first item that cannot be taken back, if that goes for all that still stand.

    Those are items whose live link owns a month before ``closed``; None if any link that stands
    owns none (2 queries).
    """
    standing = made_links(bulk, actor=actor).filter(link__ends_at=None)
    if standing.filter(link__period__startswith__gte=closed).exists():
        return None
    rows = standing.select_related("link__organization", "tenant")
    return rows.order_by("position").first()
