"""How the field that finds anything finds organizations."""

from django.urls import reverse

from organizations.directory.queries import matching, organizations
from portal.core.access import Actor
from portal.web.finding.queries import Finder, Found, register_finder


def find_organizations(actor: Actor, words: str, limit: int) -> list[Found]:
    """Return organizations by name, number or domain (1 query)."""
    rows = matching(organizations(actor), words, actor=actor).order_by("name", "id")[:limit]
    return [
        Found(
            label=row.name,
            detail=" · ".join(part for part in (row.number, row.primary_domain) if part),
            url=reverse("directory:organization_detail", args=[row.pk]),
        )
        for row in rows
    ]


register_finder(
    Finder("Organization", "Organizations", "organizations.view", find_organizations, position=2)
)
