"""Addresses of rows: `django.urls.reverse` for a page that asks for hundreds of the same kind."""

from functools import lru_cache
from uuid import UUID

from django.urls import reverse

PLACE = UUID(int=0)
"""Stands where the row's id will."""


def row_url(name: str, key: UUID) -> str:
    """Return the address of one row's page: the route ``name``, whose one argument is its id.

    Resolving a route costs more than the rest of a link, so each is resolved once per process,
    which has one prefix for all its life.

    Raises:
        NoReverseMatch: there is no such route that takes an id.
    """
    before, after = _halves(name)
    return f"{before}{key}{after}"


@lru_cache(maxsize=512)
def _halves(name: str) -> tuple[str, str]:
    before, _, after = reverse(name, args=[PLACE]).partition(str(PLACE))
    return before, after
