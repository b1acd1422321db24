"""Adding, changing, ordering and removing custom fields."""

from typing import Any

import pytest
from django.db import IntegrityError

from organizations.fields.models import FieldDefinition, FieldValue
from organizations.fields.operations import change_field, create_field, remove_field
from organizations.fields.queries import definitions, fields_for
from portal.core.access import Role, system_actor
from portal.core.audit.models import AuditEvent
from portal.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from tests.organizations.fields.scene import Scene, at_work, make_scene

pytestmark = pytest.mark.django_db


def events(scene: Scene, action: str) -> list[AuditEvent]:
    with at_work(system_actor(scene.reseller.pk, "tests")) as system:
        rows = AuditEvent.objects.visible_to(system).filter(action=f"organizations.{action}")
        return list(rows.order_by("sequence"))


def order(scene: Scene, group: str = "") -> list[str]:
    with at_work(scene.actor()) as actor:
        return [row.key for row in fields_for("account", actor=actor) if row.group == group]


def test_a_field_gets_its_key_from_its_label_and_the_last_place(north: Scene) -> None:
    first = north.field(label="Cost centre (SAP)")
    second = north.field(label="Région", kind="choice", choices=["Nord", "Sud"], default="Sud")
    assert (first.key, second.key) == ("cost_centre_sap", "r_gion")
    assert (first.position, second.position) == (1, 2)
    (event, _) = events(north, "field_created")
    assert event.after["label"] == "Cost centre (SAP)"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"entity": "tenant"}, "entity"),
        ({"label": " "}, "label"),
        ({"label": "x" * 101}, "label"),
        ({"key": "Cost"}, "key"),
        ({"key": "1st"}, "key"),
        ({"key": "x" * 61}, "key"),
        ({"label": "日本"}, "key"),
        ({"kind": "list"}, "kind"),
        ({"kind": "choice"}, "choices"),
        ({"choices": ["A"]}, "choices"),
        ({"kind": "choice", "choices": ["A"], "default": "B"}, "default"),
        ({"kind": "number", "default": "many"}, "default"),
        ({"kind": "date", "default": "31-03-2026"}, "default"),
        ({"seen_by": "nobody"}, "seen_by"),
        ({"edited_by": "everybody"}, "edited_by"),
        ({"seen_by": "admins", "edited_by": "staff"}, "edited_by"),
        ({"group": "a\u202eb"}, "group"),
    ],
)
def test_what_cannot_be_a_field_is_refused_beside_what_is_wrong(
    north: Scene, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        north.field(**wrong)
    assert list(refusal.value.fields) == [field]
    assert order(north) == []


def test_a_key_is_there_once_per_entity(north: Scene) -> None:
    north.field(key="code")
    north.field(entity="organization", key="code")
    with pytest.raises(Conflict) as refusal:
        north.field(key="code", label="Another")
    assert (refusal.value.code, list(refusal.value.fields)) == ("key_taken", ["key"])


def test_there_are_at_most_a_hundred_fields_of_one_entity(north: Scene) -> None:
    with at_work(north.actor()) as actor:
        for number in range(100):
            create_field(actor=actor, entity="account", label=f"Field {number}")
        with pytest.raises(InvalidInput, match="at most 100"):
            create_field(actor=actor, entity="account", label="One more")
        create_field(actor=actor, entity="user", label="One of users")


def test_only_administrators_say_which_fields_there_are(north: Scene) -> None:
    row = north.field()
    for role in (Role.OPERATOR, Role.FINANCE, Role.AUDITOR, Role.CUSTOMER_ADMIN):
        with at_work(north.actor(role)) as actor:
            with pytest.raises(NotAllowed):
                create_field(actor=actor, entity="account", label="Mine")
            with pytest.raises(NotAllowed):
                change_field(row, actor=actor, changes={"label": "Mine"})
            with pytest.raises(NotAllowed):
                remove_field(row, actor=actor)
    assert order(north) == ["cost_centre"]


def test_fields_change_places_within_their_group(north: Scene) -> None:
    one, two, three = (north.field(label=name) for name in ("One", "Two", "Three"))
    with at_work(north.actor()) as actor:
        change_field(three, actor=actor, changes={"position": 1})
    assert order(north) == ["three", "one", "two"]
    with at_work(north.actor()) as actor:
        change_field(one, actor=actor, changes={"position": 99})
    assert order(north) == ["three", "two", "one"]
    with at_work(north.actor()) as actor:
        change_field(two, actor=actor, changes={"group": "Bookkeeping"})
    assert (order(north), order(north, "Bookkeeping")) == (["three", "one"], ["two"])
    with at_work(north.actor()) as actor:
        assert [row.position for row in definitions(actor)] == [1, 2, 1]


def test_a_change_that_changes_nothing_is_not_recorded(north: Scene) -> None:
    row = north.field(label="One")
    with at_work(north.actor()) as actor:
        change_field(row, actor=actor, changes={"label": "One", "position": 1})
        assert events(north, "field_changed") == []
        change_field(row, actor=actor, changes={"label": "First", "help": "Say it"})
    (event,) = events(north, "field_changed")
    assert (event.before, event.after) == (
        {"help": "", "label": "One"},
        {"help": "Say it", "label": "First"},
    )


def test_what_is_held_keeps_kind_and_choices_as_they_are(north: Scene) -> None:
    row = north.field(kind="choice", choices=["A", "B", "C"])
    north.put(cost_centre="B")
    with at_work(north.actor()) as actor:
        changed = change_field(row, actor=actor, changes={"choices": ["B", "D"]})
        assert changed.choices == ["B", "D"]
        with pytest.raises(Conflict) as refusal:
            change_field(row, actor=actor, changes={"choices": ["D"]})
        assert (refusal.value.code, refusal.value.data) == ("field_in_use", {"values": 1})
        with pytest.raises(Conflict) as refusal:
            change_field(row, actor=actor, changes={"kind": "text", "choices": []})
        assert list(refusal.value.fields) == ["kind"]


def test_a_field_goes_with_its_values_only_if_somebody_said_so(north: Scene) -> None:
    row = north.field()
    north.put(cost_centre="4711")
    with at_work(north.actor()) as actor:
        with pytest.raises(Conflict) as refusal:
            remove_field(row, actor=actor)
        assert refusal.value.data == {"values": 1}
        assert remove_field(row, actor=actor, with_values=True) == 1
        assert not FieldDefinition.objects.visible_to(actor).exists()
        assert not FieldValue.objects.visible_to(actor).exists()
        with pytest.raises(NotFound):
            remove_field(row, actor=actor)
    (event,) = events(north, "field_removed")
    assert event.before["values"] == 1


def test_another_resellers_field_is_unknown(north: Scene) -> None:
    foreign = make_scene("South").field()
    with at_work(north.actor()) as actor:
        with pytest.raises(NotFound):
            change_field(foreign, actor=actor, changes={"label": "Mine"})
        with pytest.raises(NotFound):
            remove_field(foreign, actor=actor)


def test_the_database_holds_a_vendors_field_to_its_name(north: Scene) -> None:
    row = north.field()
    with pytest.raises(IntegrityError, match="vendor_names_it"), at_work(north.actor()) as actor:
        FieldDefinition.objects.visible_to(actor).filter(pk=row.pk).update(source="vendor")
    with pytest.raises(IntegrityError, match="key_is_plain"), at_work(north.actor()) as actor:
        FieldDefinition.objects.visible_to(actor).filter(pk=row.pk).update(key="Not plain")
