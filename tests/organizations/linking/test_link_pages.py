"""Linking, unlinking and undo through pages and dialogs, with and without JavaScript."""

from html import unescape
from uuid import uuid4

import pytest
from django.test import Client

from portal.core.access import Role
from tests.factories.core import make_person
from tests.factories.organizations import make_organization
from tests.organizations.linking.calls import HTMX, address
from tests.organizations.linking.scene import Scene, make_scene

pytestmark = pytest.mark.django_db
FORM = {
    "name": "Fresh Company",
    "primary_domain": "https://www.fresh-company.com/home",
    "registration_number": "",
    "country": "NL",
    "notification_email": "it@fresh-company.com",
    "contact_phone": "020 123 4567",
}


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
