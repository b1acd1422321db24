"""For whom the database works right now: role, reseller and, for those outside, organization.

The scope lives in a context variable. `scope` sets it for a block and pushes it into a transaction
that is already open; the backend pushes it whenever a new one begins. Leaving the block puts the
former scope back, also inside a transaction, because a released savepoint would keep the inner one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections

RESELLER_ROLE = "app_reseller"
CUSTOMER_ROLE = "app_customer"
SUB_RESELLER_ROLE = "app_subreseller"
RELAY_ROLE = "app_relay"
IDENTITY_ROLE = "app_identity"


@dataclass(frozen=True, slots=True)
class Scope:
    """What row-level security will let through."""

    role: str
    reseller_id: int | None = None
    organization_id: UUID | None = None

    def settings(self) -> tuple[str, str, str]:
        return (self.role, _text(self.reseller_id), _text(self.organization_id))


IDENTITY = Scope(IDENTITY_ROLE)
"""Finding out who calls: memberships and tokens of every reseller, and nothing else of them."""

_scope: ContextVar[Scope | None] = ContextVar("scope", default=None)


def current_scope() -> Scope | None:
    """Return the scope of the running code, or None where nobody has been let in yet."""
    return _scope.get()


@contextmanager
def scope(new: Scope | None, *, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Work within ``new`` for a block. None is nobody: people and sessions only."""
    token = _scope.set(new)
    connection = connections[using]
    try:
        if connection.in_atomic_block:
            connection.push_scope(new)  # type: ignore[attr-defined]
        yield
    finally:
        _scope.reset(token)
        if connection.in_atomic_block and not connection.needs_rollback:
            connection.push_scope(_scope.get())  # type: ignore[attr-defined]


def _text(value: object) -> str:
    return "" if value is None else str(value)
