"""Custom fields and accounts in exports and imports (ACC-06, ACC-07, ACC-08)."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from organizations.directory.importing import ImportReport, import_organizations
from organizations.directory.models import Account, Organization
from organizations.directory.organization_file import layout_for
from organizations.fields.queries import values_of
from portal.core.access import Role
from portal.core.audit.models import AuditEvent
from portal.core.errors import InvalidInput
from portal.web.sheets.reading import Remark, Table
from tests.factories.organizations import make_organization
from tests.organizations.fields.scene import Scene, at_work, make_scene

pytestmark = pytest.mark.django_db
EXPORT = "/organizations/export/"
API_EXPORT = "/api/v1/organizations/export/"


@pytest.fixture
def fields(north: Scene) -> None:
    """Give North fields of organizations and accounts."""
    north.field(entity="organization", label="Sector", kind="choice", choices=["Retail", "Food"])
    north.field(label="Seats", kind="number", default="5")
    north.field(label="Secret", seen_by="admins", edited_by="admins")


def exported(scene: Scene, role: Role = Role.ADMIN) -> list[dict[str, str]]:
    answer = scene.people[role].client().get(EXPORT)
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(text.splitlines()))[:-1]


def take_in(
    scene: Scene, content: str, role: Role = Role.ADMIN, **options: Any
) -> tuple[ImportReport, list[str]]:
    """Import a file as somebody does; returns the report and everything that was said."""
    told: list[Remark] = []
    with at_work(scene.actor(role)) as actor:
        table = Table(lambda: io.BytesIO(content.encode()), layout_for(actor), ignore_unknown=True)
        report = import_organizations(table.rows, actor=actor, tell=told.append, **options)
    return report, [str(remark) for remark in told]


def account(scene: Scene, name: str) -> tuple[Account, dict[str, str]]:
    """Return the primary account of an organization with what its fields hold."""
    with at_work(scene.actor()) as actor:
        row = Account.objects.visible_to(actor).get(organization__name=name)
        return row, values_of(row, actor=actor)


@pytest.mark.usefixtures("fields")
def test_an_export_has_a_column_for_each_field_the_actor_sees(north: Scene) -> None:
    north.put(north.organization, sector="Food")
    north.put(secret="=HYPERLINK(1)", seats="-7")
    (row,) = exported(north)
    assert row["field:sector"] == "Food"
    assert row["account_field:secret"] == "'=HYPERLINK(1)"
    assert row["account_field:seats"] == "'-7"
    assert row["account_currency"] == "EUR"
    (for_operator,) = exported(north, Role.OPERATOR)
    assert "account_field:seats" in for_operator
    assert "account_field:secret" not in for_operator
    (for_customer,) = exported(north, Role.CUSTOMER_VIEWER)
    assert [name for name in for_customer if ":" in name] == []


@pytest.mark.usefixtures("fields")
def test_the_api_exports_the_same(north: Scene) -> None:
    answer = north.people[Role.FINANCE].api().get(API_EXPORT)
    header = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()[0]  # type: ignore[attr-defined]
    assert header.split(",")[-2:] == ["field:sector", "account_field:seats"]


@pytest.mark.usefixtures("fields")
def test_an_import_fills_in_the_account_and_its_fields(north: Scene) -> None:
    content = (
        "number,name,country,account_customer_number,account_email,account_phone,account_currency,"
        "account_address_line1,account_city,account_postal_code,account_country,field:sector,"
        "account_field:seats\n"
        "A1,Bakery,NL,0815,office@bakery.com,020 123 4567,usd,Gracht 1,Delft,2611 AB,,Food,007\n"
        ",Florist,,,,,,,,,,,\n"
    )
    report, told = take_in(north, content, reason="A file")
    assert (report.created, told) == (2, [])
    row, values = account(north, "Bakery")
    assert (row.customer_number, row.email, row.phone, row.currency) == (
        "0815",
        "office@bakery.com",
        "+31 20 123 4567",
        "USD",
    )
    assert (row.address_line1, row.city, row.postal_code) == ("Gracht 1", "Delft", "2611 AB")
    assert row.country == "NL"
    assert values == {"seats": "7", "secret": ""}
    assert account(north, "Florist")[1]["seats"] == "5"
    with at_work(north.actor()) as actor:
        made: Organization = Organization.objects.visible_to(actor).get(name="Bakery")
        assert values_of(made, actor=actor) == {"sector": "Food"}
        events = AuditEvent.objects.visible_to(actor).filter(action="organizations.values_changed")
        assert {event.reason for event in events} == {"A file"}
        assert [event.after for event in events.order_by("sequence")] == [
            {"sector": "Food"},
            {"seats": "7"},
        ]


@pytest.mark.usefixtures("fields")
def test_what_exists_is_changed_only_if_that_was_asked_for(north: Scene) -> None:
    number = north.organization.number
    content = (
        "number,name,account_city,field:sector,account_field:seats\n"
        f"{number},{north.organization.name},Delft,Food,9\n"
    )
    report, told = take_in(north, content)
    assert (report.kept, report.changed) == (1, 0)
    assert "account_city, field:sector, account_field:seats" in told[0]
    assert account(north, north.organization.name)[0].city == ""
    report, told = take_in(north, content, update=True, reason="Again")
    assert (report.changed, told) == (1, [])
    row, values = account(north, north.organization.name)
    assert (row.city, values["seats"]) == ("Delft", "9")
    with at_work(north.actor()) as actor:
        told_of = AuditEvent.objects.visible_to(actor).filter(reason="Again")
        actions = list(told_of.order_by("sequence").values_list("action", flat=True))
    assert actions == [
        "organizations.values_changed",
        "organizations.account_changed",
        "organizations.values_changed",
    ]
    report, told = take_in(north, content, update=True)
    assert (report.changed, report.unchanged) == (0, 1)


@pytest.mark.usefixtures("fields")
def test_a_column_nobody_knows_is_named_even_where_others_are_passed_over(north: Scene) -> None:
    for column in ("field:nothing", "Field:seats", "account_field:sector"):
        with pytest.raises(InvalidInput, match=f"there is no column {column}"):
            take_in(north, f"name,colour,{column}\nBakery,red,x\n")
    assert take_in(north, "name,colour\nBakery,red\n")[0].created == 1


@pytest.mark.usefixtures("fields")
def test_what_a_field_cannot_hold_is_said_of_its_line_and_column(north: Scene) -> None:
    content = (
        "name,account_email,account_currency,field:sector,account_field:seats\n"
        "Bakery,no address,XYZ1,Steel,many\n"
    )
    report, told = take_in(north, content)
    assert (report.bad_rows, report.created, report.written) == (1, 0, False)
    assert {text.split(":")[0] if "field:" not in text else text[:30] for text in told} >= {
        "line 2, account_email",
        "line 2, account_currency",
    }
    assert any(text.startswith("line 2, field:sector: “Steel” is not among") for text in told)
    assert any(text.startswith("line 2, account_field:seats: “many”") for text in told)


def test_an_import_is_no_way_around_who_may_change_a_field(north: Scene) -> None:
    north.field(label="Rating", seen_by="staff", edited_by="admins")
    name, number = north.organization.name, north.organization.number
    fresh = "name,account_field:rating\nBakery,A\n"
    there = f"number,name,account_field:rating\n{number},{name},A\n"
    for content in (fresh, there):
        report, told = take_in(north, content, role=Role.OPERATOR, update=True)
        assert (report.bad_rows, report.written) == (1, False)
        assert told == ["line 2, account_field:rating: You may not change this field."]
    north.put(rating="A")
    report, told = take_in(north, there, role=Role.OPERATOR, update=True)
    assert (report.unchanged, told) == (1, [])


@pytest.mark.usefixtures("fields")
def test_what_is_exported_is_imported_elsewhere_to_the_letter(north: Scene) -> None:
    south = make_scene("South")
    south.field(entity="organization", label="Sector", kind="choice", choices=["Retail", "Food"])
    south.field(label="Seats", kind="number", default="5")
    south.field(label="Secret", seen_by="admins", edited_by="admins")
    for number, sector, seats, secret in (
        ("N-1", "Food", "-7.5", "''=1+1"),
        ("N-2", "", "5", "@x"),
    ):
        row = make_organization(north.reseller, name=f"Bakery {number}", number=number)
        north.put(row, sector=sector)
        north.put(account(north, row.name)[0], seats=seats, secret=secret)
    answer = north.people[Role.ADMIN].client().get(f"{EXPORT}?search=Bakery")
    content = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    report, told = take_in(south, content)
    assert (report.created, told) == (2, [])
    mine, theirs = (
        [
            {name: text for name, text in row.items() if name != "created_at"}
            for row in exported(scene)
            if row["name"].startswith("Bakery")
        ]
        for scene in (north, south)
    )
    assert len(mine) == 2
    assert mine == theirs


def test_the_command_takes_the_same_columns(north: Scene, fields: None, tmp_path: Path) -> None:
    path = tmp_path / "organizations.csv"
    path.write_text("name,account_city,account_field:seats\nBakery,Delft,12\n")
    call_command(
        "import_organizations", str(path), "--reseller", north.reseller.slug, stdout=io.StringIO()
    )
    row, values = account(north, "Bakery")
    assert (row.city, values["seats"]) == ("Delft", "12")
    path.write_text("name,field:nothing\nBakery,12\n")
    with pytest.raises(CommandError, match="there is no column field:nothing"):
        call_command("import_organizations", str(path), "--reseller", north.reseller.slug)
