"""The pages of discovery runs."""

import pytest
from django.test import Client
from django.urls import reverse

from portal.core.access import Role
from portal.core.identity.models import Reseller
from tenants.discovery.models import DiscoveryRun
from tests.factories.core import make_person, make_reseller
from tests.tenants.simulated import PartnerCenterInProcess, customer, customers
from tests.tenants.steps import ask, discovered, look, work


@pytest.fixture
def admin(reseller: Reseller) -> Client:
    return make_person(reseller, Role.ADMIN).client()


def page_of(run: DiscoveryRun, name: str = "run_detail") -> str:
    return reverse(f"discovery:{name}", args=[run.pk])


def test_run_is_followed_from_asking_to_the_end(
    partner: PartnerCenterInProcess, reseller: Reseller, admin: Client
) -> None:
    partner.lists([*customers(4), customer(5, name="x" * 500)])
    run = ask(partner.connect(reseller, name="Harbour"))
    page = admin.get(page_of(run)).content.decode()
    progress = page_of(run, "run_progress")
    assert f'data-poll="{progress}"' in page
    assert "Discover again" not in page
    fragment = admin.get(progress).content.decode()
    assert f'data-poll="{progress}"' in fragment
    assert "<html" not in fragment
    work(run)
    fragment = admin.get(progress).content.decode()
    assert "data-poll=" not in fragment
    assert 'data-poll-finished="reload"' in fragment
    page = admin.get(page_of(run)).content.decode()
    assert "data-poll" not in page
    assert "Text mended" in page
    assert "Discover again" in page


def test_failed_run_says_why_and_that_nothing_is_lost(
    partner: PartnerCenterInProcess, reseller: Reseller, admin: Client
) -> None:
    run = discovered(partner.connect(reseller, secret="wrong"))
    page = admin.get(page_of(run)).content.decode()
    assert "Make a new one" in page
    assert "Nobody is marked missing" in page


def test_run_that_waits_for_another_try_says_so(
    partner: PartnerCenterInProcess, reseller: Reseller, admin: Client
) -> None:
    partner.fail({"action": "drop"})
    run = work(ask(partner.connect(reseller)))
    assert "It is tried again by itself" in admin.get(page_of(run)).content.decode()


def test_held_run_is_decided_on_its_page(
    partner: PartnerCenterInProcess, reseller: Reseller, admin: Client
) -> None:
    partner.lists(customers(20))
    connection = partner.connect(reseller)
    discovered(connection)
    partner.lists(customers(4))
    run = discovered(connection)
    decide = page_of(run, "run_mark_missing")
    assert decide in admin.get(page_of(run)).content.decode()
    operator = make_person(reseller, Role.OPERATOR).client()
    assert decide not in operator.get(page_of(run)).content.decode()
    assert operator.post(decide, {"reason": "Mine to say"}).status_code == 403
    assert "16 tenants" in admin.get(decide).content.decode()
    assert "16 tenants" in admin.get(decide, headers={"HX-Request": "true"}).content.decode()
    assert admin.post(decide, {"reason": " "}).status_code == 422
    page = admin.post(decide, {"reason": "They moved"}, follow=True).content.decode()
    assert "16 tenants are marked as no longer listed" in page
    assert decide not in page
    assert look(run).missing == 16
    assert admin.post(decide, {"reason": "Again"}).status_code == 409


def test_asking_twice_leads_to_the_run_under_way(
    partner: PartnerCenterInProcess, reseller: Reseller, admin: Client
) -> None:
    connection = partner.connect(reseller, name="Harbour")
    run = ask(connection)
    address = reverse("discovery:run_create", args=[connection.pk])
    page = admin.post(address, follow=True)
    assert page.redirect_chain[-1][0] == page_of(run)
    assert "Harbour is being discovered already" in page.content.decode()


def test_list_shows_runs_of_all_connections_and_finds_by_name(
    partner: PartnerCenterInProcess, reseller: Reseller, admin: Client
) -> None:
    address = reverse("discovery:run_list")
    assert "No discovery yet" in admin.get(address).content.decode()
    discovered(partner.connect(reseller, name="Harbour"))
    assert "Harbour" in admin.get(address).content.decode()
    assert "Harbour" in admin.get(address, {"search": "harb"}).content.decode()
    assert page_has_no_run(admin.get(address, {"search": "nobody"}).content.decode())
    assert page_has_no_run(admin.get(address, {"tab": "stuck"}).content.decode())


def page_has_no_run(page: str) -> bool:
    return "Harbour" not in page


def test_foreign_run_does_not_exist(
    partner: PartnerCenterInProcess, reseller: Reseller, admin: Client
) -> None:
    run = discovered(partner.connect(make_reseller()))
    for name in ("run_detail", "run_progress", "run_mark_missing"):
        assert admin.get(page_of(run, name)).status_code == 404
    assert admin.post(page_of(run, "run_mark_missing"), {"reason": "x"}).status_code == 404


def test_hostile_name_is_shown_as_text(
    partner: PartnerCenterInProcess, reseller: Reseller, admin: Client
) -> None:
    run = discovered(partner.connect(reseller, name="<img src=x onerror=alert(1)>"))
    for address in (page_of(run), reverse("discovery:run_list")):
        assert "<img src=x" not in admin.get(address).content.decode()
