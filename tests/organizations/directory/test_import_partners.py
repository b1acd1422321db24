"""What a file of organizations says of sub-resellers: their kind and their ids at Microsoft."""

import io
from typing import Any
from uuid import UUID

import pytest

from organizations.directory.importing import ImportReport, import_organizations
from organizations.directory.models import Organization
from organizations.directory.organization_file import layout_for
from portal.core.access import Role
from portal.core.audit.models import AuditEvent
from portal.web.sheets.reading import Remark, Table
from tests.factories.organizations import make_organization
from tests.organizations.fields.scene import Scene, at_work, make_scene

pytestmark = pytest.mark.django_db
TENANT = "5f2a3c11-7b1d-4f6e-9a55-1d2c3b4a5968"
HEADER = "number,name,kind,mpn_id,microsoft_partner_id\n"


@pytest.fixture
def north() -> Scene:
    return make_scene("North")


@pytest.fixture
def south() -> Scene:
    return make_scene("South")


def take_in(scene: Scene, content: str, **options: Any) -> tuple[ImportReport, list[str]]:
    """Import a file as an operator does; returns the report and everything that was said."""
    told: list[Remark] = []
    with at_work(scene.actor(Role.OPERATOR)) as actor:
        table = Table(lambda: io.BytesIO(content.encode()), layout_for(actor))
        report = import_organizations(table.rows, actor=actor, tell=told.append, **options)
    return report, [str(remark) for remark in told]


def numbered(scene: Scene, number: str) -> Organization:
    with at_work(scene.actor()) as actor:
        row: Organization = Organization.objects.visible_to(actor).get(number=number)
        return row


def test_a_file_brings_sub_resellers_with_their_ids(north: Scene) -> None:
    report, told = take_in(
        north,
        f"{HEADER}R1,Fabrikam Resale,Sub-reseller,4847383,{TENANT.upper()}\n"
        "R2,Northwind Resale,,6105427,\n"
        "C1,Bakery,customer,,\n"
        ",Trey Resale,,7001234,\n",
    )
    assert (report.created, told) == (4, [])
    one, two, bakery = (numbered(north, number) for number in ("R1", "R2", "C1"))
    assert (one.kind, one.mpn_id, one.microsoft_partner_id) == (
        "sub_reseller",
        "4847383",
        UUID(TENANT),
    )
    assert (two.kind, two.mpn_id, two.microsoft_partner_id) == ("sub_reseller", "6105427", None)
    assert (bakery.kind, bakery.mpn_id) == ("customer", "")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("C1,Bakery,wholesaler,,", "line 2, kind: “wholesaler” is no kind; write customer or"),
        ("C1,Bakery,customer,123,", "line 2, mpn_id: Only a sub-reseller has one. Write sub_res"),
        (f"C1,Bakery,customer,,{TENANT}", "line 2, microsoft_partner_id: Only a sub-reseller has"),
        ("R1,Resale,,MPN 12,", "line 2, mpn_id: A partner id (MPN) has digits only, such as 484"),
        ("R1,Resale,,4.8E+6,", "line 2, mpn_id: "),
        ("R1,Resale,,,contoso.com", "line 2, microsoft_partner_id: The Microsoft ID of a tenant"),
    ],
)
def test_what_cannot_be_is_said_of_its_line_and_column(north: Scene, row: str, said: str) -> None:
    report, told = take_in(north, f"{HEADER}{row}\n")
    assert (report.bad_rows, report.created, report.written) == (1, 0, False)
    assert len(told) == 1
    assert told[0].startswith(said)


def test_an_id_is_given_once(north: Scene) -> None:
    make_organization(
        north.reseller, name="Holder", number="H1", kind="sub_reseller", mpn_id="4847383"
    )
    report, told = take_in(
        north,
        f"{HEADER}R1,First,,4847383,\nR2,Second,,12,{TENANT}\nR3,Third,,13,{TENANT}\n,Fourth,,12,\n",
    )
    assert report.bad_rows == 3
    assert told == [
        "line 2, mpn_id: Holder (H1) has this partner id already.",
        "line 4, microsoft_partner_id: Line 3 has this partner tenant already.",
        "line 5, mpn_id: Second (R2) has this partner id already.",
    ]


def test_another_resellers_partner_is_no_hindrance_and_is_not_named(
    north: Scene, south: Scene
) -> None:
    make_organization(south.reseller, name="Hidden", kind="sub_reseller", mpn_id="4847383")
    report, told = take_in(north, f"{HEADER}R1,First,,4847383,\n")
    assert (report.created, told) == (1, [])


def test_what_exists_gets_its_ids_only_if_that_was_asked_for(north: Scene) -> None:
    make_organization(north.reseller, name="Resale", number="R1", kind="sub_reseller")
    content = f"{HEADER}R1,Resale,sub_reseller,4847383,{TENANT}\n"
    report, told = take_in(north, content)
    assert (report.kept, report.changed) == (1, 0)
    assert "with another partner id (MPN), partner tenant and stays" in told[0]
    report, told = take_in(north, content, update=True, reason="A file")
    assert (report.changed, told) == (1, [])
    row = numbered(north, "R1")
    assert (row.mpn_id, row.microsoft_partner_id) == ("4847383", UUID(TENANT))
    with at_work(north.actor()) as actor:
        event = AuditEvent.objects.visible_to(actor).get(reason="A file")
    assert (event.before, event.after) == (
        {"mpn_id": "", "microsoft_partner_id": None},
        {"mpn_id": "4847383", "microsoft_partner_id": TENANT},
    )
    report, told = take_in(north, content, update=True)
    assert (report.unchanged, report.changed, told) == (1, 0, [])
    assert take_in(north, "number,name,mpn_id\nR1,Resale,\n", update=True)[0].unchanged == 1


def test_a_customer_becomes_a_sub_reseller_only_by_its_kind(north: Scene) -> None:
    make_organization(north.reseller, name="Resale", number="R1")
    report, told = take_in(north, f"{HEADER}R1,Resale,,4847383,\n", update=True)
    assert report.bad_rows == 1
    assert told == [
        "line 2, mpn_id: Resale is a customer, and only a sub-reseller has one. Write sub_reseller"
        " in the column kind, or leave this empty."
    ]
    assert take_in(north, f"{HEADER}R1,Resale,sub_reseller,4847383,\n", update=True)[0].changed == 1
    assert numbered(north, "R1").mpn_id == "4847383"
    report, told = take_in(north, f"{HEADER}R1,Resale,customer,,\n", update=True)
    assert told == ["line 2, kind: Resale is a sub-reseller; only its page makes a customer of it."]
