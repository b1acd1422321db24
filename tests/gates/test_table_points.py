"""Every point of the table's checklist has its test, and every test it names exists."""

import ast
from collections.abc import Callable
from functools import cache
from pathlib import Path

from tests.web.table_points import POINTS

PROJECT = Path(__file__).resolve().parents[2]
LAST = 36

Record = Callable[[str, object], None]


@cache
def names_in(file: str) -> tuple[str, ...]:
    tree = ast.parse((PROJECT / file).read_text(encoding="utf-8"))
    return tuple(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_point_of_the_table_has_a_test_that_exists(record_property: Record) -> None:
    assert sorted(POINTS) == list(range(1, LAST + 1))
    missing = [
        f"{number}: {name}"
        for number, (_, names) in POINTS.items()
        for name in names
        if not any(
            found.startswith(name.partition("::")[2]) for found in names_in(name.partition("::")[0])
        )
    ]
    record_property("figure", f"Table: {len(POINTS)} of {LAST} points have their test")
    assert missing == []
    assert all(names for _, names in POINTS.values())
