"""``tenants``, ``links`` and ``alerts/unlinked-tenants``, called with tokens as programs do."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.core.access import Role
from tenants.discovery.models import Tenant
from tests.factories.organizations import make_account, make_organization
from tests.factories.tenants import make_tenant, make_tenants
from tests.organizations.linking.scene import Scene, make_scene, working_connection

pytestmark = pytest.mark.django_db
TENANTS, LINKS, ALERT = "/api/v1/tenants/", "/api/v1/links/", "/api/v1/alerts/unlinked-tenants/"
MOST_QUERIES = 8


@pytest.fixture
def north() -> Scene:
    return make_scene()


@pytest.fixture
def program(north: Scene) -> Client:
    return north.operator.api()


def get(program: Client, address: str, **query: Any) -> Any:
    answer = program.get(address, query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def names(program: Client, **query: Any) -> list[str]:
    return [row["name"] for row in get(program, TENANTS, **query)["results"]]


def post(program: Client, address: str, **data: Any) -> Any:
    return program.post(address, data, content_type="application/json")


def test_tenant_shows_its_organization_and_money(north: Scene, program: Client) -> None:
    tenant = make_tenant(north.connection, billed_amount=Decimal("12.5"), billed_currency="EUR")
    link = north.link(tenant)
    row = get(program, f"{TENANTS}{tenant.pk}/")
    assert row["linked"] is True
    assert row["link"] == str(link.pk)
    assert row["organization"] == {
        "id": str(north.organization.pk),
        "number": north.organization.number,
        "name": "North Bakery BV",
    }
    assert row["billed"] == {"amount": "12.500000", "currency": "EUR", "month": None}
    assert get(program, f"{TENANTS}{north.tenant.pk}/")["organization"] is None


def test_filters_of_the_list(north: Scene, program: Client) -> None:
    other = working_connection(north.reseller)
    north.link(make_tenant(north.connection, name="Linked"))
    make_tenant(other, name="Norwegian", country="NO", status=Tenant.Status.MISSING)
    assert names(program, linked="true") == ["Linked"]
    assert names(program, linked="false") == ["North Bakery", "Norwegian"]
    assert names(program, status="missing") == ["Norwegian"]
    assert names(program, connection=other.pk) == ["Norwegian"]
    assert names(program, country="no") == ["Norwegian"]
    assert names(program, search="BAKERY") == ["North Bakery"]
    assert names(program, search=str(north.tenant.microsoft_id)) == ["North Bakery"]
    assert names(program, organization=north.organization.pk) == ["Linked"]
    assert names(program, organization=north.organization.number) == ["Linked"]
    assert names(program, organization="nobody") == []
    assert names(program, linked="false", search="norw", country="NO") == ["Norwegian"]


@pytest.mark.parametrize(
    "query",
    [
        {"linked": "perhaps"},
        {"status": "gone"},
        {"connection": "x"},
        {"ordering": "is_linked"},
        {"ordering": "connection__secret_sealed"},
        {"page_size": "0"},
        {"page_size": "1001"},
    ],
)
def test_filters_that_mean_nothing_are_refused(program: Client, query: dict[str, str]) -> None:
    answer = program.get(TENANTS, query)
    assert answer.status_code == 400
    assert next(iter(query)) in answer.json()["fields"]


@pytest.mark.parametrize("cursor", ["x", "last!", "WzFd", "eyJhIjoxfQ"])
def test_cursor_that_is_none_of_ours_is_not_found(program: Client, cursor: str) -> None:
    assert program.get(TENANTS, {"cursor": cursor}).status_code == 404


@pytest.mark.parametrize(
    "ordering", ["name", "-name", "domain", "first_seen_at", "-first_seen_at", "-billed_amount"]
)
def test_pages_hold_every_tenant_once_in_any_order(
    north: Scene, program: Client, ordering: str
) -> None:
    make_tenants(north.connection, 45)
    make_tenant(north.connection, name="Dear", billed_amount=Decimal(9), billed_currency="EUR")
    seen, address = [], f"{TENANTS}?ordering={ordering}&page_size=10"
    while address:
        answer = program.get(address).json()
        seen += [row["id"] for row in answer["results"]]
        address = answer["next"]
    assert len(seen) == len(set(seen)) == 47


def test_previous_page_leads_back(north: Scene, program: Client) -> None:
    make_tenants(north.connection, 15)
    first = get(program, TENANTS, page_size=5)
    second = program.get(first["next"]).json()
    assert first["previous"] is None
    assert program.get(second["previous"]).json()["results"] == first["results"]


def test_dearest_come_first(north: Scene, program: Client) -> None:
    for name, amount in (("Small", 5), ("Large", 50)):
        make_tenant(
            north.connection, name=name, billed_amount=Decimal(amount), billed_currency="EUR"
        )
    assert names(program, ordering="-billed_amount") == ["Large", "Small", "North Bakery"]


def test_list_costs_the_same_queries_with_one_row_and_with_thirty(
    north: Scene, program: Client
) -> None:
    counts = []
    for more in (0, 30):
        for tenant in make_tenants(north.connection, more, name=f"More {more}"):
            north.link(tenant)
        with CaptureQueriesContext(connection) as queries:
            get(program, TENANTS)
        plumbing = ("SELECT set_config", "SAVEPOINT", "RELEASE")
        counts.append(sum(not query["sql"].strip().startswith(plumbing) for query in queries))
    assert counts[0] == counts[1] <= MOST_QUERIES


@pytest.mark.parametrize("by", ["id", "number", "account"])
def test_link_by_organization_id_number_or_account(north: Scene, program: Client, by: str) -> None:
    account = make_account(north.organization)
    data = {
        "id": {"organization": str(north.organization.pk)},
        "number": {"organization": north.organization.number},
        "account": {"account": str(account.pk)},
    }[by]
    answer = post(program, f"{TENANTS}{north.tenant.pk}/link/", **data, why="By contract")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["live"], body["why"], body["how"]) == (True, "By contract", "manual")
    assert body["organization"]["number"] == north.organization.number
    assert (body["account"] == str(account.pk)) == (by == "account")
    again = post(program, f"{TENANTS}{north.tenant.pk}/link/", **data)
    assert again.json()["id"] == body["id"]


def test_link_elsewhere_answers_409_with_who_and_when(north: Scene, program: Client) -> None:
    link = north.link()
    other = make_organization(north.reseller)
    answer = post(program, f"{TENANTS}{north.tenant.pk}/link/", organization=other.number)
    assert answer.status_code == 409
    body = answer.json()
    assert body["code"] == "linked_elsewhere"
    assert body["organization_number"] == north.organization.number
    assert body["linked_by"] == "Olga of North"
    assert body["linked_at"] == link.begins_at.isoformat()
    assert body["fields"] == {}


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"organization": "1", "account": str(uuid4())},
        {"account": "x"},
        {"organization": "1", "reseller": 1},
        {"organization": "1", "how": "provisioned"},
        {"organization": "1", "linked_by": "somebody"},
    ],
)
def test_link_refuses_what_it_cannot_take(
    north: Scene, program: Client, data: dict[str, str]
) -> None:
    answer = post(program, f"{TENANTS}{north.tenant.pk}/link/", **data)
    assert answer.status_code == 400
    assert answer.json()["fields"]
    assert north.live_links() == []


def test_link_to_a_foreign_organization_looks_like_one_that_never_was(
    north: Scene, program: Client
) -> None:
    south = make_scene("South")
    address = f"{TENANTS}{north.tenant.pk}/link/"
    foreign_account = make_account(south.organization)
    for foreign, random in (
        ({"organization": str(south.organization.pk)}, {"organization": str(uuid4())}),
        ({"account": str(foreign_account.pk)}, {"account": str(uuid4())}),
    ):
        answers = [post(program, address, **data) for data in (foreign, random)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content
    assert north.live_links() == []


def test_unlink_needs_its_reason(north: Scene, program: Client) -> None:
    north.link()
    address = f"{TENANTS}{north.tenant.pk}/unlink/"
    refused = post(program, address)
    assert refused.status_code == 400 and "reason" in refused.json()["fields"]
    body = post(program, address, reason="Wrong company").json()
    assert (body["live"], body["end_reason"]) == (False, "Wrong company")
    assert post(program, address, reason="Again").status_code == 409


def test_undo_is_an_action_of_the_link(north: Scene, program: Client) -> None:
    link = north.link()
    body = post(program, f"{LINKS}{link.pk}/undo/").json()
    assert (body["live"], body["undone"]) == (False, True)
    assert north.live_links() == []


def test_links_are_listed_by_tenant_organization_and_whether_they_hold(
    north: Scene, program: Client
) -> None:
    ended = north.link()
    post(program, f"{LINKS}{ended.pk}/undo/")
    other = make_organization(north.reseller)
    live = north.link(organization=other)

    def ids(**query: Any) -> list[str]:
        return [row["id"] for row in get(program, LINKS, **query)["results"]]

    assert ids() == [str(live.pk), str(ended.pk)]
    assert ids(live="true") == [str(live.pk)]
    assert ids(live="false") == [str(ended.pk)]
    assert ids(organization=other.number) == [str(live.pk)]
    assert ids(tenant=north.tenant.pk, live="true") == [str(live.pk)]
    assert ids(tenant=uuid4()) == []
    assert get(program, f"{LINKS}{live.pk}/")["organization"]["id"] == str(other.pk)


def test_alert_is_one_object(north: Scene, program: Client) -> None:
    make_tenant(north.connection, billed_amount=Decimal("10.25"), billed_currency="EUR")
    make_tenant(north.connection, billed_amount=Decimal("-3"), billed_currency="USD")
    assert get(program, ALERT) == {
        "count": 3,
        "unassigned": [
            {"currency": "EUR", "amount": "10.250000"},
            {"currency": "USD", "amount": "-3.000000"},
        ],
        "oldest_days": 0,
    }


def test_alert_falls_to_nothing(north: Scene, program: Client) -> None:
    post(program, f"{TENANTS}{north.tenant.pk}/link/", organization=north.organization.number)
    assert get(program, ALERT) == {"count": 0, "unassigned": [], "oldest_days": None}


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
