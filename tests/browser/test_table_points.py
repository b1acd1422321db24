"""The points of the table's checklist that need a browser (`tests.web.table_points`)."""

import contextlib
import json
import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from playwright.sync_api import Error as PlaywrightError
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.browser.conftest import OpenPage
from tests.factories.tenants import make_tenant, make_tenants
from tests.organizations.linking.scene import Scene, make_scene

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

Open = Callable[..., Page]
LIST = "/tenants/"
ROWS = "tr[data-row]"
LEAST_TARGET = 24


@pytest.fixture
def north() -> Scene:
    return make_scene()


@pytest.fixture
def tenants(open_page: OpenPage, north: Scene) -> Open:
    """Return a function that opens the tenants page as the operator."""

    def open_tenants(query: str = "", **options: str) -> Page:
        page = open_page(north.operator, **options)
        page.goto(f"{LIST}{query}")
        return page

    return open_tenants


@pytest.fixture
def choosing(tenants: Open, north: Scene, settings: Settings) -> Open:
    """Open the tenants page with 31 tenants of which rows can be chosen."""
    settings.ROOT_URLCONF = "tests.browser.bulk_urls"
    make_tenants(north.connection, 30, name="Aurora")
    return tenants


def asked_for(page: Page) -> list[str]:
    """Return the addresses of the list that are asked for from now on."""
    asked: list[str] = []
    page.on(
        "request", lambda request: asked.append(request.url) if f"{LIST}?" in request.url else None
    )
    return asked


def count(page: Page) -> str:
    return page.locator("[data-selection-count]").inner_text()


# --- searching ---


def test_point_03_search_waits_for_the_typing_keeps_the_focus_and_is_in_the_address(
    tenants: Open, north: Scene
) -> None:
    make_tenant(north.connection, name="Aurora")
    page = tenants()
    asked = asked_for(page)
    search = page.get_by_role("searchbox")
    search.press_sequentially("bakery", delay=10)
    page.wait_for_url(re.compile(r"/tenants/\?search=bakery$"))
    expect(page.locator(ROWS)).to_have_count(1)
    expect(search).to_be_focused()
    assert len(asked) == 1, "one question for six letters"
    page.go_back()
    page.wait_for_url(re.compile(r"/tenants/$"))
    expect(page.locator(ROWS)).to_have_count(2)


def test_point_04_a_late_answer_to_older_words_is_dropped(tenants: Open, north: Scene) -> None:
    make_tenant(north.connection, name="Aurora")
    page = tenants()
    held: list[Route] = []
    page.route(re.compile(r"search=Aur$"), lambda route: held.append(route))
    search = page.get_by_role("searchbox")
    with page.expect_request(re.compile(r"search=Aur$")):
        search.fill("Aur")
    search.fill("Bakery")
    expect(page.locator(f"{ROWS} .row-link")).to_have_text(["North Bakery"])
    for route in held:
        route.abort()  # given up by the page already
    assert len(held) == 1
    expect(page.locator(f"{ROWS} .row-link")).to_have_text(["North Bakery"])


def test_point_04_a_late_answer_to_the_search_does_not_replace_the_tab(
    tenants: Open, north: Scene
) -> None:
    make_tenant(north.connection, name="Aurora")
    page = tenants()
    held: list[Route] = []
    page.route(re.compile(r"search=Aurora$"), lambda route: held.append(route))
    with page.expect_request(re.compile(r"search=Aurora$")):
        page.get_by_role("searchbox").fill("Aurora")
    page.get_by_role("link", name=re.compile("^Linked")).click()
    page.wait_for_url(re.compile(r"tab=linked"))
    page.unroute(re.compile(r"search=Aurora$"))
    for route in held:
        with contextlib.suppress(PlaywrightError):
            route.continue_()  # most often given up by the page already
    page.wait_for_load_state("networkidle")
    assert "tab=linked" in page.url
    expect(page.get_by_role("link", name=re.compile("^Linked"))).to_have_attribute(
        "aria-current", "true"
    )


def test_point_08_the_number_of_results_is_announced(tenants: Open, north: Scene) -> None:
    make_tenants(north.connection, 3, name="Aurora")
    page = tenants()
    live = page.locator("#live")
    expect(live).to_have_attribute("aria-live", "polite")
    page.get_by_role("searchbox").fill("aurora")
    expect(live).to_have_text("3 tenants")
    page.get_by_role("link", name="Linked", exact=True).click()
    expect(live).to_have_text("0 tenants")


# --- choosing rows ---


def test_point_09_a_page_a_range_and_some_can_be_chosen(choosing: Open) -> None:
    page = choosing()
    boxes, head = page.locator("[name=selected]"), page.locator("[data-all-rows]")
    boxes.nth(2).click()
    assert head.evaluate("box => box.indeterminate")
    boxes.nth(6).click(modifiers=["Shift"])
    assert count(page) == "5"
    head.click()
    assert count(page) == "25"
    assert not head.evaluate("box => box.indeterminate")
    expect(head).to_be_checked()
    boxes.nth(0).uncheck()
    assert count(page) == "24"
    assert head.evaluate("box => box.indeterminate")


def test_point_10_all_that_match_are_chosen_as_the_query_and_its_count(choosing: Open) -> None:
    page = choosing("?search=aurora&sort=-name&columns=billed")
    offer = page.get_by_label("Select all 30 tenants matching")
    page.locator("[name=selected]").first.check()
    expect(offer).to_be_hidden()
    page.get_by_label("Select all tenants on this page").check()
    offer.check()
    assert count(page) == "30"
    expect(page.locator("#live")).to_have_text("30 selected")
    page.locator("[name=selected]").first.uncheck()
    expect(offer).to_be_hidden()
    expect(offer).not_to_be_checked()
    assert count(page) == "24"
    page.locator("[name=selected]").first.check()
    offer.check()
    page.get_by_role("button", name="Link in bulk").click()
    page.wait_for_url("**/told/")
    said = json.loads(page.locator("body").inner_text())
    assert (said["all"], said["count"]) == (["1"], ["30"])
    assert said["query"] == ["search=aurora&sort=-name"]
    assert len(said["selected"]) == 25


def test_point_11_the_bar_is_there_while_something_is_chosen_and_esc_clears(
    choosing: Open,
) -> None:
    page = choosing()
    bar = page.locator("[data-selection-bar]")
    expect(bar).to_be_hidden()
    page.locator("[name=selected]").nth(3).check()
    expect(bar).to_be_visible()
    expect(bar).to_contain_text("1 selected")
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    assert page.locator("[name=selected]:checked").count() == 0
    page.locator("[name=selected]").nth(3).check()
    page.get_by_role("button", name="Clear").click()
    expect(bar).to_be_hidden()


# --- dialogs and forms ---


def test_point_17_the_dialog_takes_keeps_and_gives_back_the_focus(tenants: Open) -> None:
    page = tenants()
    opener = page.get_by_role("link", name="Link North Bakery", exact=True)
    opener.click()
    dialog = page.get_by_role("dialog", name="Link tenant to an organization")
    expect(dialog).to_be_visible()
    inside = "document.activeElement.closest('dialog') !== null"
    assert page.evaluate(inside)
    for _ in range(12):
        page.keyboard.press("Tab")
        where = "document.activeElement === document.body || " + inside
        assert page.evaluate(where), "the page behind cannot be reached"
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()


def test_point_19_the_combobox_is_worked_by_keys_and_can_create(tenants: Open) -> None:
    page = tenants()
    page.get_by_role("link", name="Link North Bakery", exact=True).click()
    dialog = page.get_by_role("dialog")
    box = dialog.get_by_role("combobox")
    box.press_sequentially("North Bak")
    option = dialog.get_by_role("option").first
    expect(option).to_contain_text("North Bakery BV")
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    assert box.get_attribute("aria-activedescendant") == option.get_attribute("id")
    box.press("Escape")
    expect(option).to_be_hidden()
    expect(dialog).to_be_visible()
    box.press("ArrowDown")
    expect(dialog.get_by_role("option", name="Create the organization")).to_be_visible()
    box.press("ArrowDown")
    box.press("Enter")
    expect(box).to_have_value("North Bakery BV")
    dialog.get_by_role("button", name="Link", exact=True).click()
    expect(page.get_by_text("North Bakery is linked to")).to_be_visible()


def test_point_20_an_error_is_beside_its_field_summed_up_and_keeps_the_input(
    open_page: OpenPage, north: Scene
) -> None:
    page = open_page(north.operator)
    page.goto(f"{LIST}{north.tenant.pk}/link/")
    answer: list[int] = []
    page.route(
        re.compile("/link/$"),
        lambda route: (
            _answered(route, answer) if route.request.method == "POST" else route.continue_()
        ),
    )
    box = page.get_by_role("combobox")
    box.fill("Nobody at all")
    page.get_by_role("button", name="Link", exact=True).click()
    summary = page.get_by_role("group", name="Errors in this form")
    expect(summary).to_be_focused()
    assert answer == [422]
    expect(page.get_by_role("combobox")).to_have_value("Nobody at all")
    expect(page.get_by_role("combobox")).to_have_attribute("aria-invalid", "true")
    assert page.locator(".form-error").inner_text() == "No organization matches “Nobody at all”."
    summary.get_by_role("link").click()
    expect(page.get_by_role("combobox")).to_be_focused()


def _answered(route: Route, statuses: list[int]) -> None:
    """Let a request through and pass its answer on as one that a console does not complain of."""
    response = route.fetch()
    statuses.append(response.status)
    route.fulfill(response=response, status=200)


# --- waiting and failing ---


def test_point_22_a_list_that_fails_says_so_and_can_be_tried_again(
    browser: Browser, live_server: LiveServer, north: Scene
) -> None:
    """In a browser of its own: Chromium names an answer of 500 on its console."""
    make_tenant(north.connection, name="Aurora")
    session = north.operator.client().cookies["sessionid"].value
    failures = iter([True])
    with browser.new_context(base_url=live_server.url) as context:
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page = context.new_page()
        page.goto(LIST)
        page.route(
            re.compile("search=bakery"),
            lambda route: (
                route.fulfill(status=500, body="") if next(failures, False) else route.continue_()
            ),
        )
        page.get_by_role("searchbox").fill("bakery")
        notice = page.get_by_role("alert")
        expect(notice).to_contain_text("The portal failed")
        expect(page.locator(ROWS)).to_have_count(2)
        notice.get_by_role("link", name="Try again").click()
        page.wait_for_url(re.compile("search=bakery"))
        expect(page.locator(f"{ROWS} .row-link")).to_have_text(["North Bakery"])


def test_point_23_a_slow_list_is_dimmed_after_a_moment_and_does_not_jump(tenants: Open) -> None:
    page = tenants()
    held: list[Route] = []
    page.route(re.compile(r"search=bakery"), lambda route: held.append(route))
    body = page.locator("#list-body")
    before = body.bounding_box()
    with page.expect_request(re.compile("search=bakery")):
        page.get_by_role("searchbox").fill("bakery")
    expect(body).to_have_attribute("aria-busy", "true")
    expect(page.locator(ROWS)).to_have_count(1)
    assert body.bounding_box() == before
    expect(page.locator("#list-body > div").last).to_have_css("opacity", "0.55")
    held[0].continue_()
    expect(body).not_to_have_attribute("aria-busy", "true")


# --- keys ---


def test_point_24_keys_walk_choose_open_and_rest_while_typing(choosing: Open) -> None:
    page = choosing()
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Control+x")
    expect(page.locator("[name=selected]:checked")).to_have_count(0)
    page.keyboard.press("x")
    expect(page.locator("[name=selected]").nth(1)).to_be_checked()
    page.keyboard.press("k")
    first = page.locator(f"{ROWS} .row-link").first
    expect(first).to_be_focused()
    page.keyboard.press("?")
    help_dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(help_dialog.locator("kbd").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(first).to_be_focused()
    expect(page.locator(".search-hint")).to_have_text("/")
    page.keyboard.press("/")
    search = page.get_by_role("searchbox")
    expect(search).to_be_focused()
    page.keyboard.type("?jx")
    expect(search).to_have_value("?jx")
    expect(help_dialog).to_be_hidden()
    page.goto(LIST)
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Aurora 00001")


def test_point_25_one_key_finds_a_tenant_an_organization_or_leads_to_all(tenants: Open) -> None:
    page = tenants()
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Find anything")
    words = palette.get_by_role("combobox")
    expect(words).to_be_focused()
    page.keyboard.type("north bak")
    lines = palette.get_by_role("option")
    expect(lines).to_have_count(2)
    expect(lines.first).to_have_attribute("aria-selected", "true")
    expect(lines.first).to_contain_text("Tenant")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("North Bakery BV")
    page.keyboard.press("Meta+k")
    page.keyboard.type("x")
    expect(palette.get_by_text("Type two letters or more.")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(palette).to_be_hidden()
    page.get_by_role("link", name="Find", exact=False).first.click()
    expect(palette).to_be_visible()


# --- how it looks ---


def test_point_27_it_stays_usable_when_narrow_zoomed_and_by_keyboard(
    tenants: Open, north: Scene
) -> None:
    north.link(make_tenant(north.connection, name="Linked One"))
    page = tenants()
    for width in (320, 640):
        page.set_viewport_size({"width": width, "height": 700})
        wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wider <= 0, f"{width} px scrolls sideways"
    page.set_viewport_size({"width": 1280, "height": 900})
    small = page.locator("main :is(a.btn, button, summary, input, .sort-link)").evaluate_all(
        """(all, least) => all
            .filter(one => one.checkVisibility() && !one.matches('.search-submit'))
            .map(one => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
            .filter(([, box]) => box.width < least || box.height < least)
            .filter(([html]) => !html.includes('checkbox')).map(([html]) => html)""",
        LEAST_TARGET,
    )
    assert small == []
    page.locator("h1").click()
    page.keyboard.press("Tab")
    ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert ring != "none"
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate("matchMedia('(prefers-reduced-motion: reduce)').matches")
    moving = page.evaluate(
        "[...document.querySelectorAll('*')].filter(one => parseFloat("
        "getComputedStyle(one).transitionDuration) > 0.001).length"
    )
    assert moving == 0


def test_point_28_on_a_phone_each_row_is_a_card_that_names_its_cells(
    tenants: Open, north: Scene
) -> None:
    north.link(make_tenant(north.connection, name="Linked One"))
    page = tenants(shape="narrow")
    row = page.locator(ROWS).first
    expect(page.locator("thead")).to_be_hidden()
    cell = row.locator("td[data-label=Organization]")
    assert cell.evaluate("one => getComputedStyle(one, '::before').content") == '"Organization"'
    tops = row.locator("th, td[data-label]:not(.hide-on-phone)").evaluate_all(
        "cells => cells.map(cell => Math.round(cell.getBoundingClientRect().top))"
    )
    assert tops == sorted(set(tops)), "the cells stand below one another"
    create = page.get_by_role("link", name="Create organization from North Bakery and link")
    assert create.evaluate("one => getComputedStyle(one, '::before').width") == "20px"
    action = row.get_by_role("link", name="Unlink Linked One")
    box = action.bounding_box()
    assert box and box["x"] + box["width"] <= 390
    action.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_point_30_an_id_is_short_and_copied_by_one_press(tenants: Open, north: Scene) -> None:
    page = tenants()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    whole = str(north.tenant.microsoft_id)
    shown = page.locator(f"{ROWS} code").first
    expect(shown).to_have_text(f"{whole[:8]}…")
    expect(shown).to_have_attribute("title", whole)
    page.get_by_role("button", name=f"Copy Microsoft ID {whole[:8]}").click()
    expect(page.locator("#live")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == whole


def test_point_31_a_state_is_told_by_a_word_and_a_shape(tenants: Open, north: Scene) -> None:
    north.link(make_tenant(north.connection, name="Linked One", billed_amount=Decimal(1)))
    make_tenant(north.connection, name="Gone One", status="missing")
    page = tenants()
    shapes = page.locator(".state").evaluate_all(
        """all => all.map(one => {
            const dot = getComputedStyle(one, '::before');
            return [one.textContent, [dot.clipPath, dot.borderRadius, dot.borderStyle].join()];
        })"""
    )
    words = {word for word, _ in shapes}
    assert words == {"Linked", "Not linked", "No longer listed"}
    assert len({shape for _, shape in shapes}) == len(words), "each word has a shape of its own"
    assert all(len({shape for said, shape in shapes if said == word}) == 1 for word in words)
