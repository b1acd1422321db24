"""B02 and B03: an object of somebody else is answered exactly as one that never was.

Nothing is rolled back here: if a request changed a row of somebody else, it stays changed and the
fingerprint of that reseller's tables shows it.
"""

from collections.abc import Mapping
from uuid import uuid4

import pytest

from portal.core.access import Role
from tests.access.calls import Answer, Caller
from tests.access.cast import NAMED_ALIKE, OUTSIDERS, SUB_RESELLERS, canaries_forbidden_to
from tests.access.everything import ON_OBJECTS, subject_of
from tests.access.matrix import Row
from tests.access.snapshots import differing, fingerprint
from tests.isolation.conftest import Cast, Figure, described

pytestmark = pytest.mark.django_db(transaction=True)

FORMATS = ("", "htmx")
TRADED = (
    "connection",
    "first_password",
    "provisioning",
    "refused provisioning",
    "stuck provisioning",
)
"""What a sub-reseller's people share with staff: the first customer's, and the connections."""


def twin_answers(
    cast: Cast, row: Row, role: Role, theirs: Mapping[str, str], *, htmx: bool
) -> tuple[Answer, Answer, bool]:
    """Ask for their object and for one that never was; say whether the answers are the same."""
    caller, own = cast.callers[role], cast.own(role)
    body = row.body(own)
    unknown = {name: str(uuid4()) for name in theirs} | NAMED_ALIKE
    answers = [caller.call(row, ids, sends=body, htmx=htmx) for ids in (dict(theirs), unknown)]
    masked = [
        (answer.status, answer.place, answer.without(*theirs.values(), *unknown.values()))
        for answer in answers
    ]
    return answers[0], answers[1], masked[0] == masked[1]


def mistakes(
    cast: Cast, row: Row, role: Role, theirs: Mapping[str, str], *, htmx: bool
) -> list[str]:
    """Return what is wrong with the answer to somebody else's object."""
    foreign, _, same = twin_answers(cast, row, role, theirs, htmx=htmx)
    found = []
    if foreign.status != (404 if role in row.roles else 403):
        found.append(f"{described(row, role, foreign)} should be a refusal")
    if not same:
        found.append(f"{row} as {role}: a foreign object differs from an unknown one")
    for canary in canaries_forbidden_to(cast.north, cast.south, role):
        if canary in foreign.text:
            found.append(f"{row} as {role}: {canary} is shown")
    return found


@pytest.mark.timeout(900)
def test_b02_objects_of_another_reseller_are_not_there(cast: Cast, figure: Figure) -> None:
    both = (cast.north.reseller.pk, cast.south.reseller.pk)
    before, tried, wrong = fingerprint(both), 0, []
    for row in ON_OBJECTS:
        for role in cast.callers:
            for kind in FORMATS if not row.is_api else FORMATS[:1]:
                tried += 1
                wrong += mistakes(cast, row, role, cast.foreign(role), htmx=kind == "htmx")
    changed = differing(before, fingerprint(both))
    figure(
        f"B02: {tried - len(wrong)} of {tried} answers as for an unknown id, {len(changed)} changed"
    )
    assert not wrong, "\n".join(wrong)
    assert changed == []


def test_b03_objects_of_another_customer_are_not_there(cast: Cast, figure: Figure) -> None:
    both = (cast.north.reseller.pk, cast.south.reseller.pk)
    before, tried, wrong = fingerprint(both), 0, []
    for row in ON_OBJECTS:
        for role in OUTSIDERS:
            tried += 1
            wrong += mistakes(cast, row, role, cast.neighbours(role), htmx=False)
    changed = differing(before, fingerprint(both))
    figure(
        f"B03: {tried - len(wrong)} of {tried} answers as for an unknown id, {len(changed)} changed"
    )
    assert not wrong, "\n".join(wrong)
    assert changed == []


def test_b03_a_customer_is_not_shown_what_only_staff_may_see(cast: Cast, figure: Figure) -> None:
    """The reseller's own rows, such as a tenant not linked yet, are foreign to customers."""
    admin = cast.north.objects(cast.north.person(Role.ADMIN))
    staffs = {**admin, "tenant": admin["unlinked tenant"]}
    tried, wrong = 0, []
    for row in ON_OBJECTS:
        if subject_of(row) in ("organization", "account", "link", "colleague"):
            continue
        for role in OUTSIDERS:
            if role in SUB_RESELLERS and role in row.roles and subject_of(row) in TRADED:
                continue
            tried += 1
            wrong += mistakes(cast, row, role, staffs, htmx=False)
    figure(f"B03: {tried - len(wrong)} of {tried} answers hide staff's objects from customers")
    assert tried
    assert not wrong, "\n".join(wrong)


def test_b02_every_object_was_really_there(cast: Cast) -> None:
    """South's own people reach the objects that North was refused."""
    south = {role: Caller.of(person) for role, person in cast.south.people.items()}
    absent = []
    for row in ON_OBJECTS:
        if row.verb == "get" and not row.calls_out:
            role = sorted(row.roles)[0]
            answer = south[role].call(row, cast.foreign(role))
            if answer.status != 200:
                absent.append(described(row, role, answer))
    assert not absent, "\n".join(absent)
