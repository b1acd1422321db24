"""A file of links: its columns, and the links that hold now as its rows."""

from collections.abc import Iterator
from typing import Any

from organizations.linking.queries import live_links
from portal.core.access import Actor

STEP = 2_000
COLUMNS = (
    "microsoft_id",
    "tenant_name",
    "domain",
    "organization_number",
    "organization_name",
    "how",
    "why",
)


def link_rows(actor: Actor) -> Iterator[tuple[Any, ...]]:
    """Yield the cells of every live link, as `COLUMNS` says, by Microsoft id.

    Customers get their own, without what the reseller noted of how and why.
    """
    links = live_links(actor).select_related("tenant", "organization")
    for link in links.order_by("tenant__microsoft_id").iterator(chunk_size=STEP):
        noted = ("", "") if not actor.is_staff else (link.how, link.why)
        yield (
            link.tenant.microsoft_id,
            link.tenant.name,
            link.tenant.domain,
            link.organization.number,
            link.organization.name,
            *noted,
        )
