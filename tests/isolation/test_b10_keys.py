"""B10: no row of one reseller can point at a row of another, whoever writes it.

A foreign key is checked past row-level security, so the key itself has to hold the reseller. The
administrator tries, with the tables' own triggers off: nothing but the key is left to refuse.
"""

import pytest
from django.apps import apps
from django.db import models
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from portal.core.database.inspection import SHARED_TABLES
from tests.isolation.catalogue import (
    ForeignKey,
    as_administrator,
    attempt,
    foreign_keys,
    relations,
)
from tests.isolation.conftest import Cast, Figure

pytestmark = pytest.mark.django_db(transaction=True)

FOREIGN_KEY_VIOLATION = "23503"
RESELLER = "reseller_id"


def pointing(cursor: Cursor, key: ForeignKey, *, child: int, parent: int) -> str | int:
    """Point one row of reseller ``child`` at a row of reseller ``parent``.

    A parent that nothing points at yet comes first: two live links at one tenant are refused by a
    constraint of their own, before the key is asked.
    """
    column = sql.Identifier(key.columns[1])
    target = sql.Identifier(key.parent_columns[1])
    cursor.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(key.child)))
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return attempt(
        cursor,
        sql.SQL(
            "UPDATE {child} SET {column} = (SELECT {target} FROM {parent} AS parent"
            " WHERE reseller_id = %s ORDER BY EXISTS (SELECT FROM {child} AS child"
            " WHERE child.{column} = parent.{target}), {target} LIMIT 1) WHERE ctid ="
            " (SELECT ctid FROM {child} WHERE reseller_id = %s ORDER BY {column} IS NULL LIMIT 1)"
        ).format(
            child=sql.Identifier(key.child),
            parent=sql.Identifier(key.parent),
            column=column,
            target=target,
        ),
        [parent, child],
    )


def test_b10_no_row_points_at_another_resellers_parent(cast: Cast, figure: Figure) -> None:
    north, south = cast.north.reseller.pk, cast.south.reseller.pk
    keys, wrong = foreign_keys(), []
    for key in keys:
        with as_administrator() as cursor:
            outcome = pointing(cursor, key, child=north, parent=south)
        if outcome != FOREIGN_KEY_VIOLATION:
            wrong.append(f"{key}: {outcome}")
    figure(f"B10: {len(keys) - len(wrong)} of {len(keys)} relations refuse a foreign parent")
    assert len(keys) >= 16
    assert not wrong, "\n".join(wrong)


def test_b10_the_same_key_accepts_a_parent_of_its_own(cast: Cast) -> None:
    """A key that refuses everything would pass the test above."""
    north, wrong = cast.north.reseller.pk, []
    for key in foreign_keys():
        with as_administrator() as cursor:
            outcome = pointing(cursor, key, child=north, parent=north)
        if outcome not in (1, "23505"):
            wrong.append(f"{key}: {outcome}")
    assert not wrong, "\n".join(wrong)


def test_b10_every_key_starts_with_the_reseller(cast: Cast) -> None:
    assert [str(key) for key in foreign_keys() if key.columns[0] != RESELLER] == []


def test_b10_every_relation_of_the_models_is_a_key_of_the_database(figure: Figure) -> None:
    """Django writes no constraint for these, so a forgotten one would go unnoticed."""
    held = {(key.child, key.columns[1], key.parent) for key in foreign_keys()}
    owned = {relation.name for relation in relations()} - SHARED_TABLES - {"core_reseller"}
    declared = {
        (model._meta.db_table, field.column, field.related_model._meta.db_table)
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey)
        and model._meta.db_table in owned
        and field.related_model._meta.db_table in owned
    }
    figure(f"B10: {len(declared & held)} of {len(declared)} relations of the models are keys")
    assert declared - held == set()
