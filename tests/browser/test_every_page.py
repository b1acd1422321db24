"""Every page people work with: no axe violation, nothing on the console, in every shape."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from portal.core.access import Role
from tests.access.cast import make_side
from tests.browser.conftest import OpenPage, axe_violations

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
MOST_OVERFLOW = 1
SHAPES = [("wide", "light"), ("wide", "dark"), ("narrow", "light"), ("narrow", "dark")]


@pytest.mark.parametrize(("shape", "colours"), SHAPES)
def test_staff_pages_have_no_violation(open_page: OpenPage, shape: str, colours: str) -> None:
    side = make_side("A")
    page = open_page(side.staff[Role.ADMIN], shape=shape, colours=colours)
    month = side.rows.invoice.month.strftime("%Y-%m")
    addresses = [
        reverse("start"),
        reverse("services:microsoft_csp"),
        reverse("linking:tenant_list"),
        reverse("linking:tenant_detail", args=[side.one.tenant.pk]),
        reverse("linking:tenant_link", args=[side.spare.pk]),
        reverse("linking:tenant_unlink", args=[side.one.tenant.pk]),
        reverse("directory:organization_list"),
        reverse("directory:organization_detail", args=[side.one.organization.pk]),
        reverse("directory:organization_create"),
        reverse("connections:connection_list"),
        reverse("connections:connection_detail", args=[side.connection.pk]),
        reverse("connections:connection_create"),
        reverse("integration:integration", args=[side.connection.pk]),
        reverse("discovery:run_list"),
        reverse("invoices:invoice_list"),
        reverse("invoices:invoice_detail", args=[side.rows.invoice.pk]),
        reverse("invoices:import"),
        reverse("reports:report_list"),
        reverse("reports:report_detail", args=[month]),
        reverse("jobs:job_list"),
        reverse("audit:audit_list"),
        reverse("members:member_list"),
        reverse("members:member_create"),
        reverse("profile"),
        reverse("account_change_password"),
    ]
    found = []
    for address in addresses:
        page.goto(address)
        expect(page.locator("h1")).to_have_count(1)
        found += [f"{address}: {violation}" for violation in axe_violations(page)]
        wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if wider > MOST_OVERFLOW:
            found.append(f"{address}: scrolls sideways by {wider} px")
    assert found == []


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_customer_pages_and_sign_in_have_no_violation(open_page: OpenPage, colours: str) -> None:
    side = make_side("A")
    found = []
    page = open_page(colours=colours)
    for name in ("account_login", "account_reset_password"):
        page.goto(reverse(name))
        found += [f"{name}: {violation}" for violation in axe_violations(page)]
    page = open_page(side.one.people[Role.CUSTOMER_ADMIN], colours=colours)
    for address in (
        reverse("start"),
        reverse("linking:tenant_list"),
        reverse("linking:tenant_detail", args=[side.one.tenant.pk]),
        reverse("directory:organization_detail", args=[side.one.organization.pk]),
    ):
        page.goto(address)
        found += [f"{address}: {violation}" for violation in axe_violations(page)]
    assert found == []


def test_reading_searching_and_linking_work_without_scripts(open_page: OpenPage) -> None:
    side = make_side("A")
    page = open_page(side.staff[Role.OPERATOR], scripts=False)
    page.goto(reverse("linking:tenant_list"))
    page.get_by_role("searchbox").fill(side.spare.name)
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name=f"Link {side.spare.name}").click()
    page.get_by_role("combobox").fill(side.two.organization.number)
    page.get_by_role("button", name="Link", exact=True).click()
    expect(page.get_by_text(side.two.organization.name).first).to_be_visible()


@pytest.mark.parametrize("width", [1440, 1280, 1024])
def test_a_long_name_pushes_nothing_out_of_sight(open_page: OpenPage, width: int) -> None:
    side = make_side("A")
    page = open_page(side.staff[Role.OPERATOR])
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(reverse("linking:tenant_list"))
    names = page.locator("tbody a:not(.btn)")
    names.evaluate_all("links => links.forEach(link => link.textContent = 'x'.repeat(90))")
    box = page.get_by_role("link", name=f"Link {side.spare.name}").bounding_box()
    assert box and box["x"] + box["width"] <= width
