"""What the worker does for this capability, and what the clock asks for."""

from collections.abc import Callable

from django.db import transaction
from structlog import get_logger

from portal.core.access import Actor, acting, system_actor
from portal.core.identity.queries import active_resellers
from portal.core.jobs.kinds import register
from portal.core.jobs.schedule import Daily, Every, register_schedule
from tenants.notifications.keeping import forget_old
from tenants.notifications.looking import look
from tenants.notifications.operations import (
    LOOK,
    POLL_AUDIT,
    request_audit_poll,
    request_looks,
)
from tenants.notifications.polling import poll
from tenants.notifications.queries import connections_due, connections_to_poll

AUDIT_POLL = "audit poll"
DUE_LOOKS = "due looks"
FORGETTING = "forgetting of notifications"
log = get_logger(__name__)

register(LOOK, look)
register(POLL_AUDIT, poll)


def schedule_audit_polls() -> None:
    """Ask for the audit of every connection that was discovered once."""
    _of_each_reseller(AUDIT_POLL, _ask_for_polls)


def schedule_looks() -> None:
    """Ask for what is due and nobody was rung for: second looks, and what was put off."""
    _of_each_reseller(DUE_LOOKS, _ask_for_looks)


def schedule_forgetting() -> None:
    """Forget events and records that are too old to come again."""
    _of_each_reseller(FORGETTING, forget_old)


def _ask_for_polls(actor: Actor) -> None:
    for connection in connections_to_poll(actor):
        request_audit_poll(connection, actor=actor)


def _ask_for_looks(actor: Actor) -> None:
    for connection in connections_due(actor):
        request_looks(connection, actor=actor)


def _of_each_reseller(name: str, do: Callable[[Actor], None]) -> None:
    for reseller in active_resellers():
        actor = system_actor(reseller.pk, name)
        with acting(actor), transaction.atomic():
            do(actor)


register_schedule(Every(AUDIT_POLL, minutes=15, do=schedule_audit_polls))
register_schedule(Every(DUE_LOOKS, minutes=1, do=schedule_looks))
register_schedule(Daily(FORGETTING, hour=3, minute=29, do=schedule_forgetting))
