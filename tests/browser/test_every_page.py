"""Every page people work with: no axe violation, nothing on the console, in every shape."""

from typing import Any, Literal

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from portal.core.access import Role
from tests.access.cast import make_side
from tests.browser.conftest import IN_OTHER_COLOURS, OpenPage, axe_violations

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
MOST_OVERFLOW = 1
SETTLED = 500
"""Milliseconds after which what polls has its answer."""
PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
"""Two frames after it is asked, what has changed its colours has them."""
SCHEMES: tuple[tuple[Literal["light", "dark"], dict[str, Any] | None], ...] = (
    ("light", None),
    ("dark", IN_OTHER_COLOURS),
)


def lasting_violations(page: Page, options: dict[str, Any] | None) -> list[str]:
    """Return what axe finds twice: a part that is just being replaced is dimmed for a moment."""
    if not axe_violations(page, options=options):
        return []
    page.wait_for_timeout(SETTLED)
    return axe_violations(page, options=options)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("shape", ["wide", "narrow"])
def test_staff_pages_have_no_violation(open_page: OpenPage, shape: str) -> None:
    """Each page is loaded once for both schemes of colours, in each of which it is looked at."""
    side = make_side("A")
    page = open_page(side.staff[Role.ADMIN], shape=shape)
    month = side.rows.invoice.month.strftime("%Y-%m")
    addresses = [
        reverse("start"),
        reverse("services:microsoft_csp"),
        reverse("linking:tenant_list"),
        reverse("linking:tenant_detail", args=[side.one.tenant.pk]),
        reverse("linking:tenant_link", args=[side.spare.pk]),
        reverse("linking:tenant_unlink", args=[side.one.tenant.pk]),
        reverse("moving:tenant_move", args=[side.one.tenant.pk]),
        reverse("alert:condition_list"),
        reverse("alert:condition_detail", args=[side.rows.tellings.condition.pk]),
        f"{reverse('alert:acknowledge')}?selected={side.rows.tellings.condition.pk}",
        reverse("alert:preferences"),
        reverse("notify:delivery_list"),
        reverse("notify:webhook_list"),
        reverse("letters:letter_list"),
        reverse("letters:letter_detail", args=["accounts.welcome"]),
        reverse("passwords:first_password_list"),
        reverse("passwords:first_password_detail", args=[side.rows.passwords.password.pk]),
        reverse("passwords:first_password_redirect", args=[side.rows.passwords.password.pk]),
        reverse("passwords:handing"),
        reverse("bulk:bulk_list"),
        reverse("bulk:bulk_new"),
        reverse("bulk:bulk_detail", args=[side.rows.bulk_links.draft.pk]),
        reverse("bulk:bulk_detail", args=[side.rows.bulk_links.done.pk]),
        reverse("directory:organization_list"),
        reverse("directory:organization_detail", args=[side.one.organization.pk]),
        reverse("directory:organization_create"),
        reverse("directory:account_detail", args=[side.one.account.pk]),
        reverse("directory:account_edit", args=[side.one.account.pk]),
        reverse("fields:definition_list"),
        reverse("fields:definition_create"),
        reverse("fields:definition_edit", args=[side.rows.definition.pk]),
        reverse("fields:definition_remove", args=[side.rows.definition.pk]),
        reverse("fields:account_values", args=[side.one.account.pk]),
        reverse("members:member_detail", args=[side.staff[Role.OPERATOR].membership.pk]),
        reverse("connections:connection_list"),
        reverse("connections:connection_detail", args=[side.connection.pk]),
        reverse("connections:connection_create"),
        reverse("integration:integration", args=[side.connection.pk]),
        reverse("indirect:reseller_list", args=[side.connection.pk]),
        reverse("agreements:tenant_agreement", args=[side.one.tenant.pk]),
        reverse("discovery:run_list"),
        reverse("provisioning:request_list"),
        reverse("provisioning:request_create"),
        reverse("provisioning:request_detail", args=[side.rows.provisioned.asking.pk]),
        reverse("provisioning:request_detail", args=[side.rows.provisioned.refused.pk]),
        reverse("invoices:invoice_list"),
        reverse("invoices:invoice_detail", args=[side.rows.invoice.pk]),
        reverse("invoices:import"),
        reverse("reports:report_list"),
        reverse("reports:report_detail", args=[month]),
        reverse("reports:report_detail", args=["2026-05"]),
        reverse("closing:month_close", args=[month]),
        reverse("closing:month_reopen", args=["2026-05"]),
        reverse("jobs:job_list"),
        reverse("audit:audit_list"),
        reverse("members:member_list"),
        reverse("members:member_create"),
        reverse("profile"),
        reverse("account_change_password"),
        reverse("tables:arrange", args=["tenants"]),
        f"{reverse('finding:find')}?q=canary",
    ]
    found = []
    for address in addresses:
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.goto(address)
        expect(page.locator("h1")).to_have_count(1)
        for colours, options in SCHEMES:
            page.emulate_media(color_scheme=colours, reduced_motion="reduce")
            expect(page.locator("html")).to_have_attribute("data-bs-theme", colours)
            page.evaluate(PAINTED)
            violations = lasting_violations(page, options)
            found += [f"{address}, {colours}: {violation}" for violation in violations]
            wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            if wider > MOST_OVERFLOW:
                found.append(f"{address}, {colours}: scrolls sideways by {wider} px")
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
        reverse("directory:account_detail", args=[side.one.account.pk]),
    ):
        page.goto(address)
        found += [f"{address}: {violation}" for violation in axe_violations(page)]
    assert found == []


def test_point_35_reading_searching_and_linking_work_without_scripts(open_page: OpenPage) -> None:
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
