"""The points of the table's checklist that need no browser (`tests.web.table_points`)."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from html import unescape
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from organizations.linking.models import Link
from portal.core.access import Role
from portal.core.tables.models import TableView
from portal.web.finding.queries import registered_kinds
from tests.factories.billing import make_invoice
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_tenant, make_tenants
from tests.organizations.linking.calls import HTMX, LIST, address, queries_of, text_of
from tests.organizations.linking.scene import Scene, at_work, make_scene

pytestmark = pytest.mark.django_db
COLUMNS = "/tables/tenants/columns/"
VIEWS = "/tables/tenants/views/"
MOST_QUERIES = 12
MOST_HTML = 50 * 1024


@pytest.fixture
def north() -> Scene:
    return make_scene()


@pytest.fixture
def visitor(north: Scene) -> Client:
    return north.operator.client()


def head(page: str) -> list[str]:
    """Return the labels of the columns, those of the boxes and of the actions left out."""
    cells = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', page, re.DOTALL)
    labels = [unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in cells]
    return [label for label in labels[:-1] if label]


def shown(page: str) -> list[str]:
    """Return the names of the tenants shown, in order."""
    return [unescape(name) for name in re.findall(r'class="row-link" href="[^"]+">([^<]+)<', page)]


def arranging(visitor: Client, page: str) -> str:
    """Return the page on which a list is arranged, as the list leads to it."""
    found = re.search(r'id="list-arrange" href="([^"]+)"', page)
    assert found
    return text_of(visitor, unescape(found[1]))


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return unescape(found[1])


def follow(visitor: Client, place: str) -> str:
    """Open an address and whatever it stands for."""
    answer = visitor.get(place, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


# --- the table itself ---


def test_point_01_the_list_is_a_table_with_caption_scopes_and_row_headers(
    north: Scene, visitor: Client
) -> None:
    make_tenant(north.connection)
    page = text_of(visitor)
    assert re.search(r"<caption[^>]*>Tenants</caption>", page)
    table = page[page.index("<table") : page.index("</table>")]
    assert len(re.findall(r"<th\b", table)) == len(re.findall(r'<th scope="(?:col|row)"', table))
    assert table.count('<th scope="row"') == table.count("<tr data-row>") == 2


def test_point_02_sorting_is_a_link_that_goes_up_down_and_clears(
    north: Scene, visitor: Client
) -> None:
    make_tenant(north.connection, name="Zebra", billed_amount=Decimal(9), billed_currency="EUR")
    link = re.compile(r'aria-sort="(\w+)"[^>]*><a class="sort-link" href="([^"]+)"[^>]*>([^<]+)<')
    place, seen = LIST, []
    for _ in range(4):
        page = text_of(visitor, place)
        cells = {label: (state, href) for state, href, label in link.findall(page)}
        state, href = cells["Last billed"]
        seen.append((state, shown(page)[0]))
        place = f"{LIST}{unescape(href)}"
        sorted_by = [label for label, (said, _) in cells.items() if said != "none"]
        assert sorted_by == (["Tenant"] if state == "none" else ["Last billed"])
    first, last = "North Bakery", "Zebra"
    assert seen == [("none", first), ("ascending", first), ("descending", last), ("none", first)]
    assert "#chevron-down" in text_of(visitor, f"{LIST}?sort=-billed")


def test_point_05_filters_are_chips_all_are_cleared_at_once_and_tabs_are_counted(
    north: Scene, visitor: Client
) -> None:
    make_tenant(north.connection, name="From Norway", country="NO")
    north.link()
    page = text_of(visitor, f"{LIST}?country=NO&connection={north.connection.pk}&sort=-name")
    chips = dict(re.findall(r'filter-chip-words">([^<]+)<.*?</span><a href="([^"]+)"', page))
    assert set(chips) == {"Country: ", "Connection: "}
    without = text_of(visitor, f"{LIST}{unescape(chips['Country: '])}")
    assert shown(without) == ["North Bakery", "From Norway"]
    assert f'<a href="{LIST}">Clear all</a>' in page
    counts = re.findall(r'tab-count[^>]*><span class="tabular">(\d+)<', text_of(visitor))
    assert counts == ["2", "1", "1", "0", "0"]


# --- saved views and columns ---


def test_point_06_a_saved_view_has_an_address_that_shows_a_colleague_the_same(
    north: Scene, visitor: Client
) -> None:
    for name in ("Aster", "Birch", "Cedar"):
        make_tenant(north.connection, name=name, country="NO")
    visitor.post(COLUMNS, {"columns": ["billed", "country"]})
    page = arranging(visitor, text_of(visitor, f"{LIST}?country=NO&sort=-name"))
    query = field(page, "full_query")
    answer = visitor.post(VIEWS, {"name": "Northern", "full_query": query}, follow=True)
    own = answer.content.decode()
    assert "This view is saved as “Northern”." in unescape(own)
    kept = arranging(visitor, own)
    assert 'aria-current="true">Northern</a>' in kept, "the one that is shown is marked"
    found = re.search(r'data-copy="([^"]+)"[^>]*aria-label="Copy the link to Northern"', kept)
    assert found
    place = urlsplit(unescape(found[1]))
    colleague = north.person(Role.FINANCE).client()
    theirs = follow(colleague, f"{place.path}?{place.query}")
    assert shown(theirs) == shown(own) == ["Cedar", "Birch", "Aster"]
    assert head(theirs) == head(own) == ["Tenant", "Country", "Last billed"]
    assert "Northern" not in arranging(colleague, theirs), "it is listed for its owner only"


def test_point_06_the_default_view_opens_first_and_everything_stays_within_reach(
    north: Scene, visitor: Client
) -> None:
    north.link(make_tenant(north.connection, name="Linked"))
    sent = {"name": "To do", "full_query": "tab=unlinked&page=last", "is_default": "on"}
    visitor.post(VIEWS, sent)
    page = follow(visitor, LIST)
    assert shown(page) == ["North Bakery"]
    everything = re.search(r'<a href="([^"]+)" id="tab-1"', page)
    assert everything
    assert shown(follow(visitor, f"{LIST}{unescape(everything[1])}")) == ["Linked", "North Bakery"]
    again = re.search(r'action="(/tables/views/[^"]+/default/)"', arranging(visitor, page))
    assert again
    visitor.post(again[1])
    assert shown(text_of(visitor)) == ["Linked", "North Bakery"]
    assert "To do" in arranging(visitor, text_of(visitor))


def test_point_06_what_cannot_be_saved_is_refused_in_words(north: Scene, visitor: Client) -> None:
    page = visitor.post(VIEWS, {"name": "  ", "full_query": ""}, follow=True).content.decode()
    assert "Give the view a name of at most 80 characters." in page
    long = visitor.post(VIEWS, {"name": "x", "full_query": "search=" + "y" * 3000}, follow=True)
    assert "use fewer filters" in long.content.decode()
    assert visitor.post("/tables/plants/views/", {"name": "x"}).status_code == 404
    with at_work(north.operator.actor) as actor:
        assert TableView.objects.visible_to(actor).count() == 0


def test_point_06_a_view_of_another_reseller_or_of_nobody_shows_the_list_and_says_so(
    north: Scene, visitor: Client
) -> None:
    south = make_scene("South")
    south.operator.client().post(VIEWS, {"name": "Theirs", "full_query": "search=south"})
    with at_work(south.operator.actor) as actor:
        foreign = TableView.objects.visible_to(actor).get()
    pages = [text_of(visitor, f"{LIST}?view={view}") for view in (foreign.pk, uuid4(), "x")]
    for page in pages:
        assert "This saved view does not exist any more" in page
        assert shown(page) == ["North Bakery"]
        assert "Theirs" not in page


def test_point_06_saving_under_the_same_name_replaces_and_others_cannot_remove(
    north: Scene, visitor: Client
) -> None:
    for query in ("tab=unlinked", "tab=linked"):
        visitor.post(VIEWS, {"name": "Mine", "full_query": query})
    with at_work(north.operator.actor) as actor:
        view = TableView.objects.visible_to(actor).get()
    assert view.query == "tab=linked"
    remove = reverse("tables:view_remove", args=[view.pk])
    assert north.person(Role.ADMIN).client().post(remove).status_code == 404
    assert visitor.post(remove).status_code == 302
    text_of(visitor)  # it says once that the view is removed
    assert "Mine" not in arranging(visitor, text_of(visitor))


def test_point_06_a_name_is_text_whatever_it_holds(north: Scene, visitor: Client) -> None:
    hostile = "<script>alert(1)</script>\" onclick='x' {{ 7|add:7 }}"
    answer = visitor.post(VIEWS, {"name": hostile, "full_query": "tab=linked"}, follow=True)
    for page in (answer.content.decode(), arranging(visitor, text_of(visitor))):
        assert escape(hostile) in page
        assert "<script>alert" not in page


def test_point_07_columns_are_remembered_for_the_person_who_chose_them(
    north: Scene, visitor: Client
) -> None:
    usual = ["Tenant", "Status", "Organization", "Last billed"]
    assert head(text_of(visitor)) == usual
    answer = visitor.post(COLUMNS, {"columns": ["domain", "status"], "query": "search=bakery"})
    assert answer["Location"] == f"{LIST}?search=bakery"
    assert head(text_of(visitor)) == ["Tenant", "Status", "Domain"]
    another_browser = north.operator.client()
    assert head(text_of(another_browser)) == ["Tenant", "Status", "Domain"]
    assert head(text_of(north.person(Role.ADMIN).client())) == usual
    assert head(text_of(visitor, f"{LIST}?columns=billed")) == ["Tenant", "Last billed"]
    assert head(text_of(visitor, f"{LIST}?columns=nonsense")) == ["Tenant", "Status", "Domain"]
    assert visitor.post(COLUMNS, {"columns": ["secret"]}).status_code == 400
    visitor.post(COLUMNS, {"columns": ["domain"], "reset": "1"})
    assert head(text_of(visitor)) == usual


def test_point_07_columns_and_views_cost_the_list_one_query(north: Scene, visitor: Client) -> None:
    text_of(visitor)
    before = queries_of(visitor, LIST)
    visitor.post(COLUMNS, {"columns": ["domain", "status"]})
    visitor.post(VIEWS, {"name": "Mine", "full_query": "tab=unlinked"})
    text_of(visitor)  # what was said is said once
    assert queries_of(visitor, LIST) == before <= MOST_QUERIES


def test_point_07_the_api_keeps_views_and_columns_by_the_same_operations(
    north: Scene, visitor: Client
) -> None:
    program = north.operator.api()
    sent = {"table": "tenants", "name": "Mine", "query": "?tab=unlinked&page=x"}
    made = program.post("/api/v1/saved-views/", sent, content_type="application/json")
    assert (made.status_code, made.json()["query"]) == (201, "tab=unlinked")
    columns = {"table": "tenants", "columns": ["country"]}
    answer = program.post("/api/v1/table-columns/", columns, content_type="application/json")
    assert answer.status_code == 201
    assert program.get("/api/v1/table-columns/").json()["results"] == [columns]
    page = text_of(visitor)
    assert head(page) == ["Tenant", "Country"]
    assert "Mine" in arranging(visitor, page)
    assert program.delete(f"/api/v1/saved-views/{made.json()['id']}/").status_code == 204
    assert program.get("/api/v1/saved-views/").json()["results"] == []


# --- what is done with a row ---


def test_point_15_a_link_is_undone_from_the_page_and_its_history_says_so(
    north: Scene, visitor: Client
) -> None:
    visitor.post(address(north.tenant, "link"), {"organization": str(north.organization.pk)})
    page = text_of(visitor)
    undo = re.search(r'action="(/tenants/links/[^"]+/undo/)"', page)
    assert undo
    visitor.post(undo[1])
    assert "1 tenant is not linked" in text_of(visitor)
    with at_work(north.operator.actor) as actor:
        link = Link.objects.visible_to(actor).get()
    assert (link.undone, link.is_live) == (True, False)


def test_point_18_a_dialog_is_the_same_form_as_a_page(north: Scene, visitor: Client) -> None:
    names = re.compile(r'<(?:input|select|textarea|button)[^>]* name="(\w+)"')
    linked = make_tenant(north.connection)
    north.link(linked)
    for place in (
        address(north.tenant, "link"),
        address(linked, "unlink"),
        "/tables/tenants/?query=tab%3Dlinked",
    ):
        page, dialog = visitor.get(place), visitor.get(place, headers=HTMX)
        main = page.content.decode().split("<main", 1)[1].split("</main>")[0]
        assert names.findall(main) == names.findall(dialog.content.decode()) != []
        assert "<html" in page.content.decode()
        assert "<html" not in dialog.content.decode()
        assert 'method="post"' in main


def test_point_21_unlinking_names_the_tenant_the_organization_and_the_amount(
    north: Scene, visitor: Client
) -> None:
    dear = make_tenant(
        north.connection, name="Dear One", billed_amount=Decimal("412.1"), billed_currency="EUR"
    )
    north.link(dear)
    page = text_of(visitor, address(dear, "unlink"))
    for said in ("Dear One", north.organization.name, north.organization.number, "€412.10"):
        assert said in page
    assert "charged to nobody" in page
    assert "412.1" in text_of(visitor, address(make_dear(north), "link"))


def make_dear(north: Scene) -> Any:
    return make_tenant(north.connection, billed_amount=Decimal("412.1"), billed_currency="EUR")


def test_point_22_an_empty_list_teaches_clears_or_offers_to_try_again(north: Scene) -> None:
    visitor = north.operator.client()
    nothing = text_of(visitor, f"{LIST}?search=nobody")
    assert "Nothing matches" in nothing
    assert f'href="{LIST}" class="btn' in nothing
    wrong = visitor.get(f"{LIST}?country=Atlantis")
    assert wrong.status_code == 422
    assert "These filters cannot be read" in wrong.content.decode()
    empty = make_scene("South")
    with at_work(empty.operator.actor):
        empty.tenant.delete()
    first = text_of(empty.operator.client())
    assert "No tenants yet" in first
    assert "Discover tenants</a>" in first


# --- finding, looks, words ---


def test_point_25_one_field_finds_tenants_organizations_and_invoices(
    north: Scene, visitor: Client
) -> None:
    make_invoice(north.connection, number="G-NORTH-7")
    finance = north.person(Role.FINANCE).client()
    page = text_of(finance, "/find/?q=north")
    assert re.findall(r'<h2 class="card-title" id="found-\d">([^<]+)<', page) == [
        "Tenants",
        "Organizations",
        "Invoices",
    ]
    for place in (
        f"/tenants/{north.tenant.pk}/",
        f"/organizations/{north.organization.pk}/",
        "/invoices/",
    ):
        assert f'href="{place}' in page
    operator = text_of(visitor, "/find/?q=north")
    assert "G-NORTH-7" not in operator, "who may not see invoices finds none"
    lines = visitor.get("/find/?q=north", headers=HTMX).content.decode()
    assert lines.count('role="option"') == 2 and "<html" not in lines
    results = north.operator.api().get("/api/v1/find/?q=north").json()["results"]
    assert [found["kind"] for found in results] == ["Tenant", "Organization"]
    assert "two are enough" in text_of(visitor, "/find/?q=n")
    assert "Nothing matches" in text_of(visitor, "/find/?q=%00%25nobody")


def test_point_25_nobody_finds_what_is_somebody_elses(north: Scene) -> None:
    make_scene("South")
    other = make_organization(north.reseller, name="South Seas")
    north.link(make_tenant(north.connection, name="South Pier"), other)
    customer = north.person(Role.CUSTOMER_ADMIN, organization=other).client()
    found = customer.get("/find/?q=south", headers=HTMX).content.decode()
    assert re.findall(r'option-label">([^<]+)<', found) == ["South Pier", "South Seas"]
    assert "not linked" not in found
    assert (
        'role="option" aria-selected="false" data-value'
        not in customer.get("/find/?q=north", headers=HTMX).content.decode()
    )


def test_point_25_finding_costs_a_query_for_each_kind(north: Scene) -> None:
    admin = north.person(Role.ADMIN).client()
    admin.get("/find/")
    nothing = queries_of(admin, "/find/")
    assert registered_kinds() == ["Tenant", "Organization", "Invoice"]
    assert queries_of(admin, "/find/?q=north") - nothing <= 3


def test_point_26_the_page_comes_in_the_theme_that_was_chosen(visitor: Client) -> None:
    visitor.cookies["theme"] = "dark"
    assert '<html lang="en" data-bs-theme="dark"' in text_of(visitor)
    visitor.cookies["theme"] = "system"
    page = text_of(visitor)
    assert '<html lang="en" data-theme="system"' in page
    theme, sheet = page.index("theme.js"), page.index("</head>")
    assert theme < sheet
    assert re.search(r'<script src="[^"]*theme[^"]*\.js"></script>', page), "it runs before paint"


def test_point_29_times_numbers_and_money_are_written_for_people_and_exact(
    north: Scene, visitor: Client
) -> None:
    make_tenant(north.connection, billed_amount=Decimal("1234.5"), billed_currency="EUR")
    page = text_of(visitor, f"{LIST}?columns=billed,seen")
    found = re.search(r'<time datetime="([^"]+)" title="([^"]+)">([^<]+)<', page)
    assert found
    assert re.search(r"[+-]\d\d:\d\d$", found[1])
    assert re.search(r"\d{1,2} \w+ \d{4}.*\d\d:\d\d.* (CE|GMT|UTC)", found[2]), found[2]
    assert found[3] == "just now"
    assert re.search(r'<data value="1234.5\d* EUR">€1,234.50<', page)


def test_point_32_the_title_and_the_navigation_carry_the_number(
    north: Scene, visitor: Client
) -> None:
    make_tenants(north.connection, 6)
    page = text_of(visitor)
    assert "<title>(7) Tenants · Tenantry</title>" in page
    assert re.search(r'class="side-badge">7<span class="visually-hidden"> not linked<', page)


def test_point_33_the_export_has_the_rows_and_the_columns_that_are_shown(
    north: Scene, visitor: Client
) -> None:
    make_tenant(north.connection, name="From Norway", country="NO")

    def export_of(place: str) -> list[list[str]]:
        page = text_of(visitor, place)
        found = re.search(r'id="tenant-export".*?menu-entry" href="([^"]+)"', page)
        assert found
        answer = visitor.get(unescape(found[1]))
        content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))

    who = ["microsoft_id", "name", "domain"]
    usual = [*who, "status", "organization_number", "organization_name", "country"]
    billed = ["billed_amount", "billed_currency", "billed_month"]
    assert export_of(LIST)[0] == [*usual, *billed]
    rows = export_of(f"{LIST}?country=NO&columns=billed")
    assert rows[0] == [*who, "country", *billed]
    assert [row[1] for row in rows[1:-1]] == ["From Norway"]
    visitor.post(COLUMNS, {"columns": ["status"]})
    assert export_of(LIST)[0] == [*who, "status", "country"]


def test_point_34_the_policy_is_strict_and_nothing_is_inline(north: Scene, visitor: Client) -> None:
    answer = visitor.get(LIST)
    policy = answer["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert not re.search(r"unsafe-|\*|(?:script|style|connect)-src[^;]*http", policy)
    page = answer.content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page)
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page), "nothing of a third party"


def test_point_36_a_page_of_25_rows_is_small(
    north: Scene, visitor: Client, record_property: Callable[[str, object], None]
) -> None:
    for number in range(26):
        tenant = make_tenant(
            north.connection,
            name=f"Aurora Harbour AS {number}",
            billed_amount=Decimal("98765.43"),
            billed_currency="EUR",
            billed_month=date(2026, 10, 1),
        )
        if number % 2:
            north.link(tenant)
    answer = visitor.get(LIST)
    assert answer.content.decode().count("<tr data-row>") == 25
    record_property("figure", f"Point 36: {len(answer.content):,} bytes of HTML for 25 rows")
    assert len(answer.content) < MOST_HTML
