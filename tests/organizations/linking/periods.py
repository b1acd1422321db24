"""Closing books and reading periods for the linking tests, without the invoices of a month."""

from datetime import date

from organizations.linking.models import Link
from portal.core.access import system_actor
from portal.core.books import take_books
from tests.organizations.linking.scene import Scene, at_work

Owned = tuple[str, date | None, date | None]


def close(scene: Scene, until: date | None) -> None:
    """Close every month before a day, as closing a month does once it has looked."""
    with at_work(system_actor(scene.reseller.pk, "tests")) as actor:
        books = take_books(actor)
        books.closed_until = until
        books.save(update_fields=["closed_until"])


def owned(scene: Scene) -> list[Owned]:
    """Return whose the scene's tenant was, from when until when, in order."""
    with at_work(system_actor(scene.reseller.pk, "tests")):
        rows = Link.objects.filter(tenant=scene.tenant, period__isempty=False)
        links = rows.select_related("organization").order_by("period")
        return [
            (link.organization.name, link.owned_from, link.owned_until)
            for link in sorted(links, key=lambda link: link.owned_from or date.min)
        ]
