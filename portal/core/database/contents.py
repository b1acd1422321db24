"""What a database holds and how it is protected, in figures that two databases can be compared by.

A dump that ended well proves nothing: taken under row-level security it is empty and ends well too.
So rows are counted and every numeric column is summed, per reseller, where the data is, and again
where it was restored.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from psycopg2 import sql

from portal.core.database.inspection import RESELLER_TABLE
from portal.core.database.roles import GROUPS, LOGINS

EVERYBODY = "all"
ROWS = "rows"

Figures = dict[str, dict[str, dict[str, str]]]
"""Table, then reseller's id or `EVERYBODY`, then "rows" or "sum(column)": the number as text."""

TABLES = """
    SELECT c.relname,
        (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped
         AND a.attname = CASE WHEN c.relname = %s THEN 'id' ELSE 'reseller_id' END),
        ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid
              AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid = 'numeric'::regtype
              ORDER BY a.attname)
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
      AND NOT c.relispartition
    ORDER BY c.relname
"""

PROTECTION = """
    WITH own AS (
        SELECT c.* FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
    ), functions AS (
        SELECT p.* FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass
                          AND d.objid = p.oid AND d.deptype = 'e')
    ), grants (place, owner, entries) AS (
        SELECT relname::text, relowner, relacl FROM own
        UNION ALL
        SELECT format('%%s.%%s', c.relname, a.attname), c.relowner, a.attacl
        FROM own c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
        UNION ALL
        SELECT format('function %%s', oid::regprocedure), proowner,
            coalesce(proacl, acldefault('f', proowner)) FROM functions
        UNION ALL
        SELECT 'schema public', nspowner, coalesce(nspacl, acldefault('n', nspowner))
        FROM pg_namespace WHERE nspname = 'public'
        UNION ALL
        SELECT 'the database', datdba, coalesce(datacl, acldefault('d', datdba))
        FROM pg_database WHERE datname = current_database()
    )
    SELECT format('%%s: owner %%s', relname, pg_get_userbyid(relowner)) FROM own
    UNION ALL
    SELECT format('%%s: row-level security %%s, forced %%s', relname, relrowsecurity,
        relforcerowsecurity) FROM own WHERE relkind IN ('r', 'p')
    UNION ALL
    SELECT format('%%s: policy %%s %%s for %%s to %%s using %%s check %%s', tablename, policyname,
        permissive, cmd, array_to_string(roles, ', '), coalesce(qual, '-'),
        coalesce(with_check, '-')) FROM pg_policies WHERE schemaname = 'public'
    UNION ALL
    SELECT format('%%s: %%s (%%s)', own.relname, pg_get_triggerdef(t.oid), t.tgenabled)
    FROM pg_trigger t JOIN own ON own.oid = t.tgrelid WHERE NOT t.tgisinternal
    UNION ALL
    SELECT format('function %%s: owner %%s, as its owner %%s, with %%s', oid::regprocedure,
        pg_get_userbyid(proowner), prosecdef, coalesce(array_to_string(proconfig, ' '), '-'))
    FROM functions
    UNION ALL
    SELECT format('%%s: %%s may %%s%%s', place,
        CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee) END, privilege_type,
        CASE WHEN is_grantable THEN ' and pass it on' ELSE '' END)
    FROM grants, aclexplode(entries) WHERE grantee <> owner
    UNION ALL
    SELECT format('role %%s: login %%s, superuser %%s, past row-level security %%s', rolname,
        rolcanlogin, rolsuper, rolbypassrls) FROM pg_roles WHERE rolname = ANY (%(roles)s)
    UNION ALL
    SELECT DISTINCT format('role %%s is a member of %%s', pg_get_userbyid(member),
        pg_get_userbyid(roleid)) FROM pg_auth_members
    WHERE pg_get_userbyid(member) = ANY (%(roles)s)
"""
"""One sentence per fact. What an owner may do is left out: it follows from being the owner, and
its spelling changes with PostgreSQL's version."""

BOUND_ROLE = """
    SELECT rolname FROM pg_roles
    WHERE rolname = current_user AND NOT rolsuper AND NOT rolbypassrls
"""


@dataclass(frozen=True, slots=True)
class Contents:
    """The figures of a database, and the facts of its protection in sorted sentences."""

    figures: Figures
    protection: list[str]

    def differences(self, found: "Contents") -> Iterator[str]:
        """Yield one sentence for each figure and fact in which ``found`` differs from this."""
        expected, present = dict(_flat(self.figures)), dict(_flat(found.figures))
        for place in expected | present:
            if expected.get(place) != present.get(place):
                was, now = expected.get(place, "nothing"), present.get(place, "nothing")
                yield f"{place}: {was} before, {now} now"
        facts, now_true = set(self.protection), set(found.protection)
        yield from (f"missing: {fact}" for fact in sorted(facts - now_true))
        yield from (f"not there before: {fact}" for fact in sorted(now_true - facts))

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(int(table[EVERYBODY][ROWS]) for table in self.figures.values())


def read_contents(connection: Any) -> Contents:
    """Count and sum every table of the connected database, and read its protection.

    Costs one scan per table. All of it agrees only inside one REPEATABLE READ transaction, and only
    for a role that is no `bound_role`.
    """
    with connection.cursor() as cursor:
        cursor.execute(TABLES, [RESELLER_TABLE])
        tables = cursor.fetchall()
        figures = {table: _figures(cursor, table, *columns) for table, *columns in tables}
        cursor.execute(PROTECTION, {"roles": [*GROUPS, *LOGINS]})
        return Contents(figures, sorted(fact for (fact,) in cursor.fetchall()))


def bound_role(connection: Any) -> str | None:
    """Return the role we are if row-level security binds it: it reads and changes 0 rows, silently.

    None: the role is past it.
    """
    with connection.cursor() as cursor:
        cursor.execute(BOUND_ROLE)
        row = cursor.fetchone()
        return str(row[0]) if row else None


def _figures(
    cursor: Any, table: str, reseller: str | None, summed: list[str]
) -> dict[str, dict[str, str]]:
    """Return a table's figures; a sum of several currencies is no amount, only comparable."""
    names = [ROWS, *(f"sum({column})" for column in summed)]
    values = [sql.SQL("count(*)::text")] + [
        sql.SQL("coalesce(sum({}), 0)::text").format(sql.Identifier(column)) for column in summed
    ]
    owner = sql.Identifier(reseller) if reseller else sql.Literal(EVERYBODY)
    cursor.execute(
        sql.SQL("SELECT {}::text, {} FROM {} GROUP BY 1").format(
            owner, sql.SQL(", ").join(values), sql.Identifier(table)
        )
    )
    found = {who: dict(zip(names, row, strict=True)) for who, *row in cursor.fetchall()}
    everybody = str(sum(int(share[ROWS]) for share in found.values()))
    return {EVERYBODY: found.pop(EVERYBODY, {}) | {ROWS: everybody}} | found


def _flat(figures: Figures) -> Iterator[tuple[str, str]]:
    for table, shares in figures.items():
        for reseller, share in shares.items():
            whose = "" if reseller == EVERYBODY else f" of reseller {reseller}"
            yield from ((f"{table}{whose}: {name}", value) for name, value in share.items())
