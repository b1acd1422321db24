"""Who sees and may do what through the API of linking; foreign rows look like none at all."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import Client

from portal.core.access import Role
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_tenant
from tests.organizations.linking.calls import ALERT, LINKS, TENANTS, get, names, post
from tests.organizations.linking.scene import Scene, make_scene

pytestmark = pytest.mark.django_db
MOST_QUERIES = 8


ACTIONS = ["link/", "unlink/"]


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.FINANCE])
@pytest.mark.parametrize("action", ACTIONS)
def test_readers_may_read_and_change_nothing(north: Scene, role: Role, action: str) -> None:
    reader = north.person(role).api()
    assert get(reader, TENANTS)["results"]
    data = {"organization": north.organization.number, "reason": "x"}
    answer = post(reader, f"{TENANTS}{north.tenant.pk}/{action}", **data)
    assert answer.status_code == 403
    assert north.live_links() == []


def test_readers_may_not_undo(north: Scene) -> None:
    link = north.link()
    assert post(north.person(Role.AUDITOR).api(), f"{LINKS}{link.pk}/undo/").status_code == 403
    assert len(north.live_links()) == 1


@pytest.mark.parametrize("action", ["", *ACTIONS])
def test_foreign_tenant_looks_like_one_that_never_was(
    north: Scene, program: Client, action: str
) -> None:
    south = make_scene("South")
    data = {"organization": north.organization.number}
    if action == "unlink/":
        data = {"reason": "x"}
    answers = [
        post(program, f"{TENANTS}{tenant_id}/{action}", **data)
        if action
        else program.get(f"{TENANTS}{tenant_id}/")
        for tenant_id in (south.tenant.pk, uuid4())
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content


def test_foreign_link_looks_like_one_that_never_was(north: Scene, program: Client) -> None:
    south = make_scene("South")
    link = south.link()
    for address in ("{}", "{}undo/"):
        answers = [
            post(program, LINKS + address.format(f"{link_id}/"))
            if "undo" in address
            else program.get(LINKS + address.format(f"{link_id}/"))
            for link_id in (link.pk, uuid4())
        ]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content
    assert len(south.live_links()) == 1


def test_lists_and_filters_never_show_another_reseller(north: Scene, program: Client) -> None:
    south = make_scene("South")
    south.link()
    for query in (
        {},
        {"search": "south"},
        {"connection": str(south.connection.pk)},
        {"organization": str(south.organization.pk)},
        {"organization": south.organization.number},
    ):
        assert all(name.startswith("North") for name in names(program, **query))
    assert get(program, LINKS)["results"] == []
    assert get(program, LINKS, organization=south.organization.pk)["results"] == []


def test_customer_reads_its_own_tenants_without_the_resellers_side(north: Scene) -> None:
    own = make_tenant(
        north.connection, name="Own", billed_amount=Decimal("77.77"), billed_currency="EUR"
    )
    other = make_organization(north.reseller)
    north.link(own)
    foreign = make_tenant(north.connection, name="Foreign")
    north.link(foreign, other)
    customer = north.person(Role.CUSTOMER_ADMIN, organization=north.organization).api()
    rows = get(customer, TENANTS, ordering="-billed_amount")["results"]
    assert [row["name"] for row in rows] == ["Own"]
    assert rows[0]["billed"] is None and rows[0]["connection"] is None
    links = get(customer, LINKS)["results"]
    assert [link["tenant"] for link in links] == [str(own.pk)]
    assert links[0]["linked_by"] == ""
    assert customer.get(f"{TENANTS}{foreign.pk}/").status_code == 404
    assert names(customer, organization=other.number) == []
    assert customer.get(ALERT).status_code == 403
    assert post(customer, f"{TENANTS}{own.pk}/unlink/", reason="x").status_code == 403


def test_hostile_name_stays_data(north: Scene, program: Client) -> None:
    hostile = "<img src=x onerror=alert(1)>\u202e'; DROP TABLE"
    tenant = make_tenant(north.connection, name=hostile)
    answer = program.get(f"{TENANTS}{tenant.pk}/")
    assert answer.json()["name"] == hostile
    assert answer["Content-Type"].startswith("application/json")
