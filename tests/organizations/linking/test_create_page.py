"""Create organization and link: the form, filled from Partner Center, and its one button."""

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection as database
from django.test import Client

from organizations.directory.models import Organization
from organizations.linking import creating
from organizations.linking.models import Link
from portal.core.errors import Unavailable
from tenants.discovery.models import Tenant
from tests.factories.organizations import make_organization
from tests.organizations.linking.calls import HTMX, address
from tests.organizations.linking.scene import Scene, at_work, make_scene

pytestmark = pytest.mark.django_db
FORM = {
    "name": "Fresh Company",
    "primary_domain": "https://www.fresh-company.com/home",
    "registration_number": "",
    "country": "NL",
    "notification_email": "it@fresh-company.com",
    "contact_phone": "020 123 4567",
}


def test_choice_to_create_opens_the_form_with_the_typed_name(
    north: Scene, visitor: Client, partner_center: dict[str, Any]
) -> None:
    answer = visitor.post(
        address(north.tenant, "link"),
        {"organization": "new", "organization_text": "Typed Name", "back": "/tenants/?tab=linked"},
    )
    target = urlsplit(answer["Location"])
    assert target.path == address(north.tenant, "create-organization")
    assert parse_qs(target.query)["back"] == ["/tenants/?tab=linked"]
    assert 'value="Typed Name"' in visitor.get(answer["Location"]).content.decode()


def test_create_form_is_filled_from_partner_center(
    north: Scene, visitor: Client, partner_center: dict[str, Any]
) -> None:
    partner_center |= {
        "email": "baker@north.com",
        "phone": "+31 10 765 4321",
        "country": "NL",
        "registration_number": "KVK 123",
    }
    page = visitor.get(address(north.tenant, "create-organization")).content.decode()
    for value in ("North Bakery", "northbakery.com", "baker@north.com", "KVK 123"):
        assert f'value="{value}"' in page
    assert re.search(r'<option value="NL"[^>]* selected', page)


def test_create_form_opens_without_partner_center_and_says_so(
    north: Scene, visitor: Client, partner_center: dict[str, Any]
) -> None:
    partner_center["error"] = Unavailable("Partner Center did not answer in time.")
    answer = visitor.get(address(north.tenant, "create-organization"))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Partner Center did not answer in time." in page
    assert 'value="northbakery.com"' in page
    assert "Please fill in: notification e-mail address, contact phone." in page


def test_create_organization_and_link_is_one_button(
    north: Scene, visitor: Client, partner_center: dict[str, Any]
) -> None:
    with at_work(north.operator.actor):
        Tenant.objects.filter(pk=north.tenant.pk).update(
            address={"address_line1": "Dam 1", "city": "Amsterdam", "postal_code": "1012"}
        )
    answer = visitor.post(address(north.tenant, "create-organization"), FORM, follow=True)
    link = north.live_links()[0]
    assert (link.how, link.organization.name) == (Link.How.CREATED, "Fresh Company")
    assert link.organization.primary_domain == "fresh-company.com"
    assert link.organization.contact_phone == "+31 20 123 4567"
    with at_work(north.operator.actor):
        account = Link.objects.select_related("account").get(pk=link.pk).account
    assert (account.address_line1, account.city) == ("Dam 1", "Amsterdam")
    assert f"/tenants/links/{link.pk}/undo/" in answer.content.decode()


def test_create_form_keeps_what_was_typed_when_it_is_refused(north: Scene, visitor: Client) -> None:
    data = FORM | {"primary_domain": "no domain", "name": "Kept Name"}
    answer = visitor.post(address(north.tenant, "create-organization"), data, headers=HTMX)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'value="Kept Name"' in page and 'value="no domain"' in page
    with at_work(north.operator.actor):
        assert Organization.objects.filter(reseller=north.reseller).count() == 1


def test_likely_duplicate_is_named_and_created_only_when_meant(
    north: Scene, visitor: Client, partner_center: dict[str, Any]
) -> None:
    twin = make_organization(north.reseller, name="Fresh Company")
    answer = visitor.post(address(north.tenant, "create-organization"), FORM)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f"({twin.number}): same name" in page
    assert address(north.tenant, "link") in page
    assert 'name="create_anyway"' in page
    answer = visitor.post(
        address(north.tenant, "create-organization"), FORM | {"create_anyway": "on"}
    )
    assert answer.status_code == 302
    assert north.live_links()[0].organization != twin


def test_similar_organizations_are_named_before_anything_is_typed(
    north: Scene, visitor: Client, partner_center: dict[str, Any]
) -> None:
    make_organization(north.reseller, name="Bakers", primary_domain=north.tenant.domain)
    page = visitor.get(address(north.tenant, "create-organization")).content.decode()
    assert "Is it one of these?" in page and "same primary domain" in page


def test_create_form_of_a_linked_tenant_says_to_whom(
    north: Scene, visitor: Client, partner_center: dict[str, Any]
) -> None:
    north.link()
    answer = visitor.get(address(north.tenant, "create-organization"))
    assert answer.status_code == 409
    assert "is linked to North Bakery BV" in unescape(answer.content.decode())


@pytest.mark.django_db(transaction=True)
def test_partner_center_is_never_called_inside_a_transaction(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    north = make_scene()
    inside: list[bool] = []

    def read(tenant: Tenant, *, actor: Any) -> Tenant:
        inside.append(database.in_atomic_block)
        return tenant

    monkeypatch.setattr(creating, "read_details", read)
    page = north.operator.client().get(address(north.tenant, "create-organization"))
    called = north.operator.api().post(
        f"/api/v1/tenants/{north.tenant.pk}/create-organization/",
        {
            "notification_email": "it@example.com",
            "contact_phone": "+31 20 123 4567",
            "name": "Other",
        },
        content_type="application/json",
    )
    assert (page.status_code, called.status_code) == (200, 201), called.content
    assert inside == [False, False]
