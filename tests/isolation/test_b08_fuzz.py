"""B08: requests made up from the API's own description break nothing and find nothing foreign.

Half of them keep to the description and half break it on purpose. Wherever an id is called for,
one of somebody else's may stand.
"""

import json
from collections.abc import Iterator
from contextlib import nullcontext
from urllib.parse import unquote

import pytest
import schemathesis
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.core import NotSet
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from portal.core.access import Role
from tests.access.calls import Answer, Caller, undone
from tests.access.cast import OUTSIDERS, Side, canaries_forbidden_to
from tests.access.matrix_api import API
from tests.isolation.conftest import Cast, Figure
from tests.repetitions import TIMES

pytestmark = pytest.mark.django_db(transaction=True)

CASES_PER_ROLE = 250 * TIMES
AWAY = 503
"""What a route that asks Partner Center may answer: there is none in these tests."""
CALLING_OUT = {row.route.partition(":")[2] for row in API if row.calls_out}
IDS: list[str] = []

schemathesis.openapi.format(
    "uuid",
    st.integers(min_value=0).map(lambda number: IDS[number % len(IDS)]) | st.uuids().map(str),
)


def operations_for(cast: Cast) -> list[APIOperation]:
    """Return every operation of the published description."""
    answer = cast.callers[Role.ADMIN].request(
        "get", reverse("schema"), query={"format": "json"}, is_api=True
    )
    operations = []
    for found in schemathesis.openapi.from_dict(json.loads(answer.body)).get_all_operations():
        assert isinstance(found, Ok), found
        operations.append(found.ok())
    return operations


@pytest.mark.parametrize("role", list(Role))
def test_b08_made_up_requests_find_nothing_foreign(role: Role, cast: Cast, figure: Figure) -> None:
    IDS[:] = sorted({*cast.north.ids(), *cast.south.ids()})
    operations = operations_for(cast)
    caller, tried = cast.callers[role], 0
    for operation in operations:

        @settings(
            max_examples=CASES_PER_ROLE // len(operations) + 1,
            database=None,
            derandomize=True,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(cases_of(operation))
        def ask(case: Case) -> None:
            nonlocal tried
            tried += 1
            answer, said = made(caller, case)
            assert answer.status < 500 or (answer.status == AWAY and calls_out(case)), (
                f"{case.method} {said}: {answer.crash}"
            )
            assert found_by(cast, role, answer, said) == []

        ask()
    figure(f"B08: {tried} made-up requests as {role.value}: nothing foreign, no failure")
    assert tried >= CASES_PER_ROLE


def cases_of(operation: APIOperation) -> st.SearchStrategy[Case]:
    valid = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    if not any((operation.path_parameters, operation.query, operation.body)):
        return valid
    return valid | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)


def calls_out(case: Case) -> bool:
    return any(case.path.rstrip("/").endswith(name.partition("-")[2]) for name in CALLING_OUT)


def made(caller: Caller, case: Case) -> tuple[Answer, str]:
    """Make the request and take back what it did; returns the answer and what was said."""
    content = content_of(case)
    query = {name: str(value) for name, value in (case.query or {}).items()}
    said = f"{unquote(case.formatted_path)} {query} {content.decode('utf-8', 'replace')}".lower()
    with nullcontext() if calls_out(case) else undone():
        answer = caller.send(case.method.lower(), case.formatted_path, content, query=query)
    return answer, said


def content_of(case: Case) -> bytes:
    if isinstance(case.body, NotSet):
        return b""
    return case.body if isinstance(case.body, bytes) else json.dumps(case.body).encode()


def found_by(cast: Cast, role: Role, answer: Answer, said: str) -> list[str]:
    """Return what of somebody else's an answer holds that the question did not."""
    return [
        word for word in forbidden_words(cast, role) if word in answer.text and word not in said
    ]


def forbidden_words(cast: Cast, role: Role) -> Iterator[str]:
    yield from canaries_forbidden_to(cast.north, cast.south, role)
    yield from cast.south.ids()
    if role in OUTSIDERS:
        yield from hidden_from_customers(cast.north)


def hidden_from_customers(side: Side) -> Iterator[str]:
    for role in OUTSIDERS:
        yield str(side.two.people[role].membership.pk)
    yield from (str(side.two.tenant.pk), str(side.two.organization.pk))
