"""B05: however a list is asked, it holds own rows only, and as many as if nobody else were here."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from portal.core.access import Role
from tests.access.calls import Answer, Caller, undone
from tests.access.cast import Side, canaries_forbidden_to, make_side
from tests.access.everything import READS
from tests.access.matrix import Row
from tests.access.variants import (
    filters_of,
    foreign_value,
    forward,
    gentle,
    is_list,
    view_of,
)
from tests.isolation.catalogue import as_administrator
from tests.isolation.conftest import Cast, Figure, described

pytestmark = pytest.mark.django_db(transaction=True)

ASKERS = (Role.ADMIN, Role.SUB_RESELLER_ADMIN, Role.CUSTOMER_ADMIN)
PERSONAL = {"api:saved-views-list": 1}
"""Lists of what one person keeps, with how many the cast's administrator has."""
UNKNOWN = "9d3b1f2c-5a77-4f0e-8f43-1c8f3b6a2d10"
BAD_REQUESTS = {400, 404, 422}


def lists_of(side: Side, role: Role) -> Iterator[Row]:
    objects = side.objects(side.person(role))
    yield from (row for row in READS if role in row.roles and is_list(row, objects))


def foreign_cursors(cast: Cast) -> dict[str, str]:
    """Return, for each list of the API, the place of South's second page."""
    admin = cast.south.person(Role.ADMIN)
    caller, objects = Caller.of(admin), cast.south.objects(admin)
    found = {}
    for row in lists_of(cast.south, Role.ADMIN):
        if row.is_api:
            answer = caller.call(row, objects, query={"page_size": "1"})
            following = json.loads(answer.body).get("next") or ""
            if "cursor=" in following:
                found[row.route] = following.partition("cursor=")[2].partition("&")[0]
    return found


def foreign_words(hidden: set[str], answer: Answer, query: dict[str, str]) -> list[str]:
    """Return what of ``hidden`` an answer holds, beside what the caller itself had said."""
    text, said = answer.text, {value.lower() for value in query.values()}
    forbidden = hidden - said
    for value in said:
        text = text.replace(value, "")
    return [word for word in forbidden if word in text]


def test_b05_no_way_to_ask_a_list_shows_a_foreign_row(cast: Cast, figure: Figure) -> None:
    cursors, tried, lists, wrong = foreign_cursors(cast), 0, set(), []
    assert cursors
    for role in ASKERS:
        own, theirs = cast.own(role), cast.foreign(role)
        hidden = {*canaries_forbidden_to(cast.north, cast.south, role), *cast.south.ids()}
        for row in lists_of(cast.north, role):
            lists.add(row.route)
            for query in (*gentle(row, own), *forward(row, own, theirs, cursors)):
                answer = cast.callers[role].call(row, own, query=query)
                tried += 1
                if words := foreign_words(hidden, answer, query):
                    wrong.append(f"{row} {query} as {role} shows {words}")
                if answer.status != 200 and answer.status not in BAD_REQUESTS:
                    wrong.append(f"{query}: {described(row, role, answer)}")
    figure(f"B05: 0 foreign rows in {tried} questions to {len(lists)} lists ({len(wrong)} wrong)")
    assert not wrong, "\n".join(wrong)


def test_b05_a_filter_does_not_tell_a_foreign_id_from_an_unknown_one(
    cast: Cast, figure: Figure
) -> None:
    tried, telling = 0, []
    for role in ASKERS:
        own, theirs = cast.own(role), cast.foreign(role)
        for row in lists_of(cast.north, role):
            for name in filters_of(row, own):
                asked = (foreign_value(name, theirs), UNKNOWN)
                said = [part for value in asked for part in (value, value[:8])]
                bodies = set()
                for value in asked:
                    answer = cast.callers[role].call(row, own, query={name: value})
                    bodies.add((answer.status, answer.without(*said)))
                tried += 1
                if len(bodies) > 1:
                    telling.append(f"{row} ?{name} as {role}")
    figure(f"B05: {tried - len(telling)} of {tried} filters answer foreign and unknown ids alike")
    assert not telling, "\n".join(telling)


def test_b05_lists_are_the_same_whether_another_reseller_is_there_or_not(
    transactional_db: None, figure: Figure
) -> None:
    """Rows, counts, tabs, totals, badges and pages: nothing depends on anybody else's rows."""
    with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=False):
        north = make_side("north")
        callers = {role: Caller.of(north.person(role)) for role in ASKERS}
        before = dict(_questions(north, callers))
        make_side("south")
        after = dict(_questions(north, callers))
    differing = [key for key, body in before.items() if after[key] != body]
    figure(f"B05: {len(before) - len(differing)} of {len(before)} answers unchanged by a neighbour")
    assert not differing, "\n".join(map(str, differing))


def test_b05_the_api_lists_every_own_row(cast: Cast, figure: Figure) -> None:
    """An empty list has no foreign row either; this one has all of its own."""
    own, short, counted = cast.own(Role.ADMIN), [], 0
    for row in lists_of(cast.north, Role.ADMIN):
        if not (row.is_api and row.route.endswith("-list")):
            continue
        answer = cast.callers[Role.ADMIN].call(row, own, query={"page_size": "1000"})
        listed = len(json.loads(answer.body)["results"])
        stored = PERSONAL.get(row.route) or _stored(
            view_of(row, own).model._meta.db_table, cast.north.reseller.pk
        )
        counted += 1
        if listed != stored:
            short.append(f"{row.route}: {listed} of {stored}")
    figure(f"B05: {counted - len(short)} of {counted} lists of the API hold exactly the own rows")
    assert not short, "\n".join(short)


def _questions(
    side: Side, callers: dict[Role, Caller]
) -> Iterator[tuple[tuple[str, str, str], tuple[int, bytes]]]:
    for role, caller in callers.items():
        objects = side.objects(side.person(role))
        for row in READS:
            if role not in row.roles or row.calls_out:
                continue
            for query in gentle(row, objects) if is_list(row, objects) else ({},):
                with undone():  # an export is written down, and a token's use is
                    answer = caller.call(row, objects, query=query)
                yield (str(row), str(query), role), (answer.status, answer.without())


def _stored(table: str, reseller: int) -> int:
    with as_administrator() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{table}" WHERE reseller_id = %s', [reseller])
        (count,) = cursor.fetchone() or (0,)
    return int(count)
