"""Make the database, its roles and its extensions."""

import os
from typing import Any

import psycopg2
from django.core.management.base import BaseCommand, CommandError, CommandParser
from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import make_dsn, parse_dsn

from portal.core.database.roles import Passwords, create_roles, open_database, prepare_schema


class Command(BaseCommand):
    help = (
        "Create the database, its roles and extensions; repeatable. Give the address of an"
        " administrator; passwords of the logins come from the environment"
        " (PORTAL_DB_WEB_PASSWORD, PORTAL_DB_MIGRATE_PASSWORD, PORTAL_DB_BACKUP_PASSWORD)"
        " and stay as they are where none is given."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--admin-url", help="default: the environment's DATABASE_ADMIN_URL")
        parser.add_argument("--database", help="default: the one the address names")

    def handle(self, *args: Any, **options: Any) -> None:
        url = options["admin_url"] or os.environ.get("DATABASE_ADMIN_URL")
        if not url:
            raise CommandError("Give --admin-url or set DATABASE_ADMIN_URL.")
        try:
            target = parse_dsn(url)
            name = options["database"] or target.get("dbname") or "tenantry"
            self._prepare(target, name)
        except psycopg2.Error as error:
            raise CommandError(
                f"The database could not be prepared: {str(error).strip()}"
            ) from None
        self.stdout.write(f"Database {name} is ready for migration.")

    def _prepare(self, target: dict[str, str], name: str) -> None:
        server = _connect(target | {"dbname": "postgres"})
        try:
            create_roles(server, _passwords())
            _create_database(server, name)
        finally:
            server.close()
        database = _connect(target | {"dbname": name})
        try:
            prepare_schema(database)
        finally:
            database.close()


def _passwords() -> Passwords:
    return Passwords(
        web=os.environ.get("PORTAL_DB_WEB_PASSWORD"),
        migrate=os.environ.get("PORTAL_DB_MIGRATE_PASSWORD"),
        backup=os.environ.get("PORTAL_DB_BACKUP_PASSWORD"),
    )


def _connect(target: dict[str, str]) -> Connection:
    connection = psycopg2.connect(make_dsn(**target))
    connection.autocommit = True
    return connection


def _create_database(server: Connection, name: str) -> None:
    with server.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if not cursor.fetchone():
            cursor.execute(
                sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0").format(
                    sql.Identifier(name)
                )
            )
    open_database(server, name)
