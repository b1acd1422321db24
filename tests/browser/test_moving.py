"""Moving a tenant with hands on the keyboard and mouse: what moves is shown as the day changes."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from portal.core.access import Role
from tests.access.cast import make_side
from tests.browser.conftest import OpenPage, axe_violations

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def test_the_dialog_follows_the_day_and_the_move_can_be_undone(open_page: OpenPage) -> None:
    side = make_side("A")
    page = open_page(side.staff[Role.ADMIN])
    page.goto(reverse("linking:tenant_detail", args=[side.one.tenant.pk]))
    page.get_by_role("link", name=f"Move {side.one.tenant.name}").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("#travels")).to_contain_text("1 line with €120.50 moves along")
    dialog.get_by_label("From").fill("2026-07-01")
    dialog.get_by_label("From").dispatch_event("change")
    expect(dialog.locator("#travels")).to_contain_text("No line moves along")
    expect(dialog.locator("#travels")).to_contain_text("Before the date")
    assert axe_violations(page) == []
    dialog.get_by_role("combobox", name="Move to").fill(side.two.organization.number)
    page.get_by_role("option").first.click()
    dialog.get_by_role("button", name="Move", exact=True).click()
    expect(page.locator("main")).to_contain_text(f"is linked to {side.two.organization.name}")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("main")).to_contain_text("was taken back")
