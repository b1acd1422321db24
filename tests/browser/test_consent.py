"""Signing in to Microsoft in a real browser, over TLS, and the panel it leaves behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from partnercenter.simulator.worlds import make_world, open_world
from portal.core.access import Role, acting, system_actor
from tenants.connections.models import Connection, FamilyHealth
from tests import procs
from tests.browser.conftest import OpenPage, axe_violations
from tests.factories.core import Person, make_person, make_reseller
from tests.factories.tenants import make_connection
from tests.tenants.consents import change_consent

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
SHAPES = [("wide", "light"), ("wide", "dark"), ("narrow", "light"), ("narrow", "dark")]
MOST_OVERFLOW = 1


@pytest.fixture
def person() -> Person:
    return make_person(make_reseller(name="Harbour"), Role.ADMIN)


@pytest.fixture
def connection(
    tmp_path: Path, settings: Settings, live_server: LiveServer, person: Person
) -> Iterator[Connection]:
    """Return a connection to a simulator on a port, reached by TLS."""
    folder = tmp_path / "world"
    make_world(folder, customers=3, lines=5, seed=7, hostile=0)
    settings.BASE_URL = live_server.url
    with procs.simulator(str(folder), tmp_path / "state") as simulator:
        addresses = dict.fromkeys(("API", "AUTHORITY", "GRAPH"), simulator.url)
        bundle = {"CA_BUNDLE": str(simulator.certificate)}
        settings.PARTNERCENTER_CLOUDS = {"simulator": {**addresses, **bundle}}
        partner = open_world(str(folder), cache=tmp_path / "cache").partner
        yield make_connection(
            person.membership.reseller,
            name="Netherlands",
            partner_tenant=partner.tenant_id,
            client_id=partner.client_id,
            secret=partner.client_secret,
        )


def sign_in(page: Page, connection: Connection) -> None:
    page.goto(reverse("connections:connection_detail", args=[connection.pk]))
    page.get_by_role("link", name="Sign in with Microsoft").click()
    page.get_by_role("button", name="Sign in with Microsoft").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Simulated Partner Center")


def shown(page: Page, name: str, folder: Path) -> list[str]:
    """Keep a picture of the page; return what is wrong with it."""
    page.screenshot(path=folder / f"{name}.png", full_page=True)
    wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    found = [f"{name}: {violation}" for violation in axe_violations(page)]
    return [*found, f"{name}: scrolls sideways by {wider} px"] if wider > MOST_OVERFLOW else found


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_person_signs_in_and_is_told_who_that_was(
    open_page: OpenPage, person: Person, connection: Connection, scripts: bool
) -> None:
    page = open_page(person, scripts=scripts, trusting=True)
    sign_in(page, connection)
    page.get_by_role("link", name="Accept").click()
    expect(page.get_by_text("Partner Center let you in")).to_be_visible()
    assert "code=" not in page.url
    page.get_by_role("link", name="Go to Netherlands").click()
    panel = page.locator("#sign-in")
    expect(panel.get_by_text("Signed in", exact=True)).to_be_visible()
    expect(panel.get_by_text("Seen", exact=True)).to_be_visible()
    health = page.locator("#health tbody tr")
    expect(health).to_have_count(11)
    expect(health.filter(has_text="Profiles").get_by_text("Works")).to_be_visible()


def test_a_person_who_cancels_is_told_that_nothing_was_activated(
    open_page: OpenPage, person: Person, connection: Connection
) -> None:
    page = open_page(person, trusting=True)
    sign_in(page, connection)
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_text("The connection was not activated")).to_be_visible()
    page.get_by_role("link", name="Sign in again").click()
    expect(page.get_by_role("button", name="Sign in with Microsoft")).to_be_visible()


@pytest.mark.parametrize(("shape", "colours"), SHAPES)
def test_pages_of_signing_in_have_no_violation(
    open_page: OpenPage,
    person: Person,
    connection: Connection,
    tmp_path: Path,
    shape: str,
    colours: str,
) -> None:
    page = open_page(person, shape=shape, colours=colours, trusting=True)
    name = f"{shape}-{colours}"
    page.goto(reverse("connections:consent", args=[connection.pk]))
    found = shown(page, f"{name}-consent", tmp_path)
    page.get_by_role("button", name="Sign in with Microsoft").click()
    page.get_by_role("link", name="Accept").click()
    expect(page.get_by_text("Partner Center let you in")).to_be_visible()
    found += shown(page, f"{name}-result", tmp_path)
    page.get_by_role("link", name="Go to Netherlands").click()
    page.get_by_role("button", name="Test").click()
    expect(page.get_by_text("Partner Center answered")).to_be_visible()
    found += shown(page, f"{name}-panel", tmp_path)
    now = timezone.now()
    why = "Signing in was refused. Microsoft says: The grant was revoked. Connect it again."
    change_consent(connection, state="lost", lost_at=now, lost_because=why)
    with acting(system_actor(connection.reseller_id, "tests")), transaction.atomic():
        FamilyHealth.objects.update_or_create(
            reseller_id=connection.reseller_id,
            connection=connection,
            family="orders",
            defaults={
                "state": FamilyHealth.State.AMBER,
                "last_failure_at": now,
                "reason": "GET /v1/orders was answered with status 503. It goes on by itself.",
            },
        )
    page.reload()
    expect(page.get_by_text("The sign-in is lost, so what needs it is paused")).to_be_visible()
    found += shown(page, f"{name}-lost", tmp_path)
    page.goto(reverse("connections:connection_edit", args=[connection.pk]))
    found += shown(page, f"{name}-form", tmp_path)
    assert found == []
