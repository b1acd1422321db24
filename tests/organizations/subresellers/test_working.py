"""What a sub-reseller's people can do in pages and API, and what only the provider can."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from organizations.directory.models import Account, Organization
from portal.core.access import acting
from portal.core.audit.models import AuditEvent
from portal.core.audit.operations import first_broken_event
from portal.core.jobs.models import Job
from tests.organizations.subresellers.scene import NORTH_MPN, Scene

pytestmark = pytest.mark.django_db

API, PAGES, JSON = "/api/v1/organizations/", "/organizations/", "application/json"
NEW = {
    "name": "Fresh Bakery",
    "primary_domain": "fresh-bakery.example.com",
    "country": "NL",
    "notification_email": "it@fresh-bakery.example.com",
    "contact_phone": "+31 20 123 4567",
}


def found(scene: Scene, **lookup: Any) -> Organization:
    with acting(scene.system), transaction.atomic():
        return Organization.objects.get(**lookup)


def test_a_customer_is_created_below_it_by_the_page(scene: Scene) -> None:
    client = scene.worker.client()
    form = client.get(f"{PAGES}new/").content.decode()
    assert 'name="number"' not in form and 'name="kind"' not in form and 'name="mpn_id"' not in form
    answer = client.post(f"{PAGES}new/", NEW)
    assert answer.status_code == 302, answer.content
    row = found(scene, name="Fresh Bakery")
    assert (row.parent_id, row.kind) == (scene.below.pk, "customer")
    assert row.sub_reseller_id == scene.below.pk
    assert "Fresh Bakery" in scene.admin.client().get(PAGES).content.decode()
    assert "Fresh Bakery" not in scene.stranger.client().get(PAGES).content.decode()
    with acting(scene.system), transaction.atomic():
        assert Account.objects.get(organization=row).is_primary
        event = AuditEvent.objects.visible_to(scene.system).latest("sequence")
        assert (event.actor_label, event.organization_id) == (scene.worker.actor.label, row.pk)
        assert first_broken_event(scene.system) is None
        assert Job.objects.filter(kind="organizations.suggest").exists()


def test_its_numbers_go_round_those_it_cannot_see(scene: Scene) -> None:
    with acting(scene.system), transaction.atomic():
        Organization.objects.filter(pk=scene.outside.pk).update(number="10001")
    client = scene.admin.api()
    answer = client.post(API, NEW, content_type=JSON)
    assert answer.status_code == 201, answer.content
    assert answer.json()["number"] == "10002"
    assert answer.json()["parent"] == str(scene.sub.pk)


def test_a_customer_may_be_put_below_a_sub_reseller_of_its_own(scene: Scene) -> None:
    answer = scene.admin.api().post(API, {**NEW, "parent": str(scene.below.pk)}, content_type=JSON)
    assert answer.status_code == 201, answer.content
    assert answer.json()["parent"] == str(scene.below.pk)


def test_a_foreign_parent_is_as_unknown_as_one_that_never_was(scene: Scene) -> None:
    client = scene.admin.api()
    foreign, unknown = (
        client.post(API, {**NEW, "parent": str(parent)}, content_type=JSON)
        for parent in (scene.other.pk, uuid4())
    )
    assert (foreign.status_code, foreign.json()) == (unknown.status_code, unknown.json())
    assert foreign.status_code == 400
    page = scene.admin.client()
    pages = [
        page.post(f"{PAGES}new/", {**NEW, "parent": str(parent)})
        for parent in (scene.other.pk, uuid4())
    ]
    assert [answer.status_code for answer in pages] == [422, 422]
    with acting(scene.system), transaction.atomic():
        assert not Organization.objects.filter(name="Fresh Bakery").exists()


@pytest.mark.parametrize(
    "said",
    [
        {"number": "7"},
        {"kind": "sub_reseller"},
        {"mpn_id": "3333333"},
        {"microsoft_partner_id": str(uuid4())},
    ],
    ids=lambda said: next(iter(said)),
)
def test_what_the_provider_says_is_refused_to_it(scene: Scene, said: dict[str, str]) -> None:
    client, field = scene.admin.api(), next(iter(said))
    created = client.post(API, {**NEW, **said}, content_type=JSON)
    changed = client.patch(f"{API}{scene.inside.pk}/", said, content_type=JSON)
    for answer in (created, changed):
        assert answer.status_code == 400, answer.content
        assert field in answer.json()["fields"]


def test_it_cannot_give_a_customer_away(scene: Scene) -> None:
    client = scene.admin.api()
    address = f"{API}{scene.inside.pk}/"
    assert client.patch(address, {"parent": None}, content_type=JSON).status_code == 400
    moved = client.patch(address, {"parent": str(scene.other.pk)}, content_type=JSON)
    assert moved.status_code == 400
    assert found(scene, pk=scene.inside.pk).parent_id == scene.sub.pk


def test_particulars_and_accounts_of_customers_are_changed(scene: Scene) -> None:
    client = scene.admin.client()
    page = f"{PAGES}{scene.deep.pk}/edit/"
    assert client.get(page).status_code == 200
    answer = client.post(page, {**NEW, "name": "Deeper Bakery"})
    assert answer.status_code == 302, answer.content
    row = found(scene, pk=scene.deep.pk)
    assert (row.name, row.parent_id, row.number) == (
        "Deeper Bakery",
        scene.below.pk,
        scene.deep.number,
    )
    with acting(scene.system), transaction.atomic():
        account = Account.objects.get(organization=scene.deep)
    api = scene.worker.api()
    changed = api.patch(f"/api/v1/accounts/{account.pk}/", {"city": "Utrecht"}, content_type=JSON)
    assert changed.status_code == 200, changed.content
    added = api.post(
        "/api/v1/accounts/",
        {"organization": str(scene.deep.pk), "name": "Second", "currency": "EUR"},
        content_type=JSON,
    )
    assert added.status_code == 201, added.content


def test_somebody_elses_organizations_are_not_there(scene: Scene) -> None:
    api, pages = scene.admin.api(), scene.admin.client()
    for row in (scene.outside, scene.other, scene.direct):
        assert api.get(f"{API}{row.pk}/").status_code == 404
        assert api.patch(f"{API}{row.pk}/", {"name": "X"}, content_type=JSON).status_code == 404
        assert pages.get(f"{PAGES}{row.pk}/").status_code == 404
        assert pages.get(f"{PAGES}{row.pk}/edit/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_what_it_may_not_do_is_refused(scene: Scene) -> None:
    tenant = scene.tenant("waiting", NORTH_MPN)
    api, pages = scene.admin.api(), scene.admin.client()
    for action, body in (
        ("link", {"organization": str(scene.inside.pk)}),
        ("create-organization", {}),
        ("ignore", {"kind": "test", "reason": "x"}),
    ):
        answer = api.post(f"/api/v1/tenants/{tenant.pk}/{action}/", body, content_type=JSON)
        assert answer.status_code == 403, action
    for address in (
        f"/tenants/{tenant.pk}/link/",
        f"/tenants/{tenant.pk}/create-organization/",
        "/connections/",
        "/reports/",
        "/jobs/",
        "/audit/",
        "/imports/",
    ):
        assert pages.get(address).status_code in (403, 404), address


def test_its_pages_show_its_tree_and_what_waits(scene: Scene) -> None:
    scene.link(scene.tenant("Inside Tenant"), scene.inside)
    scene.link(scene.tenant("Outside Tenant"), scene.outside)
    waiting = scene.tenant("Waiting Tenant", NORTH_MPN)
    client = scene.admin.client()
    for address in ("/", "/tenants/", "/services/microsoft-csp/", f"{PAGES}{scene.sub.pk}/"):
        page = client.get(address)
        assert page.status_code == 200, address
        text = page.content.decode()
        assert "Outside" not in text and "South IT" not in text and "Direct Bakery" not in text
    unlinked = client.get("/tenants/", {"tab": "unlinked"}).content.decode()
    assert "Waiting Tenant" in unlinked and "Inside Tenant" not in unlinked
    assert "Waiting Tenant" in client.get("/").content.decode()
    assert client.get(f"/tenants/{waiting.pk}/").status_code == 200
    rows = scene.admin.api().get("/api/v1/tenants/").json()["results"]
    assert {row["name"] for row in rows} == {"Inside Tenant", "Waiting Tenant"}
    assert {row["billed"] for row in rows} == {None}


def test_searching_finds_in_its_tree_alone(scene: Scene) -> None:
    client = scene.admin.client()
    found_here = client.get(PAGES, {"q": "bakery"}).content.decode()
    assert "Inside Bakery" in found_here and "Deep Bakery" in found_here
    assert "Outside Bakery" not in found_here
    options = client.get(f"{PAGES}options/", {"q": "bakery"}).content.decode()
    assert "Inside Bakery" in options and "Outside Bakery" not in options


def test_the_provider_keeps_ids_of_sub_resellers_one_for_each(scene: Scene) -> None:
    api = scene.provider.api()
    address = f"{API}{scene.sub.pk}/"
    partner = str(uuid4())
    kept = api.patch(address, {"microsoft_partner_id": partner}, content_type=JSON)
    assert kept.status_code == 200, kept.content
    assert (kept.json()["mpn_id"], kept.json()["microsoft_partner_id"]) == (NORTH_MPN, partner)
    taken = api.patch(f"{API}{scene.other.pk}/", {"mpn_id": NORTH_MPN}, content_type=JSON)
    assert taken.status_code == 409 and "mpn_id" in taken.json()["fields"]
    letters = api.patch(address, {"mpn_id": "12a"}, content_type=JSON)
    assert letters.status_code == 400
    customer = api.patch(f"{API}{scene.direct.pk}/", {"mpn_id": "9999999"}, content_type=JSON)
    assert customer.status_code == 400 and "mpn_id" in customer.json()["fields"]


def test_its_people_are_invited_to_a_sub_reseller_only(scene: Scene) -> None:
    client = scene.provider.api()
    body = {"email": "new@example.com", "full_name": "New", "role": "sub_reseller"}
    for organization, status in ((scene.direct, 400), (scene.sub, 201)):
        answer = client.post(
            "/api/v1/members/", {**body, "organization": str(organization.pk)}, content_type=JSON
        )
        assert answer.status_code == status, answer.content
    assert client.post("/api/v1/members/", body, content_type=JSON).status_code == 400


def test_a_sub_reseller_with_people_stays_one(scene: Scene) -> None:
    with acting(scene.system), transaction.atomic():
        Organization.objects.filter(parent=scene.other).update(parent=None)
    answer = scene.provider.api().patch(
        f"{API}{scene.other.pk}/", {"kind": "customer", "mpn_id": ""}, content_type=JSON
    )
    assert answer.status_code == 400
    assert "kind" in answer.json()["fields"]
