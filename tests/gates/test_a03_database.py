"""A03: every table of a reseller is protected, and the check that says so would notice if not."""

import os
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import make_dsn

from portal.core.database.inspection import SHARED_TABLES, violations
from tests.database import administrator
from tests.environment import DATABASE

pytestmark = pytest.mark.django_db(transaction=True)

HOLES = {
    "protection off": "ALTER TABLE tenants_tenant DISABLE ROW LEVEL SECURITY",
    "protection not forced": "ALTER TABLE tenants_tenant NO FORCE ROW LEVEL SECURITY",
    "policy dropped": "DROP POLICY app_reseller ON tenants_tenant",
    "owned by a login": "ALTER TABLE tenants_tenant OWNER TO app_migrate",
    "reseller may be NULL": "ALTER TABLE tenants_tenant ALTER reseller_id DROP NOT NULL",
    "plain key": "ALTER TABLE organizations_link ADD FOREIGN KEY (tenant_id)"
    " REFERENCES tenants_tenant (id)",
    "policy with OR": "CREATE POLICY loose ON tenants_tenant TO app_provider"
    " USING (reseller_id = 1 OR true)",
    "policy for everybody": "CREATE POLICY loose ON tenants_tenant USING (true)",
    "volatile policy": "CREATE POLICY loose ON tenants_tenant TO app_provider USING (random() < 2)",
    "runtime role owns": "GRANT app_owner TO app_reseller",
    "runtime role bypasses": "ALTER ROLE app_reseller BYPASSRLS",
    "truncate": "GRANT TRUNCATE ON tenants_tenant TO app_reseller",
    "create": "GRANT CREATE ON SCHEMA public TO app_web",
    "definer without path": "CREATE FUNCTION loose() RETURNS int LANGUAGE sql"
    " SECURITY DEFINER AS 'SELECT 1'",
    "view past the policies": "CREATE VIEW loose AS SELECT * FROM tenants_tenant",
    "materialized view": "CREATE MATERIALIZED VIEW loose AS SELECT 1 AS one",
    "a new table without a reseller": "CREATE TABLE loose (id int PRIMARY KEY)",
    "no index with the reseller first": "CREATE TABLE loose (reseller_id bigint NOT NULL)",
}


@pytest.fixture
def database() -> Iterator[Any]:
    """Open a transaction of the administrator that is always rolled back."""
    with administrator(DATABASE) as connection:
        connection.autocommit = False
        yield connection
        connection.rollback()


def test_a03_no_table_is_unprotected(database: Any) -> None:
    assert violations(database) == []


@pytest.mark.parametrize("hole", HOLES)
def test_a03_a_planted_hole_is_found(database: Any, hole: str) -> None:
    with database.cursor() as cursor:
        cursor.execute(HOLES[hole])
    assert violations(database) != []


def test_a03_every_table_belongs_to_a_reseller_or_is_listed_as_shared(database: Any) -> None:
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p')"
        )
        present = {name for (name,) in cursor}
    assert present >= SHARED_TABLES
    assert len(present - SHARED_TABLES) >= 12


def test_the_web_login_reads_no_table_of_a_reseller_by_itself(database: Any) -> None:
    """Strict mode is PostgreSQL's: outside a scope the login has no right to refuse softly."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class c WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p') AND relname <> ALL (%s)"
            " AND has_table_privilege('app_web', c.oid, 'SELECT')",
            [sorted(SHARED_TABLES)],
        )
        assert cursor.fetchall() == []


def test_the_web_login_cannot_enter_the_owner() -> None:
    connection = psycopg2.connect(make_dsn(os.environ["DATABASE_URL"]))
    try:
        with connection.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("SET ROLE app_owner")
    finally:
        connection.close()
