"""A list by hand: search while typing, tabs, sorting and pages, all in the address."""

import re

import pytest
from django.db import transaction
from playwright.sync_api import Page, Route, expect

from portal.core.access import acting
from portal.core.jobs.models import Job
from tests.browser.conftest import OpenPage
from tests.factories.core import Person, make_person, make_reseller

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


@pytest.fixture
def admin() -> Person:
    person = make_person(make_reseller())
    with acting(person.actor), transaction.atomic():
        for number in range(30):
            Job.objects.create(
                reseller_id=person.actor.reseller_id,
                kind="tests.work",
                queue="default",
                title=f"Work {number:02}",
                asked_by="Ada" if number % 2 else "Bo",
                state=Job.State.RUNNING if number < 3 else Job.State.WAITING,
            )
    return person


def titles(page: Page) -> list[str]:
    return page.locator("tr[data-row] .row-link").all_inner_texts()


def first_title(page: Page, expected: str) -> None:
    expect(page.locator("tr[data-row] .row-link").first).to_have_text(expected)


def test_search_follows_the_typing_and_keeps_the_field(open_page: OpenPage, admin: Person) -> None:
    page = open_page(admin)
    page.goto("/jobs/")
    search = page.get_by_role("searchbox")
    search.press_sequentially("Work 07")
    expect(page.locator("tr[data-row]")).to_have_count(1)
    expect(search).to_be_focused()
    expect(search).to_have_value("Work 07")
    expect(page.locator("#live")).to_have_text("1 job")
    page.wait_for_url(re.compile(r"/jobs/\?search=Work\+07$"))
    page.reload()
    assert titles(page) == ["Work 07"]
    page.go_back()
    page.wait_for_url(re.compile(r"/jobs/$"))
    expect(page.locator("tr[data-row]")).to_have_count(25)


def test_search_keeps_tab_and_order(open_page: OpenPage, admin: Person) -> None:
    page = open_page(admin)
    page.goto("/jobs/")
    page.get_by_role("link", name="Running and waiting").click()
    page.wait_for_url(re.compile("tab=open"))
    page.get_by_role("link", name="Asked", exact=True).click()
    page.wait_for_url(re.compile("sort=created_at"))
    first_title(page, "Work 00")
    page.get_by_role("searchbox").fill("Work 1")
    page.wait_for_url(re.compile("search=Work"))
    assert "tab=open" in page.url
    assert "sort=created_at" in page.url
    first_title(page, "Work 10")


@pytest.mark.parametrize("scripts", [True, False])
def test_pages_are_links(open_page: OpenPage, admin: Person, scripts: bool) -> None:
    page = open_page(admin, scripts=scripts)
    page.goto("/jobs/?sort=created_at")
    first_title(page, "Work 00")
    page.get_by_role("link", name="Next", exact=True).click()
    first_title(page, "Work 25")
    assert "page=" in page.url
    expect(page.get_by_text("Showing 26–30 of 30 jobs")).to_be_visible()
    page.get_by_role("link", name="Previous", exact=True).click()
    first_title(page, "Work 00")


def test_search_without_scripts(open_page: OpenPage, admin: Person) -> None:
    page = open_page(admin, scripts=False)
    page.goto("/jobs/?tab=open")
    page.get_by_role("searchbox").fill("Work 07")
    page.get_by_role("button", name="Search").click()
    assert titles(page) == ["Work 07"]
    assert "tab=open" in page.url


def test_an_older_answer_never_replaces_a_newer_one(open_page: OpenPage, admin: Person) -> None:
    page = open_page(admin)
    page.goto("/jobs/")
    held: list[Route] = []
    page.route(re.compile(r"search=Work\+0$"), lambda route: held.append(route))
    search = page.get_by_role("searchbox")
    with page.expect_request(re.compile(r"search=Work\+0$")):
        search.fill("Work 0")
    search.fill("Work 29")
    expect(page.locator("tr[data-row]")).to_have_count(1)
    first_title(page, "Work 29")
    assert len(held) == 1
    held[0].abort()  # the page gave it up already; this only lets the browser go
