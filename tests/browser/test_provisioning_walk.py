"""The second seed's walk: from the account page to credentials in the customer's hands.

Partner Center is the simulator in this process. The work of workers is done between two steps of
the person, so that each page is seen before and after.
"""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

import organizations.tasks
import portal.notify.tasks
import tenants.tasks
from organizations.provisioning.models import ProvisioningRequest
from organizations.synchronizing.operations import get_services_definitions
from partnercenter.client import RetryPolicy
from portal.core.access import Role, acting
from portal.core.jobs import operations
from tenants.connections import clients
from tenants.connections.models import Connection
from tests.browser.conftest import IN_OTHER_COLOURS, OpenPage, axe_violations
from tests.factories.core import make_person
from tests.organizations.alert.telling import send
from tests.organizations.linking.scene import at_work
from tests.organizations.passwords.desk import code_in, link_in
from tests.organizations.provisioning.scene import Scene, account_of, make_scene
from tests.tenants.indirect.test_resellers import listed, read
from tests.tenants.simulated import CLOUD, PartnerCenterInProcess, customers

assert organizations.tasks and portal.notify.tasks and tenants.tasks
pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
TAKEN_HERE = (
    "An Account with the same Customer Code already exists in BSS. Please confirm that you want to"
    " synchronize this account with the same Customer."
)
TAKEN_THERE = (
    "A Customer with the same Customer Code already exists in Microsoft Partner Cloud Services GL."
    " Please confirm that you want to synchronize this account with the existing Customer"
)


@pytest.fixture
def partner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> PartnerCenterInProcess:
    made = PartnerCenterInProcess(tmp_path)
    settings.PARTNERCENTER_CLOUDS = {**settings.PARTNERCENTER_CLOUDS, "simulator": CLOUD}
    settings.PROVISIONING_SETTLE_SECONDS = 0
    monkeypatch.setattr(clients, "session_factory", made.session)
    monkeypatch.setattr(clients, "retry_policy", RetryPolicy(first_wait=0.0))
    monkeypatch.setattr(operations, "ring", lambda *_: True)
    return made


@pytest.fixture
def north(partner: PartnerCenterInProcess) -> Scene:
    return make_scene(partner)


def get_definitions(scene: Scene) -> None:
    admin = make_person(scene.reseller, Role.ADMIN, name="Ada once more")
    with at_work(admin.actor) as actor:
        get_services_definitions(scene.connection, actor=actor)


def to_options(page: Page, scene: Scene) -> None:
    """Go from the account page over the list of systems to the sync options."""
    page.goto(f"/organizations/accounts/{scene.account.pk}/")
    expect(page.get_by_text("Provisioning sync status")).to_be_visible()
    page.get_by_role("link", name="Sync options…").click()
    page.locator("#dialog").get_by_role("link", name="Microsoft Cloud Services").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sync options of")


def synchronize(page: Page, *, prefix: str, username: str = "admin") -> None:
    page.get_by_label("Username").fill(username)
    page.get_by_label("Domain prefix").fill(prefix)
    page.get_by_role("button", name="Save & Synchronize").click()
    expect(page.get_by_role("heading", name="Journal")).to_be_visible()


def asked_for(scene: Scene) -> ProvisioningRequest:
    with at_work(scene.operator.actor) as actor:
        found: ProvisioningRequest = ProvisioningRequest.objects.visible_to(actor).latest(
            "created_at"
        )
        return found


def carried_out(page: Page, scene: Scene) -> ProvisioningRequest:
    """Let the work be done, if there is any, and look at the journal again."""
    request = asked_for(scene)
    if request.is_moving:
        request = scene.finish(request)
    page.reload()
    assert axe_violations(page) == []
    assert axe_violations(page, options=IN_OTHER_COLOURS) == []
    return request


def open_password(page: Page, scene: Scene) -> str:
    """Open the link of the letter as who received it, and return what it shows."""
    send(scene.reseller)
    letter = [one for one in mail.outbox if one.to == ["anna@bakery.example"]][-1]
    page.goto(link_in(letter))
    page.get_by_role("button", name="Mail me a code").click()
    send(scene.reseller)
    page.get_by_label("Code of the mail").fill(code_in(mail.outbox[-1]))
    page.keyboard.press("Enter")
    return page.locator("#first-password").inner_text()


def test_direct_from_the_account_page_to_the_customers_credentials(
    open_page: OpenPage, north: Scene
) -> None:
    get_definitions(north)
    page = open_page(north.operator)
    to_options(page, north)
    page.get_by_label("Domain prefix").press_sequentially("northbakery", delay=5)
    expect(page.locator("#domain-check")).to_contain_text("free")
    synchronize(page, prefix="northbakery")
    request = carried_out(page, north)
    assert request.state == "done"
    expect(page.get_by_role("link", name=north.account.name).first).to_be_visible()
    assert north.effects("customer_created") == [str(request.microsoft_id)]
    (link,) = north.live_links()
    assert (link.account, link.tenant.domain) == (north.account, "northbakery.onmicrosoft.com")
    assert open_password(open_page(None), north) == north.set_password()
    assert north.set_password() not in "".join(str(one.message()) for one in mail.outbox)
    page.goto(f"/organizations/accounts/{north.account.pk}/")
    expect(page.get_by_text("Synchronized")).to_be_visible()


def test_an_account_that_is_not_ready_is_led_to_its_fields(
    open_page: OpenPage, north: Scene
) -> None:
    get_definitions(north)
    with acting(north.operator.actor), at_work(north.operator.actor):
        type(north.account).objects.filter(pk=north.account.pk).update(postal_code="12")
    page = open_page(north.operator, refused=True)
    to_options(page, north)
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Domain prefix").fill("northbakery")
    page.get_by_role("button", name="Save & Synchronize").click()
    expect(page.get_by_role("heading", name=re.compile("Ready to provision: "))).to_be_visible()
    assert north.effects("customer_created") == []
    page.locator("#readiness").get_by_role("link", name="Postal code").click()
    page.get_by_label("Postal code").fill("1012 AB")
    page.get_by_role("button", name="Save").click()
    to_options(page, north)
    synchronize(page, prefix="northbakery")
    assert carried_out(page, north).state == "done"


def test_an_existing_tenant_is_linked_after_the_seeds_question(
    open_page: OpenPage, north: Scene
) -> None:
    get_definitions(north)
    page = open_page(north.operator)
    to_options(page, north)
    synchronize(page, prefix="customer3")
    carried_out(page, north)
    expect(page.get_by_text(TAKEN_THERE, exact=True)).to_be_visible()
    page.get_by_role("button", name="Confirm").click()
    assert carried_out(page, north).state == "done"
    assert north.effects("customer_created") == []
    (link,) = north.live_links()
    assert link.account == north.account
    send(north.reseller)
    assert not [letter for letter in mail.outbox if "anna@bakery.example" in letter.to]


def test_a_tenant_of_another_account_is_moved_after_the_seeds_question(
    open_page: OpenPage, north: Scene
) -> None:
    get_definitions(north)
    before = north.account
    with_it = north.run(domain="customer3")
    assert with_it.state == "asking"
    page = open_page(north.operator)
    page.goto(f"/provisioning/{with_it.pk}/")
    page.get_by_role("button", name="Confirm").click()
    assert north.finish(with_it).state == "done"
    north.account = account_of(north.organization("Second Bakery"), email="anna@bakery.example")
    to_options(page, north)
    synchronize(page, prefix="customer3", username="second")
    carried_out(page, north)
    expect(page.get_by_text(TAKEN_HERE, exact=True)).to_be_visible()
    expect(page.locator("main")).to_contain_text(before.organization.name)
    page.get_by_role("button", name="Confirm").click()
    assert carried_out(page, north).state == "done"
    (link,) = north.live_links()
    assert link.account == north.account


def test_indirect_under_a_verified_reseller(
    open_page: OpenPage, north: Scene, partner: PartnerCenterInProcess
) -> None:
    partner.lists(customers(3), resellers=[listed(1), listed(2)])
    with acting(north.operator.actor), at_work(north.operator.actor):
        Connection.objects.filter(pk=north.connection.pk).update(program="indirect_provider")
        north.connection.refresh_from_db()
    _, resellers = read(north.connection)
    verified = next(row for row in resellers if not row.why_not)
    get_definitions(north)
    page = open_page(north.operator)
    to_options(page, north)
    page.get_by_label("Reseller (MPN ID)").select_option(verified.mpn_id)
    synchronize(page, prefix="northbakery")
    request = carried_out(page, north)
    assert request.state == "done"
    assert request.reseller_mpn_id == verified.mpn_id
    assert open_password(open_page(None), north) == north.set_password()


def test_only_a_direct_connection_lacks_the_resellers_field(
    open_page: OpenPage, north: Scene
) -> None:
    get_definitions(north)
    page = open_page(north.operator)
    to_options(page, north)
    expect(page.get_by_label("Reseller (MPN ID)")).to_have_count(0)
