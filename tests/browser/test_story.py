"""The job of the product in a real browser: connect, discover, link, and a report that is complete.

Nothing stands in for anything: the simulator answers on a port, a worker takes the jobs from the
broker, and the pages are used as a person would use them.
"""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from partnercenter.simulator.worlds import make_world
from tests import procs
from tests.browser.conftest import OpenPage
from tests.factories.core import PASSWORD, Person, make_person, make_reseller
from tests.factories.organizations import make_organization

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
CUSTOMERS = 5
ALERT = re.compile(r"(\d+) tenants? (?:is|are) not linked")


@pytest.fixture
def cloud(tmp_path: Path, settings: Settings) -> Iterator[procs.RunningSimulator]:
    """Run the simulator of a small world, and a worker that knows where it is."""
    make_world(tmp_path / "world", customers=CUSTOMERS, lines=40, seed=11, hostile=0)
    with procs.simulator(str(tmp_path / "world"), tmp_path / "state") as simulator:
        bundle = str(simulator.certificate)
        addresses = dict.fromkeys(("API", "AUTHORITY", "GRAPH"), simulator.url)
        settings.PARTNERCENTER_CLOUDS = {"simulator": {**addresses, "CA_BUNDLE": bundle}}
        environment = {
            "PARTNERCENTER_SIMULATORS": f"simulator={simulator.url}",
            "PARTNERCENTER_CA_BUNDLE": bundle,
        }
        with procs.worker(tmp_path, environment):
            yield simulator


def unlinked(page: Page) -> int:
    """Read the number in the alert; none is left when it says that all are linked."""
    if page.get_by_text("All tenants are linked").count():
        return 0
    found = ALERT.search(page.locator("#unlinked-alert").inner_text())
    assert found
    return int(found[1])


def sign_in(page: Page, person: Person) -> None:
    page.goto("/")
    page.get_by_label("Email").fill(person.membership.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Start")


def connect(page: Page, partner_tenant: str) -> None:
    page.get_by_role("link", name="Connections", exact=True).click()
    page.get_by_role("link", name="Connect Partner Center").click()
    page.get_by_label("Name").fill("Direct")
    page.get_by_label("Partner tenant").fill(partner_tenant)
    page.get_by_label("Client ID").fill("demo")
    page.get_by_label("Client secret").fill("demo")
    page.get_by_role("button", name="Connect").click()
    page.get_by_role("button", name="Test").click()
    expect(page.get_by_text("works: Partner Center answered")).to_be_visible()


def wait_for_end(page: Page) -> None:
    """Wait until the job has finished and its page has loaded itself anew to show the result."""
    expect(page.get_by_text("Finished").first).to_be_visible(timeout=60_000)
    expect(page.locator("[data-poll], [data-poll-finished]")).to_have_count(0)


def discover(page: Page) -> None:
    page.get_by_role("button", name="Discover now").click()
    wait_for_end(page)


def import_month(page: Page, month: date) -> None:
    page.goto("/invoices/import/")
    page.get_by_label("Month").fill(f"{month:%Y-%m}")
    page.get_by_role("button", name="Import").click()
    wait_for_end(page)


def create_and_link(page: Page) -> None:
    """Take the first tenant of the list, complete the form from Partner Center, and link."""
    page.goto("/tenants/?tab=unlinked")
    before = unlinked(page)
    page.get_by_role("link", name=re.compile("^Create organization from")).first.click()
    dialog = page.locator("#dialog")
    expect(dialog.get_by_role("button", name="Create organization and link")).to_be_visible()
    for label, value in {
        "Primary domain": "harbour-and-sons.com",
        "Notification e-mail address": "it@harbour-and-sons.com",
        "Contact phone": "+31 20 794 0800",
    }.items():
        field = dialog.get_by_label(label)
        if not field.input_value():
            field.fill(value)
    dialog.get_by_role("button", name="Create organization and link").click()
    expect(page.get_by_text("is linked to").first).to_be_visible()
    assert unlinked(page) == before - 1


def link_existing(page: Page, name: str) -> None:
    """Choose an organization by typing a part of its name, with the keyboard alone."""
    page.goto("/tenants/?tab=unlinked")
    before = unlinked(page)
    page.get_by_role("link", name=re.compile("^Link ")).first.click()
    dialog = page.locator("#dialog")
    box = dialog.get_by_role("combobox")
    box.press_sequentially(name[:8])
    expect(dialog.get_by_role("option").first).to_contain_text(name)
    box.press("ArrowDown")
    box.press("Enter")
    dialog.get_by_role("button", name="Link", exact=True).click()
    expect(page.get_by_text("is linked to").first).to_be_visible()
    assert unlinked(page) == before - 1


def test_the_whole_job_in_a_browser(
    cloud: procs.RunningSimulator, open_page: OpenPage, tmp_path: Path
) -> None:
    reseller = make_reseller(name="Harbour Cloud")
    person = make_person(reseller, password=PASSWORD, name="Ada Admin")
    make_organization(reseller, name="Northlight Shipping")
    partner = json.loads((tmp_path / "world" / "partner.json").read_text())
    page = open_page()
    sign_in(page, person)
    connect(page, partner["tenantId"])
    discover(page)

    page.goto("/services/microsoft-csp/")
    assert unlinked(page) == CUSTOMERS
    expect(page).to_have_title(re.compile(rf"^\({CUSTOMERS}\) Microsoft CSP"))

    month = (date.today().replace(day=1) - timedelta(days=1)).replace(day=1)
    import_month(page, month)
    page.goto("/tenants/?tab=unlinked")
    waiting = unlinked(page)
    assert waiting >= CUSTOMERS, "customers known from the invoice alone wait too"
    expect(page.locator("#unlinked-alert")).to_contain_text("charged to nobody")

    name = page.locator("th[scope=row] .row-link").nth(1).inner_text()
    page.get_by_role("searchbox").fill(name)
    expect(page.locator("tbody tr")).to_have_count(1)

    create_and_link(page)
    link_existing(page, "Northlight Shipping")
    page.goto(f"/reports/{month:%Y-%m}/")
    expect(page.locator("#report-verdict")).not_to_contain_text("complete")
    for _ in range(waiting - 2):
        link_existing(page, "Northlight Shipping")
    expect(page.get_by_text("All tenants are linked")).to_be_visible()

    page.goto(f"/reports/{month:%Y-%m}/")
    expect(page.locator("#report-verdict")).to_contain_text(re.compile("complete", re.IGNORECASE))
    expect(page.locator("#unassigned")).to_have_count(0)
    row = page.locator("tfoot tr").first
    assert row.locator("td").nth(0).inner_text() == row.locator("td").nth(1).inner_text()
