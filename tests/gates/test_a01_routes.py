"""A01: every route and verb has a row in the permission matrix, and every row has a route."""

from collections import Counter
from collections.abc import Callable

from portal.core.access import Role
from tests.access.everything import ROWS
from tests.access.routes import all_routes

Record = Callable[[str, object], None]


def test_a01_every_route_has_a_row_and_every_row_a_route(record_property: Record) -> None:
    routes = {(route.name, verb) for route in all_routes() for verb in route.verbs}
    rows = {(row.route, row.verb) for row in ROWS}
    record_property("figure", f"A01: {len(routes & rows)} of {len(routes)} route verbs have a row")
    assert sorted(routes - rows) == []
    assert sorted(rows - routes) == []


def test_a01_no_route_and_verb_has_two_rows() -> None:
    counts = Counter((row.route, row.verb) for row in ROWS)
    assert [key for key, count in counts.items() if count > 1] == []


def test_a01_no_two_routes_share_a_name() -> None:
    counts = Counter(route.name for route in all_routes())
    assert [name for name, count in counts.items() if count > 1] == []


def test_a01_an_object_in_the_address_is_known_to_the_cast() -> None:
    known = {route.name: route.parameters for route in all_routes()}
    assert [str(row) for row in ROWS if "pk" in known[row.route] and not row.on] == []


def test_a01_nobody_but_an_administrator_may_do_what_only_administrators_do() -> None:
    """Keep the matrix honest: who may manage connections decides whose money is counted."""
    managing = [row for row in ROWS if row.route.startswith("connections:") and row.verb != "get"]
    allowed = {role for row in managing for role in row.roles}
    assert Role.FINANCE not in allowed
    assert Role.AUDITOR not in allowed
