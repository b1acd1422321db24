"""Linking as an operator does it, with every press of the mouse counted by the browser itself.

The counts are promises: fewer is better, more is a failure. Typing is not counted, nor is choosing
by keyboard what was typed.
"""

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse
from playwright.sync_api import Page, expect

from organizations.linking import creating
from portal.core.access import acting
from portal.core.jobs.models import Job
from portal.core.jobs.worker import run_job
from tenants.discovery.models import Tenant
from tests.browser.conftest import OpenPage
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_tenant
from tests.organizations.linking.scene import Scene, make_scene
from tests.organizations.suggestions.calls import run_suggestions

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

FIRST_NAMES = "Copper Falcon Granite Harbour Juniper Meridian Saffron Tundra Velvet Willow"
SECOND_NAMES = "Bakery Dental Robotics Shipping Vineyards"

COUNTER = """
addEventListener("click", (event) => {
  if (!event.isTrusted || event.detail === 0) return;  // made by a script, or by a key
  sessionStorage.setItem("clicks", Number(sessionStorage.getItem("clicks") ?? 0) + 1);
}, true);
"""


@pytest.fixture
def north(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """Return a reseller whose Partner Center knows everything of its customers."""

    def read(tenant: Tenant, *, actor: Any) -> Tenant:
        tenant.email, tenant.phone = "it@north-bakery.com", "+31 20 794 0800"
        tenant.country = "NL"
        return tenant

    monkeypatch.setattr(creating, "read_details", read)
    yield make_scene()


@pytest.fixture
def page(open_page: OpenPage, north: Scene) -> Page:
    """The operator's page, which counts."""
    opened = open_page(north.operator)
    opened.add_init_script(COUNTER)
    return opened


def clicks(page: Page) -> int:
    """Return how often the mouse was pressed since the last time it was asked."""
    asked = "() => { const made = sessionStorage.getItem('clicks');"
    return int(page.evaluate(f"{asked} sessionStorage.removeItem('clicks'); return made ?? 0; }}"))


def test_the_list_is_reached_from_the_start_page_by_one_click(page: Page, north: Scene) -> None:
    page.goto(reverse("start"))
    page.get_by_role("link", name="Link tenants").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tenants")
    expect(page.locator("tr[data-row]")).to_have_count(1)
    assert clicks(page) == 1


def test_one_tenant_is_linked_by_two_clicks_and_typing_and_taken_back_by_one(
    page: Page, north: Scene
) -> None:
    make_organization(north.reseller, name="Lighthouse Holding")
    tenant = make_tenant(north.connection, name="Zeta Shipping")
    page.goto("/tenants/?tab=unlinked")
    page.get_by_role("link", name="Link Zeta Shipping", exact=True).click()
    dialog = page.get_by_role("dialog")
    box = dialog.get_by_role("combobox")
    expect(box).to_be_focused()
    page.keyboard.type("lighth")
    expect(dialog.get_by_role("option").first).to_contain_text("Lighthouse Holding")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Link", exact=True).click()
    expect(page.get_by_text("Zeta Shipping is linked to")).to_be_visible()
    assert clicks(page) == 2
    assert [link.tenant_id for link in north.live_links()] == [tenant.pk]
    assert "tab=unlinked" in page.url, "the list is as it was left"

    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("was taken back")).to_be_visible()
    assert clicks(page) == 1
    assert north.live_links() == []


def test_an_organization_is_created_and_linked_by_two_clicks(page: Page, north: Scene) -> None:
    make_tenant(north.connection, name="Zeta Shipping", domain="zeta-shipping.com")
    page.goto("/tenants/?tab=unlinked")
    page.get_by_role("link", name=re.compile("^Create organization from Zeta")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Name", exact=True)).to_have_value("Zeta Shipping")
    dialog.get_by_role("button", name="Create organization and link").click()
    expect(page.get_by_text("Zeta Shipping is linked to")).to_be_visible()
    assert clicks(page) == 2
    assert [link.organization.name for link in north.live_links()] == ["Zeta Shipping"]


def test_a_suggestion_is_accepted_by_one_click_and_taken_back_by_one(
    page: Page, north: Scene
) -> None:
    make_organization(north.reseller, name="Zeta Shipping", primary_domain="zeta-shipping.com")
    tenant = make_tenant(north.connection, name="Zeta Shipping", domain="zeta-shipping.com")
    run_suggestions(north)
    page.goto("/tenants/?tab=unlinked")
    page.get_by_role("button", name="Accept Zeta Shipping for Zeta Shipping").click()
    expect(page.get_by_text("Zeta Shipping is linked to")).to_be_visible()
    assert clicks(page) == 1
    assert [link.tenant_id for link in north.live_links()] == [tenant.pk]
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("was taken back")).to_be_visible()
    assert clicks(page) == 1
    assert north.live_links() == []


def test_fifty_tenants_are_linked_by_four_clicks_and_taken_back_by_two(
    page: Page, north: Scene
) -> None:
    """From the start page; the two that are left over take their own clicks."""
    for first, second in product(FIRST_NAMES.split(), SECOND_NAMES.split()):
        name, domain = f"{first} {second}", f"{first}-{second}.com".lower()
        make_organization(north.reseller, name=name, primary_domain=domain)
        make_tenant(north.connection, name=f"{name} Ltd", domain=domain)
    run_suggestions(north)
    page.goto(reverse("start"))
    page.get_by_role("link", name="Link tenants").click()
    page.get_by_role("link", name="Accept all certain (50)").click()
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Preview: nothing has been changed yet")).to_be_visible()
    page.get_by_role("button", name=re.compile("50 tenants")).click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    assert clicks(page) == 4
    work_off_all(north)
    page.reload()
    expect(page.get_by_text("50 of 50")).to_be_visible()
    assert len(north.live_links()) == 50

    page.get_by_role("link", name="Undo 50 links").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Reason")).to_be_visible()
    dialog.get_by_label("Reason").press_sequentially("the wrong list")
    dialog.get_by_role("button", name="Undo 50 links").click()
    expect(dialog).to_be_hidden()
    assert clicks(page) == 2
    work_off_all(north)
    assert north.live_links() == []


def work_off_all(scene: Scene) -> None:
    """Be the worker for everything that waits."""
    with acting(scene.operator.actor), transaction.atomic():
        waiting = list(Job.objects.visible_to(scene.operator.actor).filter(state="waiting"))
    for job in waiting:
        run_job(job.pk)
