"""B01: every route, verb and role on own objects answers as the matrix says."""

import pytest

from portal.core.access import Role
from tests.access.calls import STRANGER, Answer, Caller, undone
from tests.access.cast import NAMED_ALIKE
from tests.access.everything import GUARDED, PRESENT
from tests.access.matrix import Row
from tests.isolation.conftest import Cast, Figure, described

pytestmark = pytest.mark.django_db(transaction=True)

NEVER_WHERE_ALLOWED = {401, 403, 404, 405}
SIGN_IN = "/auth/login/"
UNKNOWN = "5a1f0a52-6c1b-4b8e-9a53-0f4e2c6d7b11"
ANYBODYS = {"uidb36": "1", "key": "x"}


def ask(caller: Caller, row: Row, objects: dict[str, str]) -> Answer:
    """Call a row and take back what it did, unless it must run without a transaction."""
    if row.calls_out:
        return caller.call(row, objects)
    with undone():
        return caller.call(row, objects)


def is_refused(answer: Answer) -> bool:
    return answer.status == 403


def is_served(answer: Answer) -> bool:
    return answer.status < 500 and answer.status not in NEVER_WHERE_ALLOWED


def test_b01_every_role_may_what_the_matrix_says_and_no_more(cast: Cast, figure: Figure) -> None:
    tried, wrong = 0, []
    for row in GUARDED:
        for role, caller in cast.callers.items():
            answer = ask(caller, row, cast.own(role))
            tried += 1
            if not (is_served(answer) if role in row.roles else is_refused(answer)):
                expected = "served" if role in row.roles else "refused"
                wrong.append(f"{described(row, role, answer)} should be {expected}")
    figure(f"B01: {tried - len(wrong)} of {tried} route × verb × role as the matrix says")
    assert not wrong, "\n".join(wrong)


def test_b01_what_is_sent_is_a_valid_request(cast: Cast) -> None:
    """A row whose body is refused would prove less than it seems to."""
    invalid = []
    for row in GUARDED:
        if row.verb == "get" or row.calls_out or not row.roles:
            continue
        role = sorted(row.roles)[0]
        answer = ask(cast.callers[role], row, cast.own(role))
        if answer.status >= 400:
            invalid.append(described(row, role, answer))
    assert not invalid, "\n".join(invalid)


def test_b01_strangers_reach_only_what_is_listed_as_open(cast: Cast, figure: Figure) -> None:
    objects = {**cast.own(Role.ADMIN), **ANYBODYS}
    tried, wrong = 0, []
    for row in PRESENT:
        answer = ask(STRANGER, row, objects)
        tried += 1
        if row.is_open:
            right = answer.status < 500 and SIGN_IN not in answer.place
        elif row.is_api:
            right = answer.status in (401, 403) or SIGN_IN in answer.place
        else:
            right = answer.status == 302 and answer.place.startswith(SIGN_IN)
        if not right:
            wrong.append(described(row, "a stranger", answer))
    figure(f"B01: {tried - len(wrong)} of {tried} route × verb answer strangers as listed")
    assert not wrong, "\n".join(wrong)


def test_b01_a_refusal_comes_before_any_look_at_the_object(cast: Cast, figure: Figure) -> None:
    """Somebody without the right learns nothing about which objects there are."""
    tried, wrong = 0, []
    for row in GUARDED:
        for role in set(cast.callers) - row.roles:
            own = cast.own(role)
            unknown = dict.fromkeys(own, UNKNOWN) | NAMED_ALIKE
            pair = [ask(cast.callers[role], row, ids) for ids in (own, unknown)]
            tried += 1
            if (
                len({(answer.status, answer.without(*own.values(), UNKNOWN)) for answer in pair})
                > 1
            ):
                wrong.append(described(row, role, pair[1]))
    figure(f"B01: {tried - len(wrong)} of {tried} refusals the same for own and unknown objects")
    assert not wrong, "\n".join(wrong)
