"""Linking, creating, unlinking and undo through pages and dialogs, with and without JavaScript."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from django.db import connection as database
from django.test import Client

from organizations.directory.models import Organization
from organizations.linking import creating
from organizations.linking.models import Link
from portal.core.access import Role
from portal.core.errors import Unavailable
from tenants.discovery.models import Tenant
from tests.factories.core import make_person
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_tenant
from tests.organizations.linking.scene import Scene, at_work, make_scene

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
FORM = {
    "name": "Fresh Company",
    "primary_domain": "https://www.fresh-company.com/home",
    "registration_number": "",
    "country": "NL",
    "notification_email": "it@fresh-company.com",
    "contact_phone": "020 123 4567",
}


@pytest.fixture
def north() -> Scene:
    return make_scene()


@pytest.fixture
def visitor(north: Scene) -> Client:
    return north.operator.client()


@pytest.fixture
def partner_center(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Stand in for the call: what it stores, or the error it raises."""
    says: dict[str, Any] = {}

    def read(tenant: Tenant, *, actor: Any) -> Tenant:
        if error := says.get("error"):
            raise error
        for name, value in says.items():
            setattr(tenant, name, value)
        return tenant

    monkeypatch.setattr(creating, "read_details", read)
    yield says


def address(tenant: Tenant, verb: str) -> str:
    return f"/tenants/{tenant.pk}/{verb}/"


def test_link_page_is_a_page_and_for_htmx_a_dialog(north: Scene, visitor: Client) -> None:
    page = visitor.get(address(north.tenant, "link"))
    dialog = visitor.get(address(north.tenant, "link"), headers=HTMX)
    assert b"<html" in page.content and b"<html" not in dialog.content
    for answer in (page, dialog):
        assert b"North Bakery" in answer.content
        assert b'role="combobox"' in answer.content


def test_organizations_with_the_same_domain_are_proposed_with_the_reason(
    north: Scene, visitor: Client
) -> None:
    same = make_organization(
        north.reseller, name="Bakers United", primary_domain=north.tenant.domain
    )
    page = visitor.get(address(north.tenant, "link")).content.decode()
    assert f'value="{same.pk}"' in page
    assert "Same primary domain" in page
    answer = visitor.post(address(north.tenant, "link"), {"proposed": str(same.pk)})
    assert answer.status_code == 302
    assert north.live_links()[0].organization == same


def test_combobox_choice_links_and_offers_undo(north: Scene, visitor: Client) -> None:
    answer = visitor.post(
        address(north.tenant, "link"),
        {"organization": str(north.organization.pk), "organization_text": "North Bakery BV"},
        follow=True,
    )
    link = north.live_links()[0]
    page = answer.content.decode()
    assert "All tenants are linked" in page
    assert f'action="/tenants/links/{link.pk}/undo/"' in page
    assert "/undo/" not in visitor.get("/tenants/").content.decode()


def test_undo_from_the_notice_takes_the_link_back(north: Scene, visitor: Client) -> None:
    link = north.link()
    answer = visitor.post(f"/tenants/links/{link.pk}/undo/", {"back": "/tenants/"}, follow=True)
    assert "was taken back" in answer.content.decode()
    assert "1 tenant is not linked" in answer.content.decode()
    assert north.live_links() == []
    assert visitor.get(f"/tenants/links/{link.pk}/undo/").status_code == 405


@pytest.mark.parametrize("text", ["Other Company", "other comp", "OTHER COMPANY"])
def test_typed_words_are_enough_without_javascript(
    north: Scene, visitor: Client, text: str
) -> None:
    other = make_organization(north.reseller, name="Other Company")
    answer = visitor.post(
        address(north.tenant, "link"), {"organization": "", "organization_text": text}
    )
    assert answer.status_code == 302
    assert north.live_links()[0].organization == other


def test_typed_number_is_exact(north: Scene, visitor: Client) -> None:
    make_organization(north.reseller, number="12", name="Twelve")
    make_organization(north.reseller, number="123", name="More")
    visitor.post(address(north.tenant, "link"), {"organization_text": "12"})
    assert north.live_links()[0].organization.name == "Twelve"


def test_words_that_fit_several_come_back_as_choices(north: Scene, visitor: Client) -> None:
    several = [make_organization(north.reseller, name=f"Lumen {number}") for number in range(3)]
    answer = visitor.post(address(north.tenant, "link"), {"organization_text": "lumen"})
    assert answer.status_code == 422
    page = unescape(answer.content.decode())
    assert all(f'value="{row.pk}"' in page for row in several)
    assert "“lumen” fits several" in page
    assert 'value="lumen"' in page
    again = {"organization_text": "", "proposed": str(several[1].pk)}
    assert visitor.post(address(north.tenant, "link"), again).status_code == 302
    assert north.live_links()[0].organization == several[1]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "Choose the organization this tenant belongs to."),
        ({"organization_text": "nobody at all"}, "No organization matches “nobody at all”."),
        ({"organization": "nonsense"}, "does not exist any more"),
        ({"organization": str(uuid4())}, "does not exist any more"),
        ({"proposed": str(uuid4())}, "does not exist any more"),
    ],
)
def test_form_without_an_answer_comes_back_with_its_error(
    north: Scene, visitor: Client, data: dict[str, str], sentence: str
) -> None:
    answer = visitor.post(address(north.tenant, "link"), data, headers=HTMX)
    assert answer.status_code == 422
    assert sentence in unescape(answer.content.decode())
    assert north.live_links() == []


def test_organization_of_another_reseller_is_as_unknown_as_any(
    north: Scene, visitor: Client
) -> None:
    south = make_scene("South")
    for data in (
        {"organization": str(south.organization.pk)},
        {"proposed": str(south.organization.pk)},
        {"organization_text": south.organization.name},
    ):
        answer = visitor.post(address(north.tenant, "link"), data)
        assert answer.status_code == 422
        assert b"South Bakery BV (" not in answer.content
    assert north.live_links() == []


def test_loser_of_a_race_reads_who_was_quicker(north: Scene, visitor: Client) -> None:
    north.link()
    other = make_organization(north.reseller)
    second = make_person(north.reseller, Role.OPERATOR).client()
    answer = second.post(
        address(north.tenant, "link"), {"organization": str(other.pk)}, headers=HTMX
    )
    assert answer.status_code == 422
    page = unescape(answer.content.decode())
    assert "North Bakery is linked to North Bakery BV" in page
    assert "by Olga of North at" in page


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


@pytest.mark.parametrize(
    ("back", "place"),
    [
        ("/tenants/?search=a&tab=unlinked", "/tenants/?search=a&tab=unlinked"),
        ("/services/microsoft-csp/", "/services/microsoft-csp/"),
        ("https://evil.example/tenants/", "/tenants/"),
        ("//evil.example/tenants/", "/tenants/"),
        ("/\\evil.example", "/tenants/"),
        ("javascript:alert(1)", "/tenants/"),
        ("/members/", "/tenants/"),
        ("", "/tenants/"),
    ],
)
def test_way_back_leads_only_to_our_own_pages(
    north: Scene, visitor: Client, back: str, place: str
) -> None:
    data = {"organization": str(north.organization.pk), "back": back}
    assert visitor.post(address(north.tenant, "link"), data)["Location"] == place


def test_htmx_leaves_the_dialog_by_a_redirect_of_the_page(north: Scene, visitor: Client) -> None:
    answer = visitor.post(
        address(north.tenant, "link"),
        {"organization": str(north.organization.pk)},
        headers=HTMX | {"HX-Current-URL": "http://testserver/tenants/?tab=unlinked"},
    )
    assert answer["HX-Redirect"] == "/tenants/?tab=unlinked"


def test_unlink_asks_for_a_reason(north: Scene, visitor: Client) -> None:
    north.link()
    page = visitor.get(address(north.tenant, "unlink")).content.decode()
    assert "North Bakery BV" in page
    assert visitor.post(address(north.tenant, "unlink"), {"reason": " "}).status_code == 422
    assert len(north.live_links()) == 1
    answer = visitor.post(address(north.tenant, "unlink"), {"reason": "Wrong one"}, follow=True)
    assert "no longer linked to North Bakery BV" in answer.content.decode()
    assert north.live_links() == []


def test_unlink_of_what_is_not_linked_says_so(north: Scene, visitor: Client) -> None:
    assert "is not linked" in visitor.get(address(north.tenant, "unlink")).content.decode()
    answer = visitor.post(address(north.tenant, "unlink"), {"reason": "Wrong"})
    assert answer.status_code == 422
    assert "is not linked to an organization" in answer.content.decode()


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


def test_tenant_page_shows_facts_links_and_history(north: Scene) -> None:
    north.link()
    page = north.person(Role.ADMIN).client().get(f"/tenants/{north.tenant.pk}/").content.decode()
    assert str(north.tenant.microsoft_id) in page
    assert "Olga of North" in page
    assert "linked the tenant North Bakery" in page
    assert north.connection.name in page


def test_tenant_page_of_a_customer_hides_the_resellers_side(north: Scene) -> None:
    north.link()
    customer = north.person(Role.CUSTOMER_VIEWER, organization=north.organization).client()
    page = customer.get(f"/tenants/{north.tenant.pk}/").content.decode()
    assert "North Bakery" in page
    for hidden in ("Olga of North", north.connection.name, "Last billed", "History"):
        assert hidden not in page


PAGES = ["", "link/", "unlink/", "create-organization/"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", [Role.ADMIN, Role.CUSTOMER_ADMIN])
def test_foreign_tenants_look_like_ones_that_never_were(
    north: Scene, page: str, role: Role
) -> None:
    south = make_scene("South")
    organization = north.organization if role == Role.CUSTOMER_ADMIN else None
    visitor = north.person(role, organization=organization).client()
    bodies = []
    for tenant_id in (south.tenant.pk, uuid4()):
        answer = visitor.get(f"/tenants/{tenant_id}/{page}")
        assert answer.status_code in (403, 404)
        bodies.append(re.sub(rb'(content|value)="[\w-]{64}"', b"", answer.content))
    assert bodies[0] == bodies[1]


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.FINANCE])
@pytest.mark.parametrize("page", PAGES[1:])
def test_readers_may_not_open_or_send_the_forms(north: Scene, role: Role, page: str) -> None:
    visitor = north.person(role).client()
    data = {"organization": str(north.organization.pk), "reason": "x", **FORM}
    assert visitor.get(f"/tenants/{north.tenant.pk}/{page}").status_code == 403
    assert visitor.post(f"/tenants/{north.tenant.pk}/{page}", data).status_code == 403
    assert north.live_links() == []


def test_customers_do_not_see_tenants_that_left_them(north: Scene) -> None:
    gone = make_tenant(north.connection)
    link = north.link(gone)
    customer = north.person(Role.CUSTOMER_ADMIN, organization=north.organization).client()
    assert customer.get(f"/tenants/{gone.pk}/").status_code == 200
    north.operator.client().post(f"/tenants/links/{link.pk}/undo/")
    assert customer.get(f"/tenants/{gone.pk}/").status_code == 404
