"""Merging on its page and in the API; where the old address leads."""

import pytest
from django.test import Client

from portal.core.access import Role
from tests.factories.organizations import make_organization
from tests.organizations.linking.calls import get, post, text_of
from tests.organizations.linking.scene import make_scene
from tests.organizations.merging.conftest import Two

pytestmark = pytest.mark.django_db
API = "/api/v1/organizations/"


def page_of(two: Two, verb: str = "") -> str:
    return f"/organizations/{two.source.pk}/{verb}"


def sent(two: Two, **more: str) -> dict[str, str]:
    typed = {"into": str(two.target.pk), "reason": "Twice", "confirm": "north  bakery bv"}
    return {**typed, **more}


@pytest.fixture
def browser(two: Two) -> Client:
    return two.admin.client()


def test_it_asks_into_which_and_shows_what_will_happen(two: Two, browser: Client) -> None:
    twin = make_organization(two.scene.reseller, name="north bakery bv", primary_domain="x.com")
    two.scene.link()
    asked = text_of(browser, page_of(two, "merge/"))
    assert f'value="{twin.pk}"' in asked and "Same name" in asked
    typed = browser.get(page_of(two, "merge/"), {"organization_text": two.target.number})
    assert typed.headers["Location"] == f"{page_of(two, 'merge/')}?into={two.target.pk}"
    shown = text_of(browser, typed.headers["Location"])
    assert "This cannot be undone" in shown and "Tenants that move" in shown
    assert "Primary domain: " in shown
    nobody = browser.get(page_of(two, "merge/"), {"organization_text": "no such thing"})
    assert nobody.status_code == 422


def test_the_name_has_to_be_typed(two: Two, browser: Client) -> None:
    wrong = browser.post(page_of(two, "merge/"), sent(two, confirm="something"))
    assert wrong.status_code == 422
    assert "This is not its name" in wrong.content.decode()
    assert not two.fresh().is_merged


def test_the_old_address_leads_on_for_good(two: Two, browser: Client) -> None:
    done = browser.post(page_of(two, "merge/"), sent(two), follow=True)
    words = done.content.decode()
    assert "was merged into Bakery Holding" in words and "Merged into it" in words
    answer = browser.get(page_of(two))
    assert (answer.status_code, answer.headers["Location"]) == (
        301,
        f"/organizations/{two.target.pk}/",
    )
    assert browser.get(page_of(two, "edit/")).status_code == 409
    assert "North Bakery BV" not in text_of(browser, "/organizations/")


def test_a_refusal_is_told_before_anything_is_asked(two: Two, browser: Client) -> None:
    shown = text_of(browser, f"{page_of(two, 'merge/')}?into={two.source.pk}")
    assert "into itself" in shown and "Merge for good" not in shown


def test_somebody_elses_organization_is_not_there(two: Two, browser: Client) -> None:
    south = make_scene("South").organization
    assert browser.get(f"{page_of(two, 'merge/')}?into={south.pk}").status_code == 404
    assert browser.get(f"{page_of(two, 'merge/')}?into=nonsense").status_code == 404
    assert browser.post(page_of(two, "merge/"), sent(two, into=str(south.pk))).status_code == 404


def test_the_api_previews_merges_and_says_where_it_went(two: Two) -> None:
    program, address = two.admin.api(), f"{API}{two.source.pk}/"
    two.scene.link()
    preview = post(program, f"{address}merge-preview/", into=str(two.target.pk)).json()
    assert (preview["links"], preview["accounts"], preview["refusal"]) == (1, 1, "")
    done = post(
        program, f"{address}merge/", into=str(two.target.pk), reason="x", fill=["primary_domain"]
    )
    assert (done.status_code, done.json()["id"]) == (200, str(two.target.pk))
    assert done.json()["primary_domain"] == two.source.primary_domain
    assert get(program, address)["merged_into"] == str(two.target.pk)
    listed = [row["id"] for row in get(program, API)["results"]]
    assert str(two.source.pk) not in listed
    changed = program.patch(address, {"name": "New"}, content_type="application/json")
    assert (changed.status_code, changed.json()["merged_into"]) == (409, str(two.target.pk))
    again = post(program, f"{address}merge/", into=str(two.target.pk), reason="x")
    assert again.json()["code"] == "organization_merged"


def test_the_api_refuses_by_field(two: Two) -> None:
    program, address = two.admin.api(), f"{API}{two.source.pk}/merge/"
    south = make_scene("South").organization
    for into in (str(south.pk), str(two.source.pk)):
        answer = post(program, address, into=into, reason="x")
        assert (answer.status_code, list(answer.json()["fields"])) == (400, ["into"])
    assert post(two.scene.operator.api(), address, into=into, reason="x").status_code == 403
    auditor = two.scene.person(Role.AUDITOR).client()
    assert auditor.get(page_of(two, "merge/")).status_code == 403
