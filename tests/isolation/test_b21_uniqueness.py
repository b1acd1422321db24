"""B21: a value that another reseller holds is free for this one, and no error says otherwise."""

from uuid import UUID, uuid4

import pytest

from portal.core.access import Role, acting
from portal.core.identity.operations import add_member
from tests.access.calls import undone
from tests.access.everything import PRESENT
from tests.access.matrix import Row
from tests.isolation.catalogue import (
    UniqueIndex,
    as_administrator,
    as_role,
    relations,
    unique_indexes,
)
from tests.isolation.conftest import Cast, Figure, described
from tests.isolation.rawsql import insert, sample_row

pytestmark = pytest.mark.django_db(transaction=True)

UNIQUE_VIOLATION = "23505"
NEWCOMER = 10**9
"""A reseller with no row at all, so that whatever is met is somebody else's."""
WITHOUT_RESELLER = {
    "core_apitoken_digest_key": "256 random bits: whoever can name one holds the token already",
    "tenants_webhookregistration_digest_key": "of 256 bits nobody can guess, likewise",
    "organizations_passwordlink_digest_key": "of 256 bits nobody can guess, likewise",
    "core_reseller_slug_key": "resellers are made by the installation, never by a reseller",
    "core_reseller_pkey": "the reseller itself",
    "tenants_partnerclaim_one": "a partner tenant is claimed with working credentials for it, by"
    " whoever Microsoft lets in; one tenant must not be two resellers' (C12)",
}
"""Unique over the whole installation on purpose, each with why that tells nobody anything."""
UNIQUE_OVERALL = frozenset({"tenants_partnerclaim"})
"""Tables of which another reseller's row is meant to be met, for the reason given above."""


def test_b21_every_unique_index_starts_with_the_reseller(figure: Figure) -> None:
    """Primary keys of one random id are no value anybody chooses."""
    checked = [index for index in unique_indexes() if index.columns != ("id",)]
    loose = {index.name for index in checked if index.columns[0] != "reseller_id"}
    figure(
        f"B21: {len(checked) - len(loose)} of {len(checked)} unique indexes start with the"
        f" reseller, {len(loose)} are listed"
    )
    assert loose - set(WITHOUT_RESELLER) == set()


def test_b21_ids_that_nobody_chooses_cannot_be_counted_through() -> None:
    """A key of running numbers tells how many rows others have, if it is ever shown or taken."""
    numbered = {
        index.table
        for index in unique_indexes()
        if index.is_primary and index.columns == ("id",) and _is_number(index)
    }
    assert numbered <= {"billing_invoiceline", "billing_invoicetenanttotal", "core_reseller"}


def test_b21_what_another_reseller_holds_can_be_stored_again(cast: Cast, figure: Figure) -> None:
    """Each row of North, written by a newcomer with North's values, meets no row of North."""
    tried, met = 0, []
    for relation in relations():
        row = sample_row(relation, cast.north.reseller.pk)
        if not row or relation.owner_column == "id":
            continue
        with as_role("app_reseller", reseller=NEWCOMER) as cursor:
            copy = {**row, "reseller_id": NEWCOMER, **_random_secrets(relation.name)}
            outcome = insert(cursor, relation, copy)
        tried += 1
        if outcome == UNIQUE_VIOLATION and relation.name not in UNIQUE_OVERALL:
            met.append(str(relation))
    figure(f"B21: {tried - len(met)} of {tried} tables take values another reseller holds")
    assert met == []


def test_b21_no_answer_tells_what_another_reseller_holds(cast: Cast, figure: Figure) -> None:
    caller, objects = cast.callers[Role.ADMIN], cast.own(Role.ADMIN)
    tried, telling = 0, []
    for row in PRESENT:
        for name, value in _held(cast, row).items():
            answers = []
            for chosen in (value, _unlike(value)):
                with undone():
                    sent = {**row.body(objects), name: chosen}
                    answers.append(caller.call(row, objects, sends=sent))
            tried += 1
            if answers[0].status != answers[1].status:
                telling.append(f"{name}: {described(row, Role.ADMIN, answers[0])}")
    figure(f"B21: {tried - len(telling)} of {tried} chosen values answered as if nobody held them")
    assert tried
    assert not telling, "\n".join(telling)


def test_b21_a_person_of_another_reseller_can_be_added_here(cast: Cast) -> None:
    stranger = cast.south.person(Role.OPERATOR)
    admin = cast.north.person(Role.ADMIN)
    with acting(admin.actor):
        added = add_member(
            cast.north.reseller,
            actor=admin.actor,
            email=stranger.user.email,
            full_name="As known here",
            role=Role.OPERATOR,
        )
    assert added.full_name == "As known here"


def _held(cast: Cast, row: Row) -> dict[str, str]:
    """Return what South chose and this row's people choose too."""
    if row.verb == "get" or Role.ADMIN not in row.roles or not row.sends or row.calls_out:
        return {}
    connection, organization = cast.south.connection, cast.south.one.organization
    if "member" in row.route:
        return {"email": cast.south.person(Role.OPERATOR).user.email}
    if "connection" in row.route:
        return {name: getattr(connection, name) for name in ("name", "partner_tenant", "client_id")}
    if "organization" in row.route and "name" in row.sends:
        names = ("name", "number", "primary_domain", "registration_number", "notification_email")
        return {name: getattr(organization, name) for name in names}
    return {}


def _unlike(value: str) -> str:
    """Return a value of the same kind that nobody holds."""
    try:
        UUID(value)
    except ValueError:
        return value.replace("canary-south", "unheard-of")
    return str(uuid4())


def _is_number(index: UniqueIndex) -> bool:
    with as_administrator() as cursor:
        cursor.execute(
            "SELECT atttypid = 'bigint'::regtype FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attname = 'id'",
            [index.table],
        )
        (is_number,) = cursor.fetchone() or (False,)
    return bool(is_number)


def _random_secrets(table: str) -> dict[str, str]:
    with_digest = ("core_apitoken", "organizations_passwordlink", "tenants_webhookregistration")
    return {"digest": uuid4().hex * 2} if table in with_digest else {}
