"""B09: PostgreSQL itself keeps resellers apart, whatever statement the portal's login sends."""

from collections.abc import Iterator

import pytest
from psycopg2 import sql

from tests.access.cast import CUSTOMERS, SUB_RESELLERS, Side
from tests.isolation.catalogue import (
    Relation,
    as_administrator,
    as_role,
    attempt,
    definers,
    relations,
)
from tests.isolation.conftest import Cast, Figure
from tests.isolation.rawsql import REFUSED, Target, breaches, insert, sample_row

pytestmark = pytest.mark.django_db(transaction=True)

Context = tuple[str, str, int | None, str | None]

CROSS_RESELLER = {
    "app_web": {},
    "app_identity": {
        "core_reseller": {"SELECT", "INSERT", "UPDATE"},
        "core_membership": {"SELECT"},
        "core_apitoken": {"SELECT", "UPDATE"},
        "organizations_passwordlink": {"SELECT"},
        "tenants_webhookregistration": {"SELECT"},
    },
    "app_relay": {},
}
"""What roles outside any one reseller may do; app_provider reads all, app_relay some columns."""
RELAY_COLUMNS = {
    "SELECT": {
        "id",
        "reseller_id",
        "kind",
        "queue",
        "state",
        "due_at",
        "publish_at",
        "lease_until",
    },
    "UPDATE": {"publish_at"},
}
RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
DEFINER_CALLS = {
    "organizations_matching": "SELECT count(*) FROM organizations_matching('canary')",
    "organizations_closest": "SELECT count(*) FROM organizations_closest('canary', 100)",
}
"""How to call each function that policies do not bind; a new one has to be listed here."""
OF_A_TREE = {
    "organizations_tree": "SELECT unnest(organizations_tree(%s))",
    "organizations_tree_tenants": "SELECT organizations_tree_tenants()",
}
"""What sub-resellers' people may call: ids of their own tree, and nothing without one."""
TELLS_NOTHING = {
    "organizations_settle_conditions": "SELECT organizations_settle_conditions()",
    "tenants_settle": "SELECT tenants_settle()",
}
"""Upkeep of a table as a whole: it takes nothing, returns nothing and changes no row."""
STAFFS_WORDS_ON_OWN_ROWS = {"organizations_link"}
"""Who linked and why stands on the customer's own link; pages and API leave those columns out."""


def count_visible(context: tuple[str, int | None, str | None], relation: Relation) -> int:
    role, reseller, organization = context
    with as_role(role, reseller=reseller, organization=organization) as cursor:
        counted = attempt(cursor, sql.SQL("SELECT * FROM {}").format(sql.Identifier(relation.name)))
    return counted if isinstance(counted, int) else 0


def count_all(relation: Relation, side: Side) -> int:
    with as_administrator() as cursor:
        cursor.execute(
            sql.SQL("SELECT count(*) FROM {} WHERE {} = %s").format(
                sql.Identifier(relation.name), sql.Identifier(relation.owner_column)
            ),
            [side.reseller.pk],
        )
        (count,) = cursor.fetchone() or (0,)
    return int(count)


def strange_contexts(cast: Cast) -> Iterator[Context]:
    """Yield every context in which none of North's rows may be reached."""
    south = cast.south
    organization = str(south.one.organization.pk)
    yield "nobody", "app_web", None, None
    yield "staff without a reseller", "app_reseller", None, None
    yield "staff of the other reseller", "app_reseller", south.reseller.pk, None
    yield "customer without anything", "app_customer", None, None
    yield "customer without a reseller", "app_customer", None, organization
    yield "customer of the other reseller", "app_customer", south.reseller.pk, organization
    seller = str(south.one.seller.pk)
    yield "sub-reseller without anything", "app_subreseller", None, None
    yield "sub-reseller without a reseller", "app_subreseller", None, seller
    yield "sub-reseller of the other reseller", "app_subreseller", south.reseller.pk, seller
    # A customer of North's is no sub-reseller, nor is one of South's in scope of North.
    own = str(cast.north.one.organization.pk)
    yield "customer as a sub-reseller", "app_subreseller", south.reseller.pk, own


def test_b09_the_cast_has_rows_in_every_table(cast: Cast) -> None:
    """An empty table would be passed without having been tried."""
    empty = [
        str(relation)
        for relation in relations()
        if not relation.is_view
        and not (count_all(relation, cast.north) and count_all(relation, cast.south))
    ]
    assert empty == []


def test_b09_no_statement_reaches_rows_of_another_reseller(cast: Cast, figure: Figure) -> None:
    north, tried, got_through = cast.north, 0, []
    found = relations()
    samples = {relation: sample_row(relation, north.reseller.pk) for relation in found}
    for name, role, reseller, organization in strange_contexts(cast):
        for relation in found:
            target = Target(relation, north.reseller.pk, reseller, north.canary, samples[relation])
            with as_role(role, reseller=reseller, organization=organization) as cursor:
                for verb, outcome in breaches(cursor, target):
                    tried += 1
                    if outcome is not None:
                        got_through.append(f"{name}: {verb} {relation} → {outcome}")
    figure(
        f"B09: {tried - len(got_through)} of {tried} statements refused or without effect"
        f" ({len(found)} relations × 10 contexts)"
    )
    assert not got_through, "\n".join(got_through)


def test_b09_the_right_context_sees_exactly_its_own_rows(cast: Cast, figure: Figure) -> None:
    tables = [relation for relation in relations() if not relation.is_view]
    wrong = []
    for side in (cast.north, cast.south):
        for table in tables:
            seen = count_visible(("app_reseller", side.reseller.pk, None), table)
            if seen != count_all(table, side):
                wrong.append(f"{side.canary}: {table} shows {seen} of {count_all(table, side)}")
    figure(f"B09: {2 * len(tables) - len(wrong)} of {2 * len(tables)} tables show exactly own rows")
    assert not wrong, "\n".join(wrong)


def test_b09_the_policy_and_nothing_else_refuses_a_foreign_row(cast: Cast) -> None:
    """The same row under the own reseller passes the policy wherever staff may write at all."""
    refused = []
    for relation in relations():
        row = sample_row(relation, cast.south.reseller.pk)
        with as_role("app_reseller", reseller=cast.south.reseller.pk) as cursor:
            cursor.execute("SELECT has_table_privilege(%s, 'INSERT')", [relation.name])
            (may_insert,) = cursor.fetchone() or (False,)
            if row and may_insert and insert(cursor, relation, row) == REFUSED:
                refused.append(str(relation))
    assert refused == []


@pytest.mark.parametrize("role", ["app_customer", "app_subreseller"])
def test_b09_a_customer_sees_nothing_of_its_neighbour_or_of_staff(
    role: str, cast: Cast, figure: Figure
) -> None:
    north = cast.north
    forbidden = [north.one.canary, f"{north.canary}-staff", cast.south.canary]
    if role == "app_customer":
        forbidden.append(f"{north.canary}-trade")
    two = north.two
    organization = str((two.organization if role == "app_customer" else two.seller).pk)
    tried, leaks = 0, []
    for relation in relations():
        name = sql.Identifier(relation.name)
        for canary in forbidden:
            if canary.endswith("-staff") and relation.name in STAFFS_WORDS_ON_OWN_ROWS:
                continue
            theirs = sql.SQL("lower(t::text) LIKE {}").format(sql.Literal(f"%{canary}%"))
            for text in ("SELECT 1 FROM {} t WHERE {}", "DELETE FROM {} t WHERE {}"):
                with as_role(role, reseller=north.reseller.pk, organization=organization) as cursor:
                    outcome = attempt(cursor, sql.SQL(text).format(name, theirs))
                tried += 1
                if outcome not in (0, REFUSED):
                    leaks.append(f"{text.split()[0]} {relation}: {outcome} rows with {canary}")
    figure(f"B09: {tried - len(leaks)} of {tried} statements of {role} find no neighbour's row")
    assert not leaks, "\n".join(leaks)


def test_b09_a_customer_sees_its_own_rows(cast: Cast) -> None:
    """Nothing hidden from it would be proved by a customer who sees nothing at all."""
    own = ("app_customer", cast.north.reseller.pk, str(cast.north.two.organization.pk))
    seen = {str(relation): count_visible(own, relation) for relation in relations()}
    for table in ("organizations_organization", "organizations_account", "organizations_link"):
        assert seen[table] == 1
    assert seen["tenants_tenant"] == 1
    assert seen["core_membership"] == len(CUSTOMERS)


def test_b09_roles_beyond_one_reseller_have_no_right_that_is_not_listed(figure: Figure) -> None:
    tried, wrong = 0, []
    found = relations()
    with as_administrator() as cursor:
        for role, listed in {**CROSS_RESELLER, "app_provider": None}.items():
            for relation in found:
                expected = {"SELECT"} if listed is None else listed.get(relation.name, set())
                for right in RIGHTS:
                    cursor.execute(
                        "SELECT has_table_privilege(%s, %s, %s)", [role, relation.name, right]
                    )
                    (has,) = cursor.fetchone() or (None,)
                    tried += 1
                    if relation.is_view:
                        expected = expected - {"SELECT"} if not has else expected
                    if has != (right in expected):
                        wrong.append(f"{role}: {right} on {relation} is {has}")
    figure(f"B09: {tried - len(wrong)} of {tried} rights of roles beyond one reseller as listed")
    assert not wrong, "\n".join(wrong)


def test_b09_the_relay_reads_headers_of_jobs_and_no_word_of_their_content() -> None:
    with as_administrator() as cursor:
        for right, columns in RELAY_COLUMNS.items():
            cursor.execute(
                "SELECT table_name, column_name FROM information_schema.column_privileges"
                " WHERE grantee = 'app_relay' AND privilege_type = %s",
                [right],
            )
            assert {tuple(row) for row in cursor} == {("core_job", column) for column in columns}


def test_b09_functions_beyond_the_policies_answer_for_their_own_reseller_only(
    cast: Cast, figure: Figure
) -> None:
    roles = ["app_web", "app_reseller", "app_customer", "app_identity", "app_relay", "app_provider"]
    assert definers(roles) == sorted({**DEFINER_CALLS, **TELLS_NOTHING})
    assert definers(["app_subreseller"]) == sorted(OF_A_TREE)
    one_side = 2 * len((cast.north.one, cast.north.two)) + len((cast.north.parent,))
    for name, call in DEFINER_CALLS.items():
        for side in (cast.north, cast.south):
            with as_role("app_reseller", reseller=side.reseller.pk) as cursor:
                cursor.execute(call)
                assert cursor.fetchone() == (one_side,), name
        with as_role("app_reseller") as cursor:
            cursor.execute(call)
            assert cursor.fetchone() == (0,), name
        customer = str(cast.north.one.organization.pk)
        with as_role(
            "app_customer", reseller=cast.north.reseller.pk, organization=customer
        ) as cursor:
            assert attempt(cursor, call) == REFUSED
    for name, call in TELLS_NOTHING.items():
        with as_role("app_reseller", reseller=cast.north.reseller.pk) as cursor:
            cursor.execute(call)
            assert cursor.fetchone() == ("",), name
    figure(
        f"B09: {len(DEFINER_CALLS)} of {len(DEFINER_CALLS)} definer functions keep to the reseller"
    )


def test_b09_a_sub_reseller_sees_its_own_rows_and_its_functions_no_others(cast: Cast) -> None:
    north, south = cast.north, cast.south
    seller = str(north.two.seller.pk)
    context = ("app_subreseller", north.reseller.pk, seller)
    seen = {str(relation): count_visible(context, relation) for relation in relations()}
    assert seen["organizations_organization"] == seen["organizations_account"] == 2
    assert seen["organizations_link"] == seen["tenants_tenant"] == 1
    assert seen["core_membership"] == len(SUB_RESELLERS)
    assert seen["organizations_provisioningrequest"] == 3
    assert seen["organizations_provisioningstep"] == 3
    with as_role(context[0], reseller=context[1], organization=seller) as cursor:
        cursor.execute(OF_A_TREE["organizations_tree"], [seller])
        assert cursor.fetchall() == [(north.two.seller.pk,)]
        cursor.execute(OF_A_TREE["organizations_tree_tenants"])
        assert cursor.fetchall() == [(north.two.tenant.pk,)]
        for other in (north.one.seller.pk, north.parent.pk, south.one.seller.pk):
            cursor.execute(OF_A_TREE["organizations_tree"], [str(other)])
            assert cursor.fetchall() == []


def test_b09_the_view_for_searching_shows_the_own_reseller_only(cast: Cast) -> None:
    for side in (cast.north, cast.south):
        seen = count_visible(
            ("app_reseller", side.reseller.pk, None), Relation("tenants_searchable", True)
        )
        assert seen == len((side.one, side.two, side.spare, side.rows.ignored_tenant))
