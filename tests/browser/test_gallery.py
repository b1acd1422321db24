"""The look in a real browser: accessible in both themes, and everything works by hand and key."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from tests.browser.conftest import OpenPage, axe_violations
from tests.browser.gallery_urls import SLOW_QUERY

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

OpenGallery = Callable[..., Page]
OpenLoud = Callable[..., Page]
URLS = "tests.browser.gallery_urls"
FIRST, SECOND = "Terra Alpine Design", "Beacon Legal"


@pytest.fixture
def gallery(settings: Settings, open_page: OpenPage) -> OpenGallery:
    """Return a function that opens the gallery on a site of its own.

    The settings come first, so that they are put back last: a page that still asks how far its work
    is must find the gallery until it is closed.
    """
    settings.ROOT_URLCONF = URLS

    def open_gallery(path: str = "/gallery/", **options: Any) -> Page:
        page = open_page(**options)
        page.goto(path)
        return page

    return open_gallery


@pytest.fixture
def open_loud(settings: Settings, browser: Browser, live_server: LiveServer) -> Iterator[OpenLoud]:
    """Open the gallery where the console may speak: Chromium names every refused request there."""
    settings.ROOT_URLCONF = URLS
    with ExitStack() as contexts:

        def open_gallery(**options: Any) -> Page:
            context = browser.new_context(base_url=live_server.url, **options)
            page = contexts.enter_context(context).new_page()
            page.goto("/gallery/")
            return page

        yield open_gallery


def box(page: Page, name: str) -> Locator:
    return page.get_by_label(f"Select {name}", exact=True)


# --- accessibility ---


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("shape", ["wide", "narrow"])
def test_axe_finds_nothing(gallery: OpenGallery, colours: str, shape: str) -> None:
    page = gallery(colours=colours, shape=shape)
    assert axe_violations(page) == []
    page.get_by_role("link", name="Open the dialog").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("dialog").get_by_role("combobox").fill("a")
    expect(page.get_by_role("dialog").get_by_role("option").first).to_be_visible()
    assert axe_violations(page) == []


@pytest.mark.parametrize("path", ["/auth/login/", "/auth/password/reset/"])
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_nothing_signed_out(gallery: OpenGallery, path: str, colours: str) -> None:
    page = gallery(path, colours=colours)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert axe_violations(page) == []


def test_nothing_is_wider_than_a_small_phone(gallery: OpenGallery) -> None:
    page = gallery()
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


# --- theme ---


def test_theme_is_applied_at_once_and_kept(gallery: OpenGallery) -> None:
    page = gallery()
    root = page.locator("html")
    expect(root).to_have_attribute("data-bs-theme", "light")
    page.locator(".person-summary").click()
    page.get_by_role("button", name="Dark").click()
    expect(root).to_have_attribute("data-bs-theme", "dark")
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    answer = page.reload()
    assert answer is not None
    assert 'data-bs-theme="dark"' in answer.text()


# --- dialog ---


def test_dialog_takes_and_gives_back_the_focus(gallery: OpenGallery) -> None:
    page = gallery()
    opener = page.get_by_role("link", name="Open the dialog")
    opener.click()
    dialog = page.get_by_role("dialog", name="Link tenant to an organization")
    expect(dialog).to_be_visible()
    assert page.evaluate("document.activeElement.closest('dialog') !== null")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()


def test_invalid_form_stays_in_the_dialog_with_its_input(open_loud: OpenLoud) -> None:
    page = open_loud()
    page.get_by_role("link", name="Open the dialog").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Link tenant").click()
    summary = dialog.get_by_role("group", name="Errors in this form")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="Reason").click()
    expect(dialog.get_by_label("Reason")).to_be_focused()


def test_dialog_is_a_page_without_scripts(open_loud: OpenLoud) -> None:
    page = open_loud(java_script_enabled=False)
    page.get_by_role("link", name="Open the dialog").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Link tenant to an organization")
    page.get_by_role("button", name="Link tenant").click()
    expect(page.get_by_text("One thing needs your attention")).to_be_visible()


# --- combobox ---


def test_combobox_picks_by_keyboard(gallery: OpenGallery) -> None:
    page = gallery()
    field = page.get_by_role("combobox", name="Or search all organizations")
    field.fill("a")
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#live")).to_have_text("4 organizations found")
    field.press("ArrowDown")
    field.press("ArrowDown")
    expect(page.locator(".combobox-list [aria-selected=true]")).to_contain_text(SECOND)
    field.press("Enter")
    expect(field).to_have_value(SECOND)
    expect(page.locator("input[name=organization_id]")).to_have_value("105332")
    expect(field).to_have_attribute("aria-expanded", "false")


def test_combobox_forgets_the_choice_when_the_words_change(gallery: OpenGallery) -> None:
    page = gallery()
    field = page.get_by_role("combobox", name="Or search all organizations")
    field.fill("beacon")
    page.get_by_role("option", name=SECOND).click()
    expect(page.locator("input[name=organization_id]")).to_have_value("105332")
    field.press("x")
    expect(page.locator("input[name=organization_id]")).to_have_value("")


def test_combobox_drops_a_late_answer(gallery: OpenGallery) -> None:
    page = gallery()
    field = page.get_by_role("combobox", name="Or search all organizations")
    with page.expect_request(lambda request: f"q={SLOW_QUERY}" in request.url):
        field.fill(SLOW_QUERY)
    with page.expect_event("requestfinished", lambda done: f"q={SLOW_QUERY}" in done.url):
        field.fill("beacon")
        expect(page.get_by_role("option", name=SECOND)).to_be_visible()
    expect(page.get_by_role("option", name=FIRST)).to_have_count(0)
    expect(page.get_by_role("option", name=SECOND)).to_be_visible()


def test_combobox_can_create(gallery: OpenGallery) -> None:
    page = gallery()
    field = page.get_by_role("combobox", name="Or search all organizations")
    field.fill("Nobody Else")
    expect(page.get_by_text("Nothing matches “Nobody Else”.")).to_be_visible()
    page.get_by_role("option", name="Create “Nobody Else”").click()
    expect(page.locator("input[name=organization_id]")).to_have_value("new")
    expect(page.locator("input[name=organization_id_text]")).to_have_value("Nobody Else")


def test_escape_closes_the_list_before_the_dialog(gallery: OpenGallery) -> None:
    page = gallery()
    page.get_by_role("link", name="Open the dialog").click()
    dialog = page.get_by_role("dialog")
    field = dialog.get_by_role("combobox")
    field.fill("a")
    expect(dialog.get_by_role("option").first).to_be_visible()
    field.press("Escape")
    expect(dialog.get_by_role("option").first).to_be_hidden()
    expect(dialog).to_be_visible()
    field.press("Escape")
    expect(dialog).to_be_hidden()


# --- failures ---


def request_by_htmx(page: Page, path: str) -> None:
    page.evaluate("path => htmx.ajax('GET', path, {target: '#list-body'})", path)


def test_server_failure_is_told_and_not_swapped_in(open_loud: OpenLoud) -> None:
    page = open_loud()
    request_by_htmx(page, "/broken/")
    expect(page.get_by_role("alert")).to_contain_text("The portal failed")
    expect(page.get_by_text("secret cause")).to_have_count(0)
    expect(page.get_by_role("rowheader").first).to_contain_text(FIRST)


def test_redirect_leads_away_instead_of_into_the_page(gallery: OpenGallery) -> None:
    page = gallery()
    request_by_htmx(page, "/signed-out/")
    page.wait_for_url(re.compile(r"\?signed-out=1$"))


# --- keys ---


def test_slash_searches_and_is_a_character_while_typing(gallery: OpenGallery) -> None:
    page = gallery()
    page.locator("h1").click()
    page.keyboard.press("/")
    search = page.get_by_role("searchbox", name="Search tenants")
    expect(search).to_be_focused()
    page.keyboard.type("a/?jx")
    expect(search).to_have_value("a/?jx")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_rows_are_walked_chosen_and_cleared_by_keys(gallery: OpenGallery) -> None:
    page = gallery()
    page.locator("h1").click()
    page.keyboard.press("j")
    expect(page.get_by_role("link", name=FIRST, exact=True).last).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(box(page, SECOND)).to_be_checked()
    expect(page.locator("[data-selection-bar]")).to_be_visible()
    page.keyboard.press("k")
    page.keyboard.press("Control+x")
    expect(box(page, FIRST)).not_to_be_checked()
    page.keyboard.press("Escape")
    expect(page.locator("[data-selection-bar]")).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("#row-1$"))


def test_question_mark_shows_the_shortcuts(gallery: OpenGallery) -> None:
    page = gallery()
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


# --- choosing rows ---


def test_shift_chooses_a_range_and_the_head_shows_some(gallery: OpenGallery) -> None:
    page = gallery()
    everything = page.get_by_label("Select all tenants on this page")
    box(page, FIRST).click()
    assert everything.evaluate("box => box.indeterminate")
    box(page, "Summit Cobalt Analytics").click(modifiers=["Shift"])
    expect(box(page, SECOND)).to_be_checked()
    expect(page.locator("[data-selection-count]")).to_have_text("3")
    everything.check()
    expect(page.locator("[data-selection-count]")).to_have_text("4")
    assert not everything.evaluate("box => box.indeterminate")
    page.get_by_role("button", name="Clear").click()
    expect(everything).not_to_be_checked()


# --- the rest ---


def test_progress_polls_until_finished(gallery: OpenGallery) -> None:
    page = gallery()
    card = page.get_by_role("region", name="Linking 3 tenants")
    expect(card).to_contain_text("Running")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    expect(card).to_contain_text("Finished", timeout=30_000)
    expect(page.locator("#live")).to_have_text("Linking 3 tenants: Finished")
    assert len([url for url in asked if "part=progress" in url]) == 3
    expect(card).not_to_have_attribute("data-poll", re.compile(".*"))


def test_copying_an_id_is_announced(gallery: OpenGallery) -> None:
    page = gallery()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy tenant ID 18f2f09b").click()
    expect(page.locator("#live")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()").startswith("18f2f09b-4c5e")


def test_row_menu_closes_by_escape(gallery: OpenGallery) -> None:
    page = gallery()
    menu = page.get_by_label(f"More actions for {FIRST}")
    menu.click()
    expect(page.get_by_role("link", name="Open in Partner Center").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Open in Partner Center").first).to_be_hidden()
    expect(menu).to_be_focused()


@pytest.mark.parametrize("scripts", [True, False])
def test_navigation_opens_on_a_phone(gallery: OpenGallery, scripts: bool) -> None:
    page = gallery(shape="narrow", scripts=scripts)
    link = page.get_by_role("link", name="Organizations", exact=True)
    expect(link).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(link).to_be_visible()
    link.click()
    page.wait_for_url(re.compile("/directory/$"))


def test_search_works_without_scripts(gallery: OpenGallery) -> None:
    page = gallery(scripts=False)
    search = page.get_by_role("searchbox", name="Search tenants")
    search.fill("fjord")
    search.press("Enter")
    page.wait_for_url(re.compile(r"\?search=fjord"))
