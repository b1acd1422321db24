"""The list of tenants and the alert above it, as people see them."""

from decimal import Decimal
from html import escape

import pytest
from django.test import Client

from organizations.linking.operations import unlink_tenant
from portal.core.access import Role
from tenants.discovery.models import Tenant
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_tenant, make_tenants
from tests.organizations.linking.calls import LIST, queries_of, text_of
from tests.organizations.linking.scene import Scene, at_work, make_scene, working_connection

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


def test_alert_falls_with_each_link_and_says_when_all_are_linked(
    north: Scene, visitor: Client
) -> None:
    second = make_tenant(north.connection)
    assert "2 tenants are not linked to an organization" in text_of(visitor)
    north.link()
    assert "1 tenant is not linked to an organization" in text_of(visitor)
    north.link(second)
    page = text_of(visitor)
    assert "All tenants are linked" in page
    assert "not linked to an organization" not in page


def test_title_and_navigation_carry_the_count(north: Scene, visitor: Client) -> None:
    page = text_of(visitor)
    assert "<title>(1) Tenants" in page
    assert 'class="side-badge">1' in page
    north.link()
    assert "<title>Tenants" in text_of(visitor)


def test_alert_says_what_is_unassigned_per_currency(north: Scene, visitor: Client) -> None:
    for amount, currency in (("1200.5", "EUR"), ("3.5", "EUR"), ("70", "USD")):
        make_tenant(north.connection, billed_amount=Decimal(amount), billed_currency=currency)
    linked = make_tenant(north.connection, billed_amount=Decimal("9999"), billed_currency="EUR")
    north.link(linked)
    page = text_of(visitor)
    assert "€1,204.00 and US$70.00 of what Microsoft last billed is charged to nobody" in page
    assert "€11,203" not in page


@pytest.mark.parametrize(
    ("tab", "shown"),
    [
        ("", {"North Bakery", "Linked One", "Gone One"}),
        ("unlinked", {"North Bakery", "Gone One"}),
        ("linked", {"Linked One"}),
        ("missing", {"Gone One"}),
    ],
)
def test_tabs_hold_their_kind_and_its_count(
    north: Scene, visitor: Client, tab: str, shown: set[str]
) -> None:
    north.link(make_tenant(north.connection, name="Linked One"))
    make_tenant(north.connection, name="Gone One", status=Tenant.Status.MISSING)
    page = text_of(visitor, f"{LIST}?tab={tab}")
    body = page[page.index("<tbody>") : page.index("</tbody>")]
    names = {"North Bakery", "Linked One", "Gone One"}
    assert {name for name in names if f">{name}<" in body} == shown
    assert f"<strong>{len(shown)} tenant" in page


@pytest.mark.parametrize("term", ["bakery", "NORTHBAKERY.COM", "microsoft id"])
def test_search_finds_by_name_domain_and_microsoft_id(
    north: Scene, visitor: Client, term: str
) -> None:
    make_tenant(north.connection, name="Somebody Else")
    wanted = str(north.tenant.microsoft_id) if term == "microsoft id" else term
    page = text_of(visitor, f"{LIST}?search={wanted}")
    assert "North Bakery" in page
    assert "Somebody Else" not in page


def test_filters_narrow_by_connection_and_country(north: Scene, visitor: Client) -> None:
    other = working_connection(north.reseller)
    make_tenant(other, name="From Norway", country="NO")
    page = text_of(visitor, f"{LIST}?connection={other.pk}")
    assert "From Norway" in page and "North Bakery" not in page
    page = text_of(visitor, f"{LIST}?country=Norway")
    assert "From Norway" in page and "North Bakery" not in page
    assert "Country: <strong>NO" in page


def test_connection_of_another_reseller_is_no_filter(north: Scene, visitor: Client) -> None:
    south = make_scene("South")
    answer = visitor.get(f"{LIST}?connection={south.connection.pk}")
    assert answer.status_code == 422
    assert b"South Partner Center" not in answer.content


def test_money_sorts_largest_first_and_never_billed_last(north: Scene, visitor: Client) -> None:
    make_tenant(north.connection, name="Large", billed_amount=Decimal(90), billed_currency="EUR")
    make_tenant(north.connection, name="Small", billed_amount=Decimal(5), billed_currency="EUR")
    page = text_of(visitor, f"{LIST}?sort=-billed")
    places = [page.index(f">{name}<") for name in ("Large", "Small", "North Bakery")]
    assert places == sorted(places)


@pytest.mark.parametrize("sort", ["name", "-name", "domain", "first_seen_at", "billed", "-billed"])
def test_pages_hold_every_tenant_once_in_any_order(
    north: Scene, visitor: Client, sort: str
) -> None:
    make_tenants(north.connection, 60)
    seen: list[str] = []
    address = f"{LIST}?sort={sort}&size=25"
    while address:
        answer = visitor.get(address)
        page = answer.context["page"]
        seen += [str(row.pk) for row in page.rows]
        address = f"{LIST}{page.next}" if page.next else ""
    assert len(seen) == len(set(seen)) == 61


def test_linked_row_names_its_organization(north: Scene, visitor: Client) -> None:
    north.link()
    page = text_of(visitor)
    assert f"/organizations/{north.organization.pk}/" in page
    assert f"/tenants/{north.tenant.pk}/unlink/" in page
    assert f"/tenants/{north.tenant.pk}/link/" not in page


def test_row_actions_lead_back_to_the_list_as_it_was(north: Scene, visitor: Client) -> None:
    page = text_of(visitor, f"{LIST}?search=bakery&tab=unlinked")
    back = "?back=%2Ftenants%2F%3Fsearch%3Dbakery%26tab%3Dunlinked"
    assert f"/tenants/{north.tenant.pk}/link/{back}" in page


def test_readers_get_no_actions(north: Scene) -> None:
    page = text_of(north.person(Role.AUDITOR).client())
    assert "North Bakery" in page
    assert "/link/" not in page and "/create-organization/" not in page


def test_customers_see_their_own_tenants_and_none_of_the_resellers_figures(north: Scene) -> None:
    own = make_tenant(
        north.connection, name="Own One", billed_amount=Decimal("77.77"), billed_currency="EUR"
    )
    other = make_organization(north.reseller, name="Other Company")
    north.link(own)
    north.link(make_tenant(north.connection, name="Foreign One"), other)
    customer = north.person(Role.CUSTOMER_ADMIN, organization=north.organization).client()
    page = text_of(customer)
    assert "Own One" in page
    for hidden in ("Foreign One", "Other Company", "North Bakery<", "77.77", "not linked", "(1)"):
        assert hidden not in page, hidden
    page = text_of(customer, f"{LIST}?sort=-billed&tab=unlinked&connection={north.connection.pk}")
    assert "Own One" in page and "77.77" not in page


def test_fragment_is_the_list_without_navigation(north: Scene, visitor: Client) -> None:
    answer = visitor.get(f"{LIST}?search=bakery", headers={"HX-Request": "true"})
    fragment = answer.content.decode()
    assert "North Bakery" in fragment
    assert "<html" not in fragment and "side-badge" not in fragment
    assert "HX-Request" in answer["Vary"]
    assert "/tenants/export/?search=bakery" in fragment


def test_hostile_names_are_shown_as_text(north: Scene, visitor: Client) -> None:
    hostile = "<script>alert(1)</script>\"onmouseover='x' {{ 7|add:7 }}"
    tenant = make_tenant(north.connection, name=hostile)
    for address in (LIST, f"{LIST}{tenant.pk}/", f"{LIST}{tenant.pk}/link/"):
        page = text_of(visitor, address)
        assert "<script>alert" not in page
        assert escape(hostile) in page


def test_tenants_of_another_reseller_never_show(north: Scene, visitor: Client) -> None:
    make_scene("South")
    for query in ("", "?search=south", "?sort=-billed", "?tab=unlinked", "?page=last"):
        page = text_of(visitor, LIST + query)
        assert "South Bakery" not in page
    assert "1 tenant is not linked" in text_of(visitor)


@pytest.mark.parametrize(
    "query",
    ["", "?page=last", "?search=tenant", "?tab=unlinked&sort=-billed", "?size=100"],
)
def test_page_costs_the_same_few_queries_with_one_row_and_with_many(
    north: Scene, visitor: Client, query: str
) -> None:
    make_tenant(north.connection, name="Tenant zero")
    one = queries_of(visitor, LIST + query)
    for tenant in make_tenants(north.connection, 30)[:15]:
        north.link(tenant)
    many = queries_of(visitor, LIST + query)
    assert many <= one + 1
    assert many <= MOST_QUERIES


def test_unlinked_again_counts_again(north: Scene, visitor: Client) -> None:
    north.link()
    with at_work(north.operator.actor) as actor:
        unlink_tenant(north.tenant, actor=actor, reason="Wrong")
    assert "1 tenant is not linked" in text_of(visitor)
