"""A sub-reseller's walk: from signing in to a tenant of its customer, with nothing of anybody else.

Partner Center is the simulator in this process, and the work of workers is done between two steps
of the person.
"""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

import organizations.tasks
import portal.notify.tasks
import tenants.tasks
from organizations.provisioning.models import ProvisioningRequest
from partnercenter.client import RetryPolicy
from portal.core.access import Role
from portal.core.jobs import operations
from tenants.connections import clients
from tests.browser.conftest import IN_OTHER_COLOURS, OpenPage, axe_violations
from tests.factories.core import PASSWORD, make_person
from tests.organizations.linking.scene import at_work
from tests.organizations.subresellers.trade import Trade
from tests.tenants.simulated import CLOUD, PartnerCenterInProcess

assert organizations.tasks and portal.notify.tasks and tenants.tasks
pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
SOMEBODY_ELSES = ("South IT", "Outside Bakery")


@pytest.fixture
def trade(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Trade:
    partner = PartnerCenterInProcess(tmp_path)
    settings.PARTNERCENTER_CLOUDS = {**settings.PARTNERCENTER_CLOUDS, "simulator": CLOUD}
    settings.PROVISIONING_SETTLE_SECONDS = 0
    monkeypatch.setattr(clients, "session_factory", partner.session)
    monkeypatch.setattr(clients, "retry_policy", RetryPolicy(first_wait=0.0))
    monkeypatch.setattr(operations, "ring", lambda *_: True)
    return Trade(partner)


def looked_at(page: Page) -> None:
    """Look at a page in all colours, for what it should not have and whom it should not name."""
    assert axe_violations(page) == []
    assert axe_violations(page, options=IN_OTHER_COLOURS) == []
    text = page.content()
    assert [name for name in SOMEBODY_ELSES if name in text] == []


def test_from_signing_in_to_the_customers_tenant(open_page: OpenPage, trade: Trade) -> None:
    person = make_person(
        trade.scene.reseller,
        Role.SUB_RESELLER_ADMIN,
        organization_id=trade.own.pk,
        email="sam@north-it.example",
        password=PASSWORD,
    )
    page = open_page(None)
    page.goto("/")
    page.get_by_label("Email").fill("sam@north-it.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("North IT")
    looked_at(page)
    page.get_by_role("link", name="Inside Bakery").click()
    page.get_by_role("main").get_by_role("link", name="Inside Bakery").first.click()
    expect(page.get_by_text("Provisioning sync status")).to_be_visible()
    looked_at(page)
    page.get_by_role("link", name="Sync options…").click()
    page.locator("#dialog").get_by_role("link", name="Microsoft Cloud Services").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sync options of")
    expect(page.get_by_label("Reseller (MPN ID)")).to_have_value(trade.mpn[0])
    expect(page.locator("#id_reseller_mpn_id option")).to_have_count(1)
    looked_at(page)
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Domain prefix").press_sequentially("insidebakery", delay=5)
    expect(page.locator("#domain-check")).to_contain_text("free")
    page.get_by_role("button", name="Save & Synchronize").click()
    expect(page.get_by_role("heading", name="Journal")).to_be_visible()
    looked_at(page)
    with at_work(trade.provider.actor) as actor:
        request = ProvisioningRequest.objects.visible_to(actor).get(account=trade.account)
    done = trade.scene.finish(request)
    assert (done.state, done.reseller_mpn_id) == ("done", trade.mpn[0]), trade.scene.journal(done)
    page.reload()
    expect(page.get_by_text("Synchronized").first).to_be_visible()
    looked_at(page)
    page.get_by_role("link", name="Provisioning", exact=True).first.click()
    expect(page.get_by_role("main")).to_contain_text("insidebakery.onmicrosoft.com")
    looked_at(page)
    page.get_by_role("link", name="First passwords").click()
    page.get_by_role("link", name="admin@insidebakery.onmicrosoft.com").click()
    looked_at(page)
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_text("A new link to the first password")).to_be_visible()
    page.get_by_role("link", name="Tenants").first.click()
    expect(page.get_by_role("main")).to_contain_text("insidebakery.onmicrosoft.com")
    looked_at(page)
    assert person.membership.organization_id == trade.own.pk
