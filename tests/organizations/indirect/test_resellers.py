"""Indirect resellers and the organizations they are: the page and the API (IND-05, IND-06)."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from organizations.directory.models import Organization
from organizations.indirect.operations import link_indirect_reseller
from portal.core.access import acting, system_actor
from portal.core.audit.models import AuditEvent
from portal.core.errors import Conflict
from portal.core.jobs.models import Job
from tenants.connections.models import Connection
from tenants.indirect.operations import READ_RESELLERS
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_connection
from tests.organizations.indirect.scene import DETAILS, TENANT, Scene

pytestmark = pytest.mark.django_db(transaction=True)
API = "/api/v1/indirect-resellers/"


def page(scene: Scene, connection: Connection | None = None, **query: str) -> str:
    place = f"/connections/{(connection or scene.connection).pk}/indirect-resellers/"
    answer = scene.operator.client().get(place, query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def last_job(scene: Scene) -> Job:
    with acting(system_actor(scene.reseller.pk, "tests")), transaction.atomic():
        return Job.objects.filter(kind=READ_RESELLERS.name).latest("created_at")


def test_each_row_names_the_organization_it_is(north: Scene) -> None:
    north.lists(1)
    north.lists(2, name="Echo Resale")
    north.lists(3, name="Second Location", partner_tenant=TENANT.format(1))
    north.lists(4, name="Unknown Resale", has_signed=False)
    delta = north.sub_reseller(
        "Delta B.V.", mpn_id="5000001", microsoft_partner_id=TENANT.format(1)
    )
    echo = north.sub_reseller("Echo B.V.", microsoft_partner_id=TENANT.format(2))
    rows = north.auditor.api().get(API, {"connection": str(north.connection.pk)}).json()["results"]
    assert {row["mpn_id"]: row["organization"] for row in rows} == {
        "5000001": str(delta.pk),
        "5000002": str(echo.pk),
        "5000003": str(delta.pk),
        "5000004": None,
    }
    shown = page(north)
    assert "its partner id is 5000001" in shown
    assert "Take this partner id" in shown
    assert "it has not signed the Microsoft Partner Agreement" in shown
    assert "Create organization" in shown


def test_a_name_suggests_a_sub_reseller_and_one_press_links_it(north: Scene) -> None:
    row = north.lists(1)
    organization = north.sub_reseller()
    north.sub_reseller("Something Else")
    make_organization(north.reseller, name="Delta Resale")  # a customer is not suggested
    north.lists(2, name="Echo Resale")  # alike in part only
    told, other = north.auditor.api().get(API).json()["results"]
    assert (other["mpn_id"], other["suggested_organization"]) == ("5000002", None)
    assert told["suggested_organization"] == str(organization.pk)
    assert told["suggested_because"]
    assert f"Link to {organization.name}" in page(north)
    answer = north.operator.client().post(
        f"/indirect-resellers/{row.pk}/link/", {"organization": str(organization.pk)}
    )
    assert answer.status_code == 302
    found = north.fresh(organization)
    assert (found.mpn_id, found.microsoft_partner_id) == ("5000001", UUID(TENANT.format(1)))
    with acting(north.admin.actor), transaction.atomic():
        events = AuditEvent.objects.visible_to(north.admin.actor)
        event = events.get(action="organizations.organization_changed")
    assert event.after == {"mpn_id": "5000001", "microsoft_partner_id": TENANT.format(1)}
    shown = page(north)
    assert "Link to" not in shown
    again = north.operator.api().post(
        f"{API}{row.pk}/link/",
        {"organization": organization.number},
        content_type="application/json",
    )
    assert (again.status_code, again.json()["organization"]) == (200, str(organization.pk))
    with acting(north.admin.actor), transaction.atomic():
        assert events.filter(action="organizations.organization_changed").count() == 1


def test_an_organization_is_created_from_one(north: Scene) -> None:
    row = north.lists(1)
    form = north.operator.client().get(f"/indirect-resellers/{row.pk}/create-organization/")
    assert b'value="Delta Resale"' in form.content
    answer = north.operator.client().post(
        f"/indirect-resellers/{row.pk}/create-organization/", {**DETAILS, "country": "NL"}
    )
    assert answer.status_code == 302
    with acting(north.admin.actor), transaction.atomic():
        made: Organization = Organization.objects.get(name="Delta Resale")
    assert (made.kind, made.mpn_id, made.country) == ("sub_reseller", "5000001", "NL")
    again = north.operator.api().post(
        f"{API}{row.pk}/create-organization/",
        {**DETAILS, "create_anyway": True},
        content_type="application/json",
    )
    assert (again.status_code, again.json()["code"]) == (409, "partner_taken")
    assert made.number in again.json()["detail"]


def test_one_like_it_is_named_before_another_is_made(north: Scene) -> None:
    row = north.lists(1)
    make_organization(north.reseller, name="Delta Resale", number="C-7")
    where = f"/indirect-resellers/{row.pk}/create-organization/"
    answer = north.operator.client().post(where, DETAILS)
    assert answer.status_code == 422
    assert b"C-7" in answer.content
    assert (
        north.operator.client().post(where, {**DETAILS, "create_anyway": "on"}).status_code == 302
    )


def test_what_the_form_lacks_is_said_beside_its_field(north: Scene) -> None:
    row = north.lists(1)
    answer = north.operator.api().post(
        f"{API}{row.pk}/create-organization/",
        {**DETAILS, "primary_domain": "nothing"},
        content_type="application/json",
    )
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["primary_domain"])


@pytest.mark.parametrize(
    ("values", "code", "words"),
    [
        ({"kind": "customer"}, "invalid", "is a customer. Make it a sub-reseller"),
        ({"mpn_id": "777"}, "partner_taken", "is another indirect reseller already (777)"),
        (
            {"microsoft_partner_id": TENANT.format(9)},
            "partner_taken",
            "is another indirect reseller already",
        ),
    ],
)
def test_who_cannot_be_it_is_told_why(
    north: Scene, values: dict[str, Any], code: str, words: str
) -> None:
    row = north.lists(1)
    organization = make_organization(
        north.reseller, name="Delta", **{"kind": "sub_reseller", **values}
    )
    answer = north.operator.api().post(
        f"{API}{row.pk}/link/",
        {"organization": str(organization.pk)},
        content_type="application/json",
    )
    assert answer.status_code in (400, 409)
    assert words in answer.json()["detail"]
    assert list(answer.json()["fields"]) == ["organization"]
    if code != "invalid":
        assert answer.json()["code"] == code
        shown = north.operator.client().post(
            f"/indirect-resellers/{row.pk}/link/", {"organization": str(organization.pk)}
        )
        assert shown.status_code == 422
        assert words in shown.content.decode()
    assert north.fresh(organization).mpn_id == organization.mpn_id


def test_another_organization_that_is_it_stands_in_the_way(north: Scene) -> None:
    row = north.lists(1)
    holder = north.sub_reseller("Holder", mpn_id="5000001")
    other = north.sub_reseller("Other")
    with (
        pytest.raises(Conflict, match=f"is Holder \\({holder.number}\\) already"),
        acting(north.operator.actor),
        transaction.atomic(),
    ):
        link_indirect_reseller(row, other, actor=north.operator.actor)


def test_foreign_rows_are_as_missing_ones(north: Scene, south: Scene) -> None:
    mine, theirs = north.lists(1), south.lists(1)
    own, foreign = north.sub_reseller(), south.sub_reseller("Hidden")
    client, api = north.operator.client(), north.operator.api()
    for listed in (theirs.pk, uuid4()):
        assert client.get(f"/indirect-resellers/{listed}/link/").status_code == 404
        told = api.post(
            f"{API}{listed}/link/", {"organization": str(own.pk)}, content_type="application/json"
        )
        assert told.status_code == 404
    answers = {
        api.post(
            f"{API}{mine.pk}/link/", {"organization": str(pk)}, content_type="application/json"
        ).content
        for pk in (foreign.pk, uuid4())
    }
    assert len({answer.split(b"request_id")[0] for answer in answers}) == 1
    assert client.get(f"/connections/{south.connection.pk}/indirect-resellers/").status_code == 404
    rows = api.get(API, {"connection": str(south.connection.pk)}).json()["results"]
    assert rows == []


def test_the_list_is_read_again_on_demand_and_says_how_that_went(north: Scene) -> None:
    assert "Not read yet" in page(north)
    place = f"/connections/{north.connection.pk}/indirect-resellers/read/"
    assert north.operator.client().post(place).status_code == 302
    assert "The list is being read" in page(north)
    with acting(system_actor(north.reseller.pk, "tests")), transaction.atomic():
        Job.objects.filter(pk=last_job(north).pk).update(
            state=Job.State.FAILED,
            error="Nobody signed in for this connection.",
            finished_at=timezone.now(),
        )
    north.lists(1)
    shown = page(north)
    assert "The list could not be read" in shown
    assert "Nobody signed in for this connection." in shown
    assert "Delta Resale" in shown
    answer = north.operator.api().post(
        f"/api/v1/connections/{north.connection.pk}/read-indirect-resellers/"
    )
    assert answer.status_code == 202
    assert last_job(north).is_open


def test_ind_04_a_direct_connection_says_that_it_has_none(north: Scene) -> None:
    direct = make_connection(north.reseller, name="Direct", client_id="direct")
    assert "A direct connection has no indirect resellers" in page(north, direct)
    answer = north.operator.api().post(f"/api/v1/connections/{direct.pk}/read-indirect-resellers/")
    assert (answer.status_code, answer.json()["code"]) == (409, "direct_connection")
    place = f"/connections/{direct.pk}/"
    assert b"Sold through" not in north.operator.client().get(place).content
    place = f"/connections/{north.connection.pk}/"
    assert b"Sold through" in north.operator.client().get(place).content
