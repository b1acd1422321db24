"""Reads PostgreSQL's catalogue and says where the protection of DEC1 is missing.

`migrate` refuses to end with a violation, and the tests run the same check (gate A03).
"""

from typing import Any

SHARED_TABLES = frozenset(
    {
        "account_emailaddress",
        "account_emailconfirmation",
        "auth_group",
        "auth_group_permissions",
        "auth_permission",
        "core_heartbeat",
        "core_signintries",
        "core_slot",
        "core_user",
        "django_content_type",
        "django_migrations",
        "django_session",
    }
)
"""Tables of the installation. Every other table belongs to a reseller and is checked as such."""

RESELLER_TABLE = "core_reseller"
RUNTIME_ROLES = (
    "app_web",
    "app_reseller",
    "app_customer",
    "app_subreseller",
    "app_identity",
    "app_relay",
    "app_provider",
)

UNPROTECTED = """
    SELECT c.relname,
           c.relrowsecurity, c.relforcerowsecurity,
           pg_get_userbyid(c.relowner) = 'app_owner',
           EXISTS (SELECT FROM pg_policies p WHERE p.schemaname = 'public'
                   AND p.tablename = c.relname AND p.roles = '{app_reseller}'),
           c.relname = %s OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid
                   AND a.attname = 'reseller_id' AND a.attnotnull),
           EXISTS (SELECT FROM pg_index i JOIN pg_attribute a
                   ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
                   WHERE i.indrelid = c.oid AND i.indpred IS NULL
                   AND a.attname = CASE WHEN c.relname = %s THEN 'id' ELSE 'reseller_id' END)
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
      AND NOT c.relispartition
"""
DEMANDS = (
    "row-level security is not enabled",
    "row-level security is not forced",
    "app_owner does not own it",
    "app_reseller has no policy of its own",
    "reseller_id is missing or may be NULL",
    "no index starts with reseller_id",
)

PLAIN_KEYS = """
    SELECT con.conname, con.conrelid::regclass::text
    FROM pg_constraint con
    WHERE con.contype = 'f' AND con.connamespace = 'public'::regnamespace
      AND array_length(con.conkey, 1) = 1
      AND con.conrelid::regclass::text <> ALL (%(shared)s)
      AND con.confrelid::regclass::text <> ALL (%(shared)s || ARRAY['core_reseller'])
"""

LOOSE_POLICIES = """
    SELECT tablename, policyname FROM pg_policies
    WHERE schemaname = 'public'
      AND (coalesce(qual, '') || coalesce(with_check, '') ~* '\\mOR\\M' OR roles = '{public}'
           OR array_length(roles, 1) <> 1)
"""

VOLATILE_IN_POLICY = """
    SELECT DISTINCT pol.tablename, pol.policyname, p.proname
    FROM pg_policies pol,
         regexp_matches(coalesce(pol.qual, '') || coalesce(pol.with_check, ''),
                        '([a-z_0-9]+)[(]', 'g') AS called
    JOIN pg_proc p ON p.proname = called[1] AND p.provolatile = 'v'
    WHERE pol.schemaname = 'public'
"""
"""By name, because PostgreSQL records no dependency on its own built-in functions."""

STRONG_ROLES = """
    SELECT rolname FROM pg_roles
    WHERE rolname = ANY (%s) AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb
       OR pg_has_role(rolname, 'app_owner', 'USAGE')
       OR has_schema_privilege(rolname, 'public', 'CREATE'))
"""

TRUNCATABLE = """
    SELECT r.rolname, c.relname FROM pg_roles r, pg_class c
    WHERE r.rolname = ANY (%s) AND c.relnamespace = 'public'::regnamespace
      AND c.relkind IN ('r', 'p') AND has_table_privilege(r.rolname, c.oid, 'TRUNCATE')
"""

LOOSE_DEFINERS = """
    SELECT p.proname FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef
      AND NOT EXISTS (SELECT FROM unnest(coalesce(p.proconfig, '{}')) s
                      WHERE s LIKE 'search_path=%%')
"""

LOOSE_VIEWS = """
    SELECT c.relname FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('v', 'm')
      AND (c.relkind = 'm'
           OR NOT ('security_invoker=true' = ANY (coalesce(c.reloptions, '{}'))
                   OR pg_get_viewdef(c.oid) LIKE %s))
"""
OWN_CONDITION = "%WHERE (reseller_id = (NULLIF(current_setting('app.reseller_id'::text, true), ''%"
"""What a view must hold itself if it does not read as the one who asks: the policy's own condition,
alone and first. Such a view exists where LIKE, not being leakproof, could not use its index below
a policy."""


def violations(connection: Any) -> list[str]:
    """Return one sentence per table, key, policy, role or function that breaks DEC1."""
    found: list[str] = []
    with connection.cursor() as cursor:
        cursor.execute(UNPROTECTED, [RESELLER_TABLE, RESELLER_TABLE])
        for table, *holds in cursor.fetchall():
            if table not in SHARED_TABLES:
                missing = [text for text, held in zip(DEMANDS, holds, strict=True) if not held]
                found += [f"{table}: {text}" for text in missing]
        cursor.execute(PLAIN_KEYS, {"shared": sorted(SHARED_TABLES)})
        found += [f"{table}: key {name} does not start with the reseller" for name, table in cursor]
        cursor.execute(LOOSE_POLICIES)
        found += [
            f"{table}: policy {name} has an OR or more than one role" for table, name in cursor
        ]
        cursor.execute(VOLATILE_IN_POLICY)
        found += [f"{table}: policy {name} calls volatile {proc}" for table, name, proc in cursor]
        roles = list(RUNTIME_ROLES)
        cursor.execute(STRONG_ROLES, [roles])
        found += [f"role {name} may do more than a runtime role should" for (name,) in cursor]
        cursor.execute(TRUNCATABLE, [roles])
        found += [f"role {role} may truncate {table}" for role, table in cursor]
        cursor.execute(LOOSE_DEFINERS)
        found += [
            f"function {name} runs as its owner without a fixed search_path" for (name,) in cursor
        ]
        cursor.execute(LOOSE_VIEWS, [OWN_CONDITION])
        found += [f"view {name} lacks the policies' own condition" for (name,) in cursor]
    return found
