"""Indirect resellers in the browser: linked with a press, created in a dialog, read by keyboard."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from organizations.directory.models import Organization
from organizations.linking.operations import link_tenant
from portal.core.access import system_actor
from tests.browser.conftest import IN_OTHER_COLOURS, OpenPage, axe_violations
from tests.factories.tenants import make_tenant
from tests.organizations.indirect.scene import TENANT, Scene, make_scene
from tests.organizations.linking.scene import at_work

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
MOST_OVERFLOW = 1
SETTLED = 500


@pytest.fixture
def north() -> Scene:
    scene = make_scene("North")
    scene.lists(1)
    scene.lists(2, name="Echo Resale", has_signed=False)
    scene.lists(3, name="Foxtrot Resale")
    scene.lists(4, name="Foxtrot Resale Belgium", partner_tenant=TENANT.format(3), location="BE")
    scene.sub_reseller()
    scene.sub_reseller("Foxtrot", mpn_id="5000003", microsoft_partner_id=TENANT.format(3))
    return scene


def look(page: Page) -> None:
    """Find nothing wrong with a page, in both schemes of colours."""
    for colours, options in (("light", None), ("dark", IN_OTHER_COLOURS)):
        page.emulate_media(color_scheme=colours, reduced_motion="reduce")  # type: ignore[arg-type]
        expect(page.locator("html")).to_have_attribute("data-bs-theme", colours)
        page.wait_for_timeout(SETTLED)
        assert axe_violations(page, options=options) == []
    wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wider <= MOST_OVERFLOW


@pytest.mark.parametrize("shape", ["wide", "narrow"])
def test_a_listed_reseller_is_linked_and_another_is_created(
    open_page: OpenPage, north: Scene, shape: str, record_property: Callable[[str, str], None]
) -> None:
    page = open_page(north.operator, shape=shape)
    page.goto(reverse("connections:connection_detail", args=[north.connection.pk]))
    page.get_by_role("link", name="Indirect resellers").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Indirect resellers")
    look(page)
    page.get_by_role("button", name="Delta Resale is Delta Resale B.V.: link").press("Enter")
    expect(page.get_by_text("Delta Resale is Delta Resale B.V.")).to_be_visible()
    page.get_by_role("link", name="Create an organization from Echo Resale").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Name", exact=False).first).to_have_value("Echo Resale")
    look(page)
    dialog.get_by_label("Primary domain").fill("echo-resale.com")
    dialog.get_by_label("Notification e-mail address").fill("it@echo-resale.com")
    dialog.get_by_label("Contact phone").fill("+31 20 123 4567")
    dialog.get_by_role("button", name="Create organization").click()
    expect(page.get_by_text("Echo Resale is a sub-reseller now.")).to_be_visible()
    with at_work(system_actor(north.reseller.pk, "tests")):
        made = Organization.objects.get(name="Echo Resale")
    assert (made.kind, made.mpn_id) == ("sub_reseller", "5000002")
    expect(page.get_by_role("link", name="Echo Resale", exact=True)).to_be_visible()
    record_property("figure", f"Indirect resellers, {shape}: 0 violations on list and dialog")


@pytest.mark.parametrize("shape", ["wide", "narrow"])
def test_who_agreed_is_said_on_the_tenants_page(
    open_page: OpenPage, north: Scene, shape: str
) -> None:
    tenant = make_tenant(north.connection, name="Bakery")
    with at_work(north.operator.actor) as actor:
        link_tenant(tenant, actor=actor, organization=north.sub_reseller("Bakery B.V."))
    page = open_page(north.operator, shape=shape)
    page.goto(reverse("linking:tenant_detail", args=[tenant.pk]))
    page.get_by_role("link", name="Who agreed").click()
    look(page)
    page.get_by_label("First name").fill("Anna")
    page.get_by_label("Last name").fill("de Vries")
    page.get_by_label("E-mail").fill("anna@bakery.example")
    page.get_by_label("Agreed on").fill("2026-11-01")
    page.get_by_role("button", name="Confirm to Microsoft").click()
    expect(page.get_by_text("It is on its way to Microsoft.")).to_be_visible()
    expect(page.get_by_role("cell", name="Waiting")).to_be_visible()
    look(page)
