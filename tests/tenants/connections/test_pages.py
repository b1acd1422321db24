"""The pages of connections, as each role meets them."""

import pytest
from django.test import Client
from django.urls import reverse

from portal.core.access import Role
from portal.core.identity.models import Reseller
from tenants.connections.models import Connection
from tests.factories.core import make_person, make_reseller
from tests.factories.tenants import make_connection
from tests.tenants.simulated import CLIENT, SECRET, PartnerCenterInProcess, customers
from tests.tenants.steps import discovered


@pytest.fixture
def admin(reseller: Reseller) -> Client:
    return make_person(reseller, Role.ADMIN).client()


def page_of(connection: Connection) -> str:
    return reverse("connections:connection_detail", args=[connection.pk])


def test_first_connection_is_taught(admin: Client) -> None:
    page = admin.get(reverse("connections:connection_list"))
    assert page.status_code == 200
    assert "Connect your Partner Center" in page.content.decode()


def test_connecting_testing_and_discovering_by_the_pages(
    partner: PartnerCenterInProcess, admin: Client
) -> None:
    partner.lists(customers(3))
    form = {
        "name": "Netherlands",
        "program": "direct_bill",
        "cloud": "simulator",
        "partner_tenant": partner.tenant_id,
        "client_id": CLIENT,
        "secret": SECRET,
    }
    page = admin.post(reverse("connections:connection_create"), form, follow=True)
    assert page.status_code == 200
    text = page.content.decode()
    assert "Netherlands is connected" in text
    assert "Not tested yet" in text
    assert SECRET not in text
    connection = page.context["connection"]
    page = admin.post(reverse("connections:connection_test", args=[connection.pk]), follow=True)
    assert "Partner Center answered" in page.content.decode()
    page = admin.post(reverse("discovery:run_create", args=[connection.pk]), follow=True)
    assert "Discovery of Netherlands" in page.content.decode()
    page = admin.get(reverse("connections:connection_list"))
    assert "Working" in page.content.decode()


def test_failing_test_shows_the_advice(partner: PartnerCenterInProcess, reseller: Reseller) -> None:
    admin = make_person(reseller, Role.ADMIN).client()
    connection = partner.connect(reseller, secret="wrong-one")
    address = reverse("connections:connection_test", args=[connection.pk])
    page = admin.post(address, follow=True).content.decode()
    assert "Make a new one" in page
    assert "wrong-one" not in page


def test_errors_stand_beside_their_fields_and_the_secret_is_not_sent_back(admin: Client) -> None:
    form = {
        "name": "Netherlands",
        "program": "direct_bill",
        "cloud": "global",
        "partner_tenant": "no tenant at all",
        "client_id": "app",
        "secret": "typed-by-a-person",
    }
    page = admin.post(reverse("connections:connection_create"), form)
    assert page.status_code == 422
    assert "Enter the tenant ID (a GUID) or a domain" in page.content.decode()
    assert "typed-by-a-person" not in page.content.decode()


def test_edit_form_has_everything_but_the_secret(reseller: Reseller) -> None:
    admin = make_person(reseller, Role.ADMIN).client()
    connection = make_connection(reseller, name="Netherlands", cloud="global", secret="kept-inside")
    address = reverse("connections:connection_edit", args=[connection.pk])
    page = admin.get(address).content.decode()
    assert "Netherlands" in page
    assert "kept-inside" not in page
    form = {
        "name": "Holland",
        "program": "direct_bill",
        "cloud": "global",
        "partner_tenant": connection.partner_tenant,
        "client_id": "demo",
        "secret": "",
    }
    saved = admin.post(address, form, follow=True)
    assert "Holland is saved" in saved.content.decode()


def test_detail_shows_health_and_runs(partner: PartnerCenterInProcess, reseller: Reseller) -> None:
    partner.lists(customers(4))
    connection = discovered(partner.connect(reseller, name="Harbour")).connection
    for role in (Role.ADMIN, Role.OPERATOR, Role.FINANCE, Role.AUDITOR):
        client = make_person(reseller, role).client()
        text = client.get(page_of(connection)).content.decode()
        assert "Harbour" in text
        assert "Done" in text
        assert ("Discover now" in text) is (role in (Role.ADMIN, Role.OPERATOR))
        assert (reverse("connections:connection_edit", args=[connection.pk]) in text) is (
            role == Role.ADMIN
        )


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR])
def test_pages_that_change_are_closed_to_others(reseller: Reseller, role: Role) -> None:
    client = make_person(reseller, role).client()
    connection = make_connection(reseller)
    for name in ("connection_edit", "connection_test"):
        address = reverse(f"connections:{name}", args=[connection.pk])
        assert client.post(address).status_code == 403
    assert client.get(reverse("connections:connection_create")).status_code == 403


def test_foreign_connection_does_not_exist(admin: Client) -> None:
    foreign = make_connection(make_reseller())
    assert admin.get(page_of(foreign)).status_code == 404
    assert admin.post(reverse("connections:connection_test", args=[foreign.pk])).status_code == 404
    assert admin.post(reverse("discovery:run_create", args=[foreign.pk])).status_code == 404


def test_strangers_are_sent_to_sign_in(reseller: Reseller) -> None:
    page = Client().get(reverse("connections:connection_list"))
    assert page.status_code == 302
