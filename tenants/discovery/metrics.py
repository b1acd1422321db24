"""How old each connection's tenants are, for Prometheus."""

from collections.abc import Iterator

from django.db import transaction
from django.db.models.functions import Coalesce, Now

from portal.core.access import acting, system_actor
from portal.core.identity.queries import active_resellers
from portal.web.metrics import Gauge
from tenants.connections.queries import connections


def sync_ages() -> Iterator[tuple[str, float]]:
    """Yield each connection's id and the seconds since its last complete discovery.

    One never discovered counts from when it was made. It goes round the resellers and reads in the
    scope of each (1 query a reseller), so that no role has to see connections of all; those that
    are suspended are left out, because nothing of theirs is discovered.
    """
    for reseller in active_resellers():
        actor = system_actor(reseller.pk, "metrics")
        with acting(actor), transaction.atomic():
            since = Coalesce("discovered_at", "created_at")
            rows = connections(actor).annotate(age=Now() - since).values_list("pk", "age")
            found = [(str(pk), age.total_seconds()) for pk, age in rows]
        yield from found


SYNC_AGE = Gauge(
    "tenantry_sync_age_seconds",
    "Since the last complete discovery of a connection, or since it was made",
    "connection",
    sync_ages,
)
