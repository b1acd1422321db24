"""What custom fields hold: who sees it, who changes it, and that it stays with its owner."""

import pytest
from django.db import IntegrityError, connection

from organizations.directory.accounts import change_account, create_account
from organizations.directory.details import AccountDetails
from organizations.fields.models import FieldValue
from organizations.fields.operations import change_field
from organizations.fields.queries import fields_for, rows_of, values_of
from organizations.merging.operations import merge_organizations
from portal.core.access import Role, system_actor
from portal.core.audit.models import AuditEvent
from portal.core.errors import InvalidInput, NotAllowed, NotFound
from portal.core.identity.operations import remove_member
from tests.factories.organizations import make_organization
from tests.organizations.fields.scene import Scene, at_work, make_scene

pytestmark = pytest.mark.django_db


def test_what_was_put_in_is_there_and_the_rest_holds_its_default(north: Scene) -> None:
    north.field(label="Centre")
    north.field(label="Seats", kind="number", default="5")
    north.put(centre="  47  11 ")
    assert north.values() == {"centre": "47 11", "seats": "5"}
    north.put(seats="007.50")
    assert north.values() == {"centre": "47 11", "seats": "7.5"}
    north.put(seats="", centre="")
    assert north.values() == {"centre": "", "seats": ""}


def test_a_new_default_reaches_whoever_never_chose(north: Scene) -> None:
    row = north.field(label="Seats", kind="number", default="5")
    north.put(seats="5")  # as a form sends what it was filled with
    with at_work(north.actor()) as actor:
        change_field(row, actor=actor, changes={"default": "9"})
    assert north.values() == {"seats": "9"}


def test_every_kind_of_owner_has_its_own_fields(north: Scene) -> None:
    member = north.people[Role.CUSTOMER_ADMIN].membership
    for entity, owner in (
        ("account", north.account),
        ("organization", north.organization),
        ("user", member),
    ):
        north.field(entity=entity, key="note", label=f"Note of {entity}")
        north.put(owner, note=entity)
    assert north.values(north.account) == {"note": "account"}
    assert north.values(north.organization) == {"note": "organization"}
    assert north.values(member) == {"note": "user"}


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"seats": "many", "day": "2026-02-30"}, {"seats", "day"}),
        ({"region": "West"}, {"region"}),
        ({"unheard_of": "x", "seats": "1"}, {"unheard_of"}),
        ({"note": "x" * 501}, {"note"}),
        ({"note": "a\x00b"}, {"note"}),
        ({"note": "a\u202eb"}, {"note"}),
    ],
)
def test_what_a_field_cannot_hold_is_refused_and_nothing_is_kept(
    north: Scene, values: dict[str, str], wrong: set[str]
) -> None:
    north.field(label="Seats", kind="number")
    north.field(label="Day", kind="date")
    north.field(label="Region", kind="choice", choices=["North", "South"])
    north.field(label="Note")
    with pytest.raises(InvalidInput) as refusal:
        north.fill(values)
    assert set(refusal.value.fields) == wrong
    assert set(north.values().values()) == {""}


SEEN = {
    "everybody": set(Role),
    "staff": {Role.ADMIN, Role.OPERATOR, Role.FINANCE, Role.AUDITOR},
    "admins": {Role.ADMIN},
}
EDITED = {
    "staff": {Role.ADMIN, Role.OPERATOR, Role.FINANCE},
    "provisioners": {Role.ADMIN, Role.OPERATOR},
    "admins": {Role.ADMIN},
}


@pytest.mark.parametrize("seen_by", SEEN)
def test_a_field_is_seen_by_those_it_names(north: Scene, seen_by: str) -> None:
    edited_by = "admins" if seen_by == "admins" else "staff"
    north.field(label="Secret", seen_by=seen_by, edited_by=edited_by)
    north.put(secret="kept")
    for role in north.people:
        shown = north.values(role=role)
        assert shown == ({"secret": "kept"} if role in SEEN[seen_by] else {}), role
        with at_work(north.actor(role)) as actor:
            assert len(fields_for("account", actor=actor)) == (role in SEEN[seen_by])


@pytest.mark.parametrize("edited_by", EDITED)
def test_a_field_is_changed_by_those_it_names(north: Scene, edited_by: str) -> None:
    north.field(label="Code", seen_by="everybody", edited_by=edited_by)
    for role in north.people:
        if role in EDITED[edited_by]:
            north.put(role=role, code=role.value)
            assert north.values() == {"code": role.value}
        else:
            with pytest.raises(NotAllowed):
                north.put(role=role, code="not mine")
    assert "not mine" not in north.values().values()


def test_a_field_one_does_not_see_is_as_unknown_as_one_that_is_not(north: Scene) -> None:
    north.field(label="Secret", seen_by="admins", edited_by="admins")
    for key in ("secret", "nothing"):
        with pytest.raises(InvalidInput) as refusal:
            north.fill({key: "x"}, role=Role.OPERATOR)
        assert refusal.value.fields == {key: ["There is no such custom field."]}


def test_a_customer_reads_its_own_and_the_database_itself_keeps_the_rest(north: Scene) -> None:
    north.field(label="Open", seen_by="everybody")
    north.field(label="Ours", seen_by="staff")
    other = make_organization(north.reseller, name="Other customer")
    north.put(open="mine", ours="not for customers")
    with at_work(north.actor()) as actor:
        details = AccountDetails(name="Second", currency="EUR")
        theirs = create_account(other, actor=actor, details=details)
    north.put(theirs, open="theirs")
    with at_work(north.actor(Role.CUSTOMER_ADMIN)) as actor:
        assert values_of(north.account, actor=actor) == {"open": "mine"}
        assert values_of(theirs, actor=actor) == {"open": ""}
        with connection.cursor() as cursor:
            cursor.execute("SELECT text FROM organizations_fieldvalue")
            assert cursor.fetchall() == [("mine",)]
            cursor.execute("SELECT label FROM organizations_fielddefinition")
            assert cursor.fetchall() == [("Open",)]


def test_a_change_is_recorded_with_what_was_before(north: Scene) -> None:
    north.field(label="Code")
    north.put(code="1")
    north.put(code="1")
    north.put(code="2")
    with at_work(system_actor(north.reseller.pk, "tests")) as system:
        rows = AuditEvent.objects.visible_to(system).filter(action="organizations.values_changed")
        told = [(row.before, row.after, row.organization_id) for row in rows.order_by("sequence")]
    at = north.organization.pk
    assert told == [({"code": ""}, {"code": "1"}, at), ({"code": "1"}, {"code": "2"}, at)]


def test_what_an_account_holds_goes_with_it_when_organizations_are_merged(north: Scene) -> None:
    north.field(label="Open", seen_by="everybody")
    north.field(entity="organization", label="Sector")
    north.field(entity="organization", label="Size")
    into = make_organization(north.reseller, name="Heir")
    north.put(open="kept")
    north.put(north.organization, sector="Retail", size="Small")
    north.put(into, size="Large")
    with at_work(north.actor()) as actor:
        merge_organizations(north.organization, actor=actor, into=into, reason="Doubled")
        assert values_of(north.account, actor=actor) == {"open": "kept"}
        assert values_of(into, actor=actor) == {"sector": "Retail", "size": "Large"}
        row = FieldValue.objects.visible_to(actor).get(account=north.account)
        assert row.belongs_to_id == into.pk


def test_what_somebody_holds_goes_when_the_role_does(north: Scene) -> None:
    north.field(entity="user", label="Desk")
    member = north.people[Role.CUSTOMER_VIEWER].membership
    north.put(member, desk="4")
    with at_work(north.actor()) as actor:
        remove_member(member, actor=actor)
        assert not FieldValue.objects.visible_to(actor).exists()


def test_foreign_owners_are_unknown(north: Scene) -> None:
    north.field(label="Code")
    south = make_scene("South")
    for owner in (south.account, south.organization, south.people[Role.ADMIN].membership):
        with pytest.raises(NotFound):
            north.put(owner, code="1")


def test_the_database_wants_one_owner_and_one_value_of_each_field(north: Scene) -> None:
    row = north.field(label="Code")
    north.put(code="1")
    values = {"reseller": north.reseller, "definition": row, "text": "2"}
    with pytest.raises(IntegrityError, match="one_owner"), at_work(north.actor()):
        FieldValue(**values).save(force_insert=True)
    with pytest.raises(IntegrityError, match="fieldvalue_account"), at_work(north.actor()):
        FieldValue(**values, account=north.account, belongs_to=north.organization).save(
            force_insert=True
        )


def test_making_another_account_primary_leaves_what_both_hold(north: Scene) -> None:
    north.field(label="Code")
    north.put(code="first")
    with at_work(north.actor()) as actor:
        details = AccountDetails(name="Second", currency="EUR")
        second = create_account(north.organization, actor=actor, details=details)
        change_account(second, actor=actor, changes={"is_primary": True})
        held = rows_of([north.account, second], actor=actor)
    assert [list(row.values()) for row in held.values()] == [["first"], [""]]
