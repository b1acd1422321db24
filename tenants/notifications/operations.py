"""Asking for the work that notifications make: looks, and reading the audit."""

from portal.core.access import Actor
from portal.core.errors import Conflict
from portal.core.jobs.kinds import JobKind
from portal.core.jobs.models import Job
from portal.core.jobs.operations import enqueue
from tenants.connections.models import Connection

LOOK = JobKind("tenants.look", "sync", max_attempts=3)
POLL_AUDIT = JobKind("tenants.poll_audit", "sync", max_attempts=3)


def request_looks(connection: Connection, *, actor: Actor) -> Job | None:
    """Have a worker look at what is due of a connection, in the caller's transaction.

    None while one does so already: it goes on until nothing is due.
    """
    return _request(LOOK, f"Look at what changed at {connection.name}", connection, actor=actor)


def request_audit_poll(connection: Connection, *, actor: Actor) -> Job | None:
    """Have a worker read what is new in a connection's audit; None while one does so already."""
    return _request(POLL_AUDIT, f"Read the audit of {connection.name}", connection, actor=actor)


def _request(kind: JobKind, title: str, connection: Connection, *, actor: Actor) -> Job | None:
    actor.require("discovery.run")
    key = str(connection.pk)
    try:
        return enqueue(kind, actor=actor, title=title, subject_id=connection.pk, dedupe_key=key)
    except Conflict:
        return None
