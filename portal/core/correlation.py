"""One id from the browser to Microsoft: in logs, in the audit and on every outgoing call."""

import uuid

import structlog

KEY = "request_id"


def correlation_id() -> str:
    """Return the id of the running request or job, making one where nothing has begun."""
    found = structlog.contextvars.get_contextvars().get(KEY)
    if found:
        return str(found)
    new = str(uuid.uuid4())
    bind_correlation(new)
    return new


def bind_correlation(value: str) -> None:
    """Carry ``value`` on for the rest of this context: a job goes on under the request's id."""
    structlog.contextvars.bind_contextvars(**{KEY: value})
