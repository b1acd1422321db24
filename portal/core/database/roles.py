"""The database's roles (DEC1) and the one command that makes them.

app_owner     owns every table, cannot log in
app_migrate   logs in, member of app_owner, BYPASSRLS: migrations only
app_web       logs in, holds no right on any table of a reseller; enters one of the next six
app_reseller  staff of one reseller: one comparison with app.reseller_id
app_customer  people of one organization: reseller and organization
app_subreseller  people of a sub-reseller: reseller, its organization and what is below it
app_identity  memberships and tokens of every reseller, to find out who calls
app_relay     header columns of jobs of every reseller, to wake what is due
app_provider  reads everything, changes nothing; every use is audited
app_backup    logs in, BYPASSRLS, reads: pg_dump

One login that enters roles per transaction, rather than a login per surface, keeps one connection
pool; what it may enter is still fixed by PostgreSQL's own membership.
"""

from dataclasses import dataclass

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

GROUPS = (
    "app_owner",
    "app_reseller",
    "app_customer",
    "app_subreseller",
    "app_identity",
    "app_relay",
    "app_provider",
)
LOGINS = ("app_web", "app_migrate", "app_backup")
ENTERED_BY_WEB = GROUPS[1:]
EXTENSIONS = ("pg_trgm", "btree_gin", "btree_gist")

RUNTIME_SETTINGS = {
    "statement_timeout": "15s",
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "30s",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
    "log_min_messages": "fatal",
}
"""Limits of the web login (DEC17). The three last keep values out of the server's log (DEC14): that
of a refused value is in the very message, and the portal logs its failures itself, masked. They
need a superuser, so they are set where that is possible."""
SUPERUSER_SETTINGS = {
    "log_min_error_statement",
    "log_parameter_max_length_on_error",
    "log_min_messages",
}


@dataclass(frozen=True, slots=True, repr=False)
class Passwords:
    """Passwords of the three logins; None leaves an existing password as it is."""

    web: str | None = None
    migrate: str | None = None
    backup: str | None = None


def create_roles(connection: Connection, passwords: Passwords) -> None:
    """Make or mend every role. Repeatable; needs CREATEROLE, and a superuser for BYPASSRLS."""
    with connection.cursor() as cursor:
        for role in GROUPS:
            _create(connection, role, "NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE")
        _create(connection, "app_web", "LOGIN NOINHERIT NOSUPERUSER NOBYPASSRLS", passwords.web)
        _create(connection, "app_migrate", "LOGIN INHERIT BYPASSRLS", passwords.migrate)
        _create(connection, "app_backup", "LOGIN BYPASSRLS", passwords.backup)
        cursor.execute("GRANT app_owner TO app_migrate")
        for role in ENTERED_BY_WEB:
            cursor.execute(sql.SQL("GRANT {} TO app_web").format(sql.Identifier(role)))
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        row = cursor.fetchone()
        is_superuser = bool(row and row[0])
        for name, value in RUNTIME_SETTINGS.items():
            if is_superuser or name not in SUPERUSER_SETTINGS:
                cursor.execute(
                    sql.SQL("ALTER ROLE app_web SET {} = {}").format(
                        sql.Identifier(name), sql.Literal(value)
                    )
                )


def open_database(connection: Connection, name: str) -> None:
    """Let the logins, and nobody else, connect to a database of this server.

    Staff of a reseller may make temporary tables: pages of a long list are staged in them.
    """
    database = sql.Identifier(name)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
        cursor.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO app_web, app_migrate, app_backup").format(
                database
            )
        )
        cursor.execute(sql.SQL("GRANT TEMPORARY ON DATABASE {} TO app_reseller").format(database))


def prepare_schema(connection: Connection) -> None:
    """Give the roles their place in the connected database: schema rights and extensions."""
    with connection.cursor() as cursor:
        for extension in EXTENSIONS:
            cursor.execute(
                sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension))
            )
        cursor.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        cursor.execute("GRANT CREATE, USAGE ON SCHEMA public TO app_owner, app_migrate")
        for role in ("app_web", "app_backup", *ENTERED_BY_WEB):
            cursor.execute(
                sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(sql.Identifier(role))
            )


def _create(connection: Connection, role: str, options: str, password: str | None = None) -> None:
    name = sql.Identifier(role)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        verb = sql.SQL("ALTER ROLE" if cursor.fetchone() else "CREATE ROLE")
        cursor.execute(sql.SQL("{} {} WITH {}").format(verb, name, sql.SQL(options)))
        if password is not None:
            cursor.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(name, sql.Literal(password)))
