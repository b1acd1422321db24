"""A07: every test of real processes that can harm them asks the oracles at its end."""

import ast
from collections.abc import Callable
from typing import Any

from tests.database import PROJECT

Record = Callable[[str, Any], None]


def test_a07_every_torture_has_the_rig_that_asks_the_oracles(record_property: Record) -> None:
    """The rig asserts ledger, isolation, secrets and cents when it is taken down."""
    tests, without = 0, []
    for path in sorted((PROJECT / "tests" / "torture").glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                tests += 1
                if "rig" not in {argument.arg for argument in node.args.args}:
                    without.append(f"{path.name}::{node.name}")
    record_property("figure", f"A07: {tests - len(without)} of {tests} tortures ask four oracles")
    assert not without
