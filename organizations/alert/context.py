"""What every page shows about unlinked tenants: the number in the navigation and the title.

Those that were acknowledged are not in it: a number that nobody can bring down is noise.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.db import transaction
from django.http import HttpRequest

from organizations.alert.queries import due_count
from organizations.linking.queries import unlinked_of_tree
from portal.core.access import Actor
from portal.web.dialogs import wants_fragment


def unlinked_tenants(request: HttpRequest) -> dict[str, Any]:
    """Return ``unlinked_count`` for who sees tenants without a link; fragments have no navigation.

    For sub-resellers it is the number of those that were sold through them.

    It is a function that a template calls where it shows the number, so what shows none asks for
    none (1 query, once).
    """
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None or actor.is_customer or wants_fragment(request):
        return {}
    if not actor.may("tenants.view"):
        return {}
    return {"unlinked_count": _counter(actor)}


def _counter(actor: Actor) -> Callable[[], int]:
    @cache
    def count() -> int:
        # Error pages and pages that call Partner Center are rendered outside a transaction.
        with transaction.atomic():
            return due_count(actor) if actor.is_staff else unlinked_of_tree(actor)

    return count
