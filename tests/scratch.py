"""Tables that only a test knows, for testing what works on any table.

The portal's login may not create any, not even temporary ones, so the administrator does, and takes
them away again: gates that look at every table must not find them.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from psycopg2 import sql

from tests.database import administrator
from tests.environment import DATABASE

WEB_LOGIN = "app_web"


@contextmanager
def scratch_tables(**definitions: str) -> Iterator[None]:
    """Make tables (name=columns) with a ``bigserial`` key ``id``, open to the portal's login."""
    with administrator(DATABASE) as admin, admin.cursor() as cursor:
        for name, columns in definitions.items():
            cursor.execute(
                sql.SQL("CREATE TABLE {} (id bigserial PRIMARY KEY, {})").format(
                    sql.Identifier(name), sql.SQL(columns)
                )
            )
            for kind, what in (("TABLE", name), ("SEQUENCE", f"{name}_id_seq")):
                cursor.execute(
                    sql.SQL("GRANT ALL ON {} {} TO {}").format(
                        sql.SQL(kind), sql.Identifier(what), sql.Identifier(WEB_LOGIN)
                    )
                )
    yield
    connection.close()
    with administrator(DATABASE) as admin, admin.cursor() as cursor:
        for name in definitions:
            cursor.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(name)))
