"""``tenants`` as a list: filters, order, pages and what they cost."""

from decimal import Decimal

import pytest
from django.test import Client

from tenants.discovery.models import Tenant
from tests.factories.tenants import make_tenant, make_tenants
from tests.organizations.linking.calls import TENANTS, get, names, queries_of
from tests.organizations.linking.scene import Scene, working_connection

pytestmark = pytest.mark.django_db
MOST_QUERIES = 8


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
    assert names(program, organization=north.organization.number, search="LINK") == ["Linked"]
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
        counts.append(queries_of(program, TENANTS))
    assert counts[0] == counts[1] <= MOST_QUERIES


def test_schema_tells_programs_what_these_addresses_answer(north: Scene) -> None:
    visitor = north.operator.client()
    schema = visitor.get("/api/schema/?format=json").json()
    alert = schema["paths"]["/api/v1/alerts/unlinked-tenants/"]["get"]["responses"]["200"]
    assert alert["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/UnlinkedAlert"
    }
    asked = schema["paths"]["/api/v1/tenants/"]["get"]["parameters"]
    assert {"search", "linked", "organization", "ordering", "cursor", "page_size"} <= {
        parameter["name"] for parameter in asked
    }
