"""Checks that ask the database: the login is bound by the policies, and they are all there.

The inspection takes a few dozen milliseconds and belongs to ``check --deploy --database default``;
the login is one query, and every long-running process asks it when it starts.
"""

from typing import Any

from django.core.checks import Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections
from django.db.backends.signals import connection_created
from structlog import get_logger

from portal.core.database.inspection import violations

STRENGTHS = """
    SELECT r.rolsuper,
           EXISTS (SELECT FROM pg_roles b WHERE b.rolbypassrls
                   AND pg_has_role(r.oid, b.oid, 'MEMBER')),
           EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
                   AND c.relkind IN ('r', 'p') AND pg_has_role(r.oid, c.relowner, 'MEMBER'))
    FROM pg_roles r WHERE r.rolname = session_user
"""
PAST_THE_POLICIES = (
    "is a superuser's",
    "bypasses row-level security (BYPASSRLS)",
    "owns the tables",
)
log = get_logger(__name__)


def refuse_strong_login() -> None:
    """Raise `ImproperlyConfigured` if the runtime login is not bound by the policies.

    A database that is away is asked at the process's first connection instead; until then
    ``/health/ready/`` says that it is away.
    """
    try:
        _refuse(connection)
    except OperationalError as error:
        log.warning("database_login_not_checked", reason=type(error).__name__)
        connection_created.connect(_at_first_connection)
    finally:
        # A process that forks must not hand this connection on.
        connection.close()


def strengths(database: Any) -> list[str]:
    """Return what lets the login of a connection see past the policies, in words (1 query)."""
    with database.cursor() as cursor:
        cursor.execute(STRENGTHS)
        (row,) = cursor.fetchall()
    return [text for text, holds in zip(PAST_THE_POLICIES, row, strict=True) if holds]


@register(Tags.database, deploy=True)
def check_protection(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[Error]:
    """Report a login that is too strong, and every table, policy or role that breaks DEC1."""
    if DEFAULT_DB_ALIAS not in (databases or []):
        return []
    database = connections[DEFAULT_DB_ALIAS]
    strong, open_places = strengths(database), violations(database)
    return [
        *([Error(_sentence(strong), id="core.E009")] if strong else []),
        *(Error(f"The database is not protected: {it}.", id="core.E010") for it in open_places),
    ]


def _at_first_connection(*, connection: Any, **_: Any) -> None:
    if connection.alias == DEFAULT_DB_ALIAS:
        _refuse(connection)
        connection_created.disconnect(_at_first_connection)


def _refuse(database: Any) -> None:
    found = strengths(database)
    if found:
        raise ImproperlyConfigured(_sentence(found))


def _sentence(found: list[str]) -> str:
    return f"DATABASE_URL's login {', '.join(found)}; the web and the workers must use app_web."
