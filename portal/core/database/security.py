"""Migration operations that put a table under row-level security (DEC1).

One policy per role, one comparison each, never an OR: a policy with OR made a page of fifty rows
thirty times slower. ``nullif`` is needed because a transaction-local setting reads as an empty
string, not NULL, after the transaction that set it.
"""

from collections.abc import Iterable

from django.db import migrations

RESELLER = "nullif(current_setting('app.reseller_id', true), '')::bigint"
CUSTOMER = "nullif(current_setting('app.customer_id', true), '')::uuid"
IN_TREE = "{} = ANY (ARRAY(SELECT id FROM organizations_organization))"
"""Condition for rows of an organization that the sub-reseller's own policy shows."""
EVERY_CUSTOMER = "(true)"
"""Condition for rows that every customer of the reseller may see."""
TREE = f"organizations_tree({CUSTOMER})"
ALL_RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE")


def secure_table(
    table: str,
    *,
    reseller_column: str = "reseller_id",
    customer: str | None = None,
    customer_rights: Iterable[str] = ("SELECT",),
    sub_reseller: str | None = None,
    sub_reseller_rights: Iterable[str] = ("SELECT",),
    reseller_rights: Iterable[str] = ALL_RIGHTS,
    parent_key: bool = True,
) -> list[migrations.RunSQL]:
    """Return the operations that hand ``table`` to its owner and let each role see its own rows.

    Args:
        customer: a column compared with the customer's organization, or a whole SQL condition
            (which may sub-select from tables under the same protection); None hides the table
            from customers.
        sub_reseller: a column with the id of an organization, which must be in the tree of the
            actor's sub-reseller, or a whole SQL condition; None hides the table from sub-resellers.
            Not before ``organizations/0024``, which makes their role's functions.
        parent_key: add UNIQUE (reseller, id), which composite foreign keys point at.
    """
    own = f"{reseller_column} = {RESELLER}"
    statements = [
        f"ALTER TABLE {table} OWNER TO app_owner",
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        *policy(table, "app_reseller", own, reseller_rights),
        *policy(table, "app_provider", "true", ("SELECT",)),
        f"GRANT SELECT ON {table} TO app_backup",
    ]
    if customer is not None:
        condition = f"{customer} = {CUSTOMER}" if customer.isidentifier() else customer
        statements += policy(table, "app_customer", f"{own} AND {condition}", customer_rights)
    if sub_reseller is not None:
        condition = IN_TREE.format(sub_reseller) if sub_reseller.isidentifier() else sub_reseller
        statements += policy(
            table, "app_subreseller", f"{own} AND {condition}", sub_reseller_rights
        )
    if parent_key:
        statements.insert(
            0,
            f"ALTER TABLE {table} ADD CONSTRAINT {table}_parent_key UNIQUE ({reseller_column}, id)",
        )
    return [migrations.RunSQL(statement, migrations.RunSQL.noop) for statement in statements]


def policy(table: str, role: str, condition: str, rights: Iterable[str]) -> list[str]:
    """Return the SQL for one role's policy and grants; its name is the role's."""
    rights = tuple(rights)
    verb = rights[0] if len(rights) == 1 else "ALL"
    using = "" if verb == "INSERT" else f" USING ({condition})"
    check = "" if verb in ("SELECT", "DELETE") else f" WITH CHECK ({condition})"
    return [
        f"CREATE POLICY {role} ON {table} FOR {verb} TO {role}{using}{check}",
        f"GRANT {', '.join(rights)} ON {table} TO {role}",
    ]


def grant_policy(
    table: str, role: str, condition: str, rights: Iterable[str]
) -> list[migrations.RunSQL]:
    """Return operations that add one more role's policy to a table already secured."""
    return [
        migrations.RunSQL(statement, migrations.RunSQL.noop)
        for statement in policy(table, role, condition, rights)
    ]


def of_a_tree(column: str) -> str:
    """Return the condition that a column names the actor's sub-reseller or one below it."""
    return f"{column} = ANY ((SELECT {TREE})::uuid[])"


def tree_function(signature: str, creation: str) -> list[migrations.RunSQL]:
    """Return operations that make a function past the policies for sub-resellers' people alone."""
    return [
        migrations.RunSQL(creation, f"DROP FUNCTION {signature}"),
        migrations.RunSQL(
            f"ALTER FUNCTION {signature} OWNER TO app_migrate", migrations.RunSQL.noop
        ),
        migrations.RunSQL(
            f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC", migrations.RunSQL.noop
        ),
        migrations.RunSQL(
            f"GRANT EXECUTE ON FUNCTION {signature} TO app_subreseller", migrations.RunSQL.noop
        ),
    ]


def composite_key(
    table: str, column: str, parent: str, *, on_delete: str = "NO ACTION"
) -> migrations.RunSQL:
    """Return the foreign key (reseller, ``column``) → (reseller, id) of ``parent``.

    A plain key checks past row-level security, so a row of one reseller could point at another's;
    this one cannot.
    """
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_own FOREIGN KEY"
        f" (reseller_id, {column}) REFERENCES {parent} (reseller_id, id)"
        f" ON DELETE {on_delete} DEFERRABLE INITIALLY DEFERRED",
        f"ALTER TABLE {table} DROP CONSTRAINT {table}_{column}_own",
    )


def share_table(table: str, role: str = "app_web", rights: Iterable[str] = ALL_RIGHTS) -> str:
    """Return the grant of a table that belongs to no reseller (sessions, people)."""
    return f"GRANT {', '.join(rights)} ON {table} TO {role}"
