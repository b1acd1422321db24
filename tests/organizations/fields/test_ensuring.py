"""The sets of fields that vendors' services need: made once, then the reseller's (ACC-01…04)."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection as database

from organizations.fields.ensuring import key_for
from organizations.fields.models import FieldDefinition
from organizations.fields.operations import change_field, ensure_fields, remove_field, set_values
from organizations.fields.queries import definitions, keys_of_connection, values_of
from organizations.fields.specs import FieldSpec
from portal.core.access import Role, system_actor
from portal.core.audit.models import AuditEvent
from portal.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from tenants.connections.models import Connection
from tests.organizations.fields.scene import Scene, at_work, make_scene

GROUP = "Microsoft Cloud Services"
USERNAME = FieldSpec("account", "username", "Username", default="admin")
PREFIX = FieldSpec("account", "domain_prefix", "Domain prefix", help="Before .onmicrosoft.com")
MPN = FieldSpec("account", "reseller_mpn_id", "Reseller (MPN ID)")

pytestmark = pytest.mark.django_db


def fetch(
    scene: Scene, *specs: FieldSpec, connection: Connection | None = None
) -> list[FieldDefinition]:
    """Get the definitions of a connection, as the action does."""
    with at_work(scene.actor()) as actor:
        return ensure_fields(
            actor=actor,
            connection=connection or scene.connection,
            group=GROUP,
            specs=specs or (USERNAME, PREFIX),
        )


def told(scene: Scene) -> list[AuditEvent]:
    with at_work(system_actor(scene.reseller.pk, "tests")) as system:
        rows = AuditEvent.objects.visible_to(system)
        return list(rows.filter(action="organizations.fields_fetched").order_by("sequence"))


def stored(scene: Scene) -> list[dict[str, object]]:
    with at_work(scene.actor()) as actor:
        return [dict(row) for row in definitions(actor).values()]


def test_sync_options_are_fields_of_the_account_that_everybody_sees(north: Scene) -> None:
    username, prefix = fetch(north)
    assert (username.group, username.position, prefix.position) == (GROUP, 1, 2)
    assert username.key == key_for(north.connection.pk, "username")
    assert (username.entity, username.source, username.vendor_key) == (
        "account",
        "vendor",
        "username",
    )
    for role in north.people:
        assert north.values(role=role) == {username.key: "admin", prefix.key: ""}, role
    north.put(role=Role.OPERATOR, **{prefix.key: "contoso"})
    with pytest.raises(NotAllowed):
        north.put(role=Role.FINANCE, **{prefix.key: "fabrikam"})


def test_running_it_again_changes_nothing(north: Scene) -> None:
    first = fetch(north)
    before = stored(north)
    assert fetch(north) == first
    assert stored(north) == before
    (event,) = told(north)
    assert event.after == {"group": GROUP, "fields": [f"account: {row.key}" for row in first]}


def test_what_the_reseller_edited_stays(north: Scene) -> None:
    username, prefix = fetch(north)
    changes = {"label": "Beheerder", "group": "Ours", "help": "As agreed", "seen_by": "staff"}
    with at_work(north.actor()) as actor:
        change_field(username, actor=actor, changes=changes)
        change_field(prefix, actor=actor, changes={"default": "north"})
    edited = stored(north)
    fetch(north)
    assert stored(north) == edited
    added = fetch(north, USERNAME, PREFIX, MPN)[2]
    assert [row for row in stored(north) if row["id"] != added.pk] == edited
    assert [event.after["fields"] for event in told(north)[1:]] == [[f"account: {added.key}"]]


def test_every_connection_has_a_set_of_its_own(north: Scene) -> None:
    here = fetch(north)
    there = fetch(north, connection=north.other_connection)
    assert {row.key for row in here}.isdisjoint(row.key for row in there)
    north.put(**{here[1].key: "contoso-nl", there[1].key: "contoso-be"})
    with at_work(north.actor()) as actor:
        for connection, prefix in (
            (north.connection, "contoso-nl"),
            (north.other_connection, "contoso-be"),
        ):
            assert values_of(north.account, actor=actor, connection=connection) == {
                "username": "admin",
                "domain_prefix": prefix,
            }
            keys = keys_of_connection("account", connection, actor=actor)
            set_values(north.account, actor=actor, values={keys["username"]: prefix})
    assert set(north.values().values()) == {"contoso-nl", "contoso-be"}


def test_a_vendors_field_stays_and_holds_what_the_vendor_says(north: Scene) -> None:
    username, _ = fetch(north)
    with at_work(north.actor()) as actor:
        with pytest.raises(Conflict) as refusal:
            remove_field(username, actor=actor, with_values=True)
        assert refusal.value.code == "vendor_field"
        with pytest.raises(InvalidInput) as wrong:
            change_field(username, actor=actor, changes={"kind": "number", "default": ""})
        assert list(wrong.value.fields) == ["kind"]


def test_only_administrators_fetch_and_only_for_their_own_connection(north: Scene) -> None:
    south = make_scene("South")
    for role in (Role.OPERATOR, Role.AUDITOR):
        with at_work(north.actor(role)) as actor, pytest.raises(NotAllowed):
            ensure_fields(actor=actor, connection=north.connection, group=GROUP, specs=[USERNAME])
    with pytest.raises(NotFound):
        fetch(north, connection=south.connection)
    assert stored(south) == []


def test_a_vendor_who_describes_nonsense_leaves_nothing_behind(north: Scene) -> None:
    with pytest.raises(InvalidInput):
        fetch(north, USERNAME, FieldSpec("account", "Not Plain", "Nonsense"))
    assert stored(north) == []


@pytest.mark.django_db(transaction=True)
def test_two_who_fetch_at_once_make_one_set() -> None:
    scene = make_scene()

    def run(_number: int) -> int:
        try:
            return len(fetch(scene))
        finally:
            database.close()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(run, range(4))) == [2, 2, 2, 2]
    assert len(stored(scene)) == 2
    assert len(told(scene)) == 1
