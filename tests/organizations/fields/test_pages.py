"""Setup > Accounts > Custom fields, and the pages of those who own fields."""

from typing import Any

import pytest
from django.template import Template
from django.test import Client
from django.urls import reverse

from organizations.directory import account_parts
from organizations.directory.account_parts import AccountPart, register_account_part
from organizations.directory.accounts import change_account
from organizations.directory.models import Account, Organization
from organizations.directory.operations import change_organization
from organizations.fields.models import FieldDefinition
from organizations.fields.operations import ensure_fields
from organizations.fields.queries import definitions
from organizations.fields.specs import FieldSpec
from portal.core.access import Actor, Role
from tests.factories.organizations import make_organization
from tests.organizations.fields.scene import Scene, at_work

pytestmark = pytest.mark.django_db
LIST, NEW = reverse("fields:definition_list"), reverse("fields:definition_create")
FIELD = {"entity": "account", "label": "Cost centre", "kind": "text"}
SENT = {**FIELD, "seen_by": "staff", "edited_by": "staff"}


def browser(scene: Scene, role: Role = Role.ADMIN) -> Client:
    return scene.people[role].client()


def body(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def keys(scene: Scene, entity: str = "account") -> list[str]:
    with at_work(scene.actor()) as actor:
        return [row.key for row in definitions(actor).filter(entity=entity)]


def address_of(row: FieldDefinition, what: str) -> str:
    return reverse(f"fields:definition_{what}", args=[row.pk])


def test_a_field_is_added_changed_and_removed_on_screen(north: Scene) -> None:
    client = browser(north)
    answer = client.post(NEW, SENT | {"group": "Bookkeeping", "help": "As SAP has it"})
    assert answer.status_code == 302
    assert answer["Location"] == f"{LIST}?entity=account"
    page = body(client, LIST)
    for text in ("Custom fields of accounts", "Bookkeeping", "Cost centre", "cost_centre", "Setup"):
        assert text in page
    with at_work(north.actor()) as actor:
        (row,) = definitions(actor)
    client.post(address_of(row, "edit"), {**SENT, "label": "Kostenplaats", "group": ""})
    assert "Kostenplaats" in body(client, LIST)
    north.put(cost_centre="4711")
    assert "1 value" in body(client, address_of(row, "remove"))
    assert client.post(address_of(row, "remove")).status_code == 422
    assert keys(north) == ["cost_centre"]
    assert client.post(address_of(row, "remove"), {"with_values": "on"}).status_code == 302
    assert keys(north) == []


def test_what_is_wrong_stands_beside_its_field(north: Scene) -> None:
    north.field(label="Cost centre")
    client = browser(north)
    taken = client.post(NEW, SENT)
    assert taken.status_code == 422
    assert taken.context["form"].errors == {"key": ["Another field has the key cost_centre."]}
    wrong = client.post(NEW, {**SENT, "key": "Not plain", "kind": "choice", "choices": "\n"})
    assert set(wrong.context["form"].errors) == {"key", "choices"}


def test_fields_are_put_in_order_without_javascript(north: Scene) -> None:
    rows = [north.field(label=name) for name in ("One", "Two", "Three")]
    client = browser(north)
    assert client.post(address_of(rows[2], "move"), {"direction": "up"}).status_code == 302
    assert keys(north) == ["one", "three", "two"]
    client.post(address_of(rows[0], "move"), {"direction": "down"})
    assert keys(north) == ["three", "one", "two"]
    client.post(address_of(rows[2], "move"), {"direction": "up"})
    assert keys(north) == ["three", "one", "two"]
    assert client.post(address_of(rows[2], "move"), {"direction": "away"}).status_code == 400


def test_staff_read_the_setup_and_customers_do_not(north: Scene) -> None:
    row = north.field()
    for role in (Role.OPERATOR, Role.FINANCE, Role.AUDITOR):
        client = browser(north, role)
        page = body(client, LIST)
        assert "Cost centre" in page
        assert "New field" not in page
        assert "Save" not in body(client, address_of(row, "edit"))
        assert client.post(NEW, SENT).status_code == 403
        assert client.post(address_of(row, "move"), {"direction": "up"}).status_code == 403
    assert browser(north, Role.CUSTOMER_ADMIN).get(LIST).status_code == 403


def test_each_entity_has_a_tab_of_its_own(north: Scene) -> None:
    north.field(entity="organization", label="Sector")
    north.field(entity="user", label="Desk")
    client = browser(north)
    assert "No custom fields yet" in body(client, LIST)
    assert "Sector" in body(client, f"{LIST}?entity=organization")
    assert "Desk" in body(client, f"{LIST}?entity=user")


def test_a_vendors_set_stands_in_its_folder_and_cannot_be_removed(north: Scene) -> None:
    with at_work(north.actor()) as actor:
        (row,) = ensure_fields(
            actor=actor,
            connection=north.connection,
            group="Microsoft Cloud Services",
            specs=[FieldSpec("account", "domain_prefix", "Domain prefix")],
        )
    client = browser(north)
    page = body(client, LIST)
    assert "Microsoft Cloud Services" in page
    assert north.connection.name in page
    assert address_of(row, "remove") not in page
    refused = client.post(address_of(row, "remove"), {"with_values": "on"})
    assert refused.status_code == 422
    renamed = {"label": "Prefix", "seen_by": "everybody", "edited_by": "provisioners"}
    assert client.post(address_of(row, "edit"), renamed).status_code == 302
    assert "Prefix" in body(client, LIST)


def test_the_account_page_shows_everything_of_an_account(north: Scene) -> None:
    parent = make_organization(north.reseller, name="North Sub-reseller", kind="sub_reseller")
    north.field(label="Region", kind="choice", choices=["Nord", "Süd"], group="Sales")
    north.put(region="Süd")
    changes = {
        "customer_number": "D-4711",
        "email": "office@contoso.example",
        "phone": "+31 20 123 4567",
        "address_line1": "Keizersgracht 1",
        "address_line2": "2nd floor",
        "postal_code": "1015 CN",
        "city": "Amsterdam",
        "state": "Noord-Holland",
        "country": "NL",
    }
    with at_work(north.actor()) as actor:
        change_account(north.account, actor=actor, changes=changes)
        change_organization(north.organization, actor=actor, changes={"parent": parent})
    address = reverse("directory:account_detail", args=[north.account.pk])
    page = body(browser(north, Role.FINANCE), address)
    told = [*(set(changes.values()) - {"NL", "1015 CN", "Amsterdam"}), "1015 CN Amsterdam"]
    for text in (*told, "Netherlands", "EUR", parent.name, "Sales", "Region", "Süd"):
        assert text in page, text
    for_customer = body(browser(north, Role.CUSTOMER_VIEWER), address)
    assert "D-4711" in for_customer
    assert "Süd" not in for_customer
    assert parent.name not in for_customer


@pytest.mark.parametrize("entity", ["account", "organization", "membership"])
def test_fields_are_filled_in_on_the_page_of_their_owner(north: Scene, entity: str) -> None:
    owner: Any = {
        "account": north.account,
        "organization": north.organization,
        "membership": north.people[Role.OPERATOR].membership,
    }[entity]
    kept = "user" if entity == "membership" else entity
    north.field(entity=kept, label="Seats", kind="number", group="Size", help="How many")
    north.field(entity=kept, label="Ours", seen_by="admins", edited_by="admins")
    address = reverse(f"fields:{entity}_values", args=[owner.pk])
    client = browser(north, Role.FINANCE)
    page = body(client, address)
    assert "Seats" in page
    assert "How many" in page
    assert "Ours" not in page
    wrong = client.post(address, {"field-seats": "many"})
    assert wrong.status_code == 422
    assert list(wrong.context["form"].errors) == ["field-seats"]
    answer = client.post(address, {"field-seats": "12.50", "field-ours": "planted"})
    assert answer.status_code == 302
    assert north.values(owner) == {"seats": "12.5", "ours": ""}
    shown = body(client, answer["Location"])
    assert "12.5" in shown
    assert address in shown
    assert browser(north, Role.AUDITOR).post(address, {"field-seats": "1"}).status_code == 403
    assert address not in body(browser(north, Role.AUDITOR), answer["Location"])


def test_a_field_called_as_something_of_the_owner_changes_only_itself(north: Scene) -> None:
    north.field(label="Name", key="name")
    address = reverse("fields:account_values", args=[north.account.pk])
    browser(north).post(address, {"field-name": "Not the account's", "name": "planted"})
    assert north.values() == {"name": "Not the account's"}
    with at_work(north.actor()) as actor:
        row: Account = Account.objects.get_visible(actor, pk=north.account.pk)
        assert row.name == north.account.name
        assert isinstance(row.organization, Organization)


def test_others_add_parts_to_the_account_page(
    north: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account_parts, "_MAKERS", {})

    def status(account: Account, actor: Actor) -> AccountPart | None:
        if actor.is_customer:
            return None
        shown = Template("<p>{{ part.said }} {{ may_change }}</p>")
        return AccountPart(shown, {"said": f"Status of {account.name}:"})  # type: ignore[arg-type]

    register_account_part("status", status)
    address = reverse("directory:account_detail", args=[north.account.pk])
    said = f"<p>Status of {north.account.name}: True</p>"
    assert said in body(browser(north), address)
    assert said not in body(browser(north, Role.CUSTOMER_ADMIN), address)
