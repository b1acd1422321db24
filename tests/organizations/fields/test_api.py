"""Custom fields in the API: what they are, and what their owners have in them (ACC-05, ACC-06)."""

from typing import Any

import pytest
from django.test import Client

from portal.core.access import Role
from tests.organizations.fields.scene import Scene

pytestmark = pytest.mark.django_db
FIELDS = "/api/v1/custom-fields/"


def program(scene: Scene, role: Role = Role.ADMIN) -> Client:
    return scene.people[role].api()


def send(client: Client, verb: str, address: str, **data: Any) -> tuple[int, Any]:
    answer = getattr(client, verb)(address, data, content_type="application/json")
    return answer.status_code, answer.json() if answer.content else None


def test_a_field_is_made_changed_placed_and_removed(north: Scene) -> None:
    client = program(north)
    status, first = send(
        client, "post", FIELDS, entity="account", label="Region", kind="choice", choices=["N", "S"]
    )
    assert status == 201
    assert (first["key"], first["choices"], first["position"]) == ("region", ["N", "S"], 1)
    status, second = send(
        client, "post", FIELDS, entity="account", label="Centre", position=1, seen_by="everybody"
    )
    assert (status, second["position"]) == (201, 1)
    status, found = send(client, "get", f"{FIELDS}?entity=account&ordering=position")
    assert [row["key"] for row in found["results"]] == ["centre", "region"]
    status, changed = send(client, "patch", f"{FIELDS}{first['id']}/", label="Where", position=1)
    assert (status, changed["label"], changed["position"]) == (200, "Where", 1)
    north.put(region="N")
    status, refused = send(client, "delete", f"{FIELDS}{first['id']}/")
    assert (status, refused["code"], refused["values"]) == (409, "field_in_use", 1)
    assert send(client, "delete", f"{FIELDS}{first['id']}/?with_values=perhaps")[0] == 400
    assert send(client, "delete", f"{FIELDS}{first['id']}/?with_values=true") == (204, None)


def test_what_is_wrong_or_not_offered_is_named(north: Scene) -> None:
    client = program(north)
    status, refused = send(client, "post", FIELDS, entity="account", label="A", source="vendor")
    assert (status, list(refused["fields"])) == (400, ["source"])
    status, refused = send(client, "post", FIELDS, entity="account", label="A", key="No")
    assert (status, list(refused["fields"])) == (400, ["key"])
    _, row = send(client, "post", FIELDS, entity="account", label="A")
    for name, value in (("key", "b"), ("entity", "user"), ("vendor_key", "x")):
        status, refused = send(client, "patch", f"{FIELDS}{row['id']}/", **{name: value})
        assert (status, list(refused["fields"])) == (400, [name])
    assert send(program(north, Role.OPERATOR), "get", FIELDS)[0] == 200
    assert send(program(north, Role.OPERATOR), "post", FIELDS, entity="user", label="B")[0] == 403
    assert send(program(north, Role.CUSTOMER_ADMIN), "get", FIELDS)[0] == 403


def owners(scene: Scene) -> dict[str, str]:
    member = scene.people[Role.CUSTOMER_VIEWER].membership
    return {
        "account": f"/api/v1/accounts/{scene.account.pk}/",
        "organization": f"/api/v1/organizations/{scene.organization.pk}/",
        "user": f"/api/v1/members/{member.pk}/",
    }


@pytest.mark.parametrize("entity", ["account", "organization", "user"])
def test_every_owner_carries_what_the_actor_sees_of_its_fields(north: Scene, entity: str) -> None:
    address = owners(north)[entity]
    north.field(entity=entity, label="Open", seen_by="everybody", default="as ever")
    north.field(entity=entity, label="Ours", seen_by="staff")
    north.field(entity=entity, label="Secret", seen_by="admins", edited_by="admins")
    for role, keys in (
        (Role.ADMIN, {"open", "ours", "secret"}),
        (Role.FINANCE, {"open", "ours"}),
        (Role.CUSTOMER_ADMIN, {"open"}),
    ):
        client = program(north, role)
        _, row = send(client, "get", address)
        assert set(row["custom_fields"]) == keys
        assert row["custom_fields"]["open"] == "as ever"
        _, found = send(client, "get", f"{address.rpartition('/')[0].rpartition('/')[0]}/")
        listed = {each["id"]: each["custom_fields"] for each in found["results"]}
        assert listed[row["id"]] == row["custom_fields"]
    status, answer = send(
        program(north, Role.FINANCE), "patch", f"{address}custom-fields/", custom_fields={"ours": 5}
    )
    assert (status, answer["custom_fields"]) == (200, {"open": "as ever", "ours": "5"})
    status, refused = send(
        program(north, Role.FINANCE),
        "patch",
        f"{address}custom-fields/",
        custom_fields={"secret": "x"},
    )
    assert (status, list(refused["fields"])) == (400, ["custom_fields.secret"])
    for role in (Role.AUDITOR, Role.CUSTOMER_ADMIN):
        sent = {"custom_fields": {"open": "x"}}
        assert send(program(north, role), "patch", f"{address}custom-fields/", **sent)[0] == 403


def test_owners_are_made_and_changed_with_their_fields_or_not_at_all(north: Scene) -> None:
    north.field(label="Seats", kind="number")
    north.field(entity="organization", label="Sector")
    north.field(entity="user", label="Desk")
    client = program(north)
    new = {
        "name": "Fresh Bakery",
        "primary_domain": "freshbakery.com",
        "notification_email": "it@freshbakery.com",
        "contact_phone": "+31 20 123 4567",
    }
    status, refused = send(
        client, "post", "/api/v1/organizations/", **new, account={"custom_fields": {"seats": "x"}}
    )
    assert (status, list(refused["fields"])) == (400, ["custom_fields.seats"])
    assert send(client, "get", "/api/v1/organizations/?search=Fresh")[1]["results"] == []
    status, row = send(
        client,
        "post",
        "/api/v1/organizations/",
        **new,
        custom_fields={"sector": "Food"},
        account={"custom_fields": {"seats": "3"}},
    )
    assert (status, row["custom_fields"]) == (201, {"sector": "Food"})
    _, found = send(client, "get", f"/api/v1/accounts/?organization={row['id']}")
    (account,) = found["results"]
    assert account["custom_fields"] == {"seats": "3"}
    at = f"/api/v1/accounts/{account['id']}/"
    status, _ = send(client, "patch", at, city="Delft", custom_fields={"seats": "many"})
    assert status == 400
    assert send(client, "get", at)[1]["city"] == ""
    status, changed = send(client, "patch", at, city="Delft", custom_fields={"seats": "4"})
    assert (status, changed["city"], changed["custom_fields"]) == (200, "Delft", {"seats": "4"})
    _, member = send(
        client,
        "post",
        "/api/v1/members/",
        email="new@example.com",
        role="operator",
        custom_fields={"desk": "12"},
    )
    assert member["custom_fields"] == {"desk": "12"}


def test_an_account_names_the_sub_reseller_above_it(north: Scene) -> None:
    _, row = send(program(north), "get", owners(north)["account"])
    assert row["parent_organization"] is None
