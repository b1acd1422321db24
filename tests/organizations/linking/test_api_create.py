"""``tenants/{id}/create-organization/``: it calls Partner Center, so no transaction surrounds it."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from organizations.directory.models import Organization
from organizations.linking import creating
from portal.core.access import Role
from portal.core.errors import Unavailable
from tenants.discovery.models import Tenant
from tests.organizations.linking.scene import Scene, at_work, make_scene

pytestmark = pytest.mark.django_db(transaction=True)
TENANTS = "/api/v1/tenants/"


@pytest.fixture
def north() -> Scene:
    return make_scene()


@pytest.fixture
def program(north: Scene) -> Client:
    return north.operator.api()


@pytest.fixture
def partner_center(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Stand in for the call: what it answers, or the error it raises."""
    says: dict[str, Any] = {}

    def read(tenant: Tenant, *, actor: Any) -> Tenant:
        if error := says.get("error"):
            raise error
        for name, value in says.items():
            setattr(tenant, name, value)
        return tenant

    monkeypatch.setattr(creating, "read_details", read)
    yield says


def post(program: Client, address: str, **data: Any) -> Any:
    return program.post(address, data, content_type="application/json")


def test_create_organization_is_filled_from_partner_center(
    north: Scene, program: Client, partner_center: dict[str, Any]
) -> None:
    partner_center |= {"email": "baker@north.com", "phone": "+31 10 765 4321", "country": "NL"}
    answer = post(
        program,
        f"{TENANTS}{north.tenant.pk}/create-organization/",
        name="Given Name",
        create_anyway=True,
    )
    assert answer.status_code == 201
    body = answer.json()
    assert body["how"] == "created"
    with at_work(north.operator.actor):
        made = Organization.objects.get(pk=body["organization"]["id"])
    assert (made.name, made.primary_domain) == ("Given Name", "northbakery.com")
    assert (made.notification_email, made.country) == ("baker@north.com", "NL")


def test_create_organization_names_what_partner_center_could_not_be_asked_for(
    north: Scene, program: Client, partner_center: dict[str, Any]
) -> None:
    partner_center["error"] = Unavailable("Partner Center did not answer in time.")
    answer = post(program, f"{TENANTS}{north.tenant.pk}/create-organization/")
    assert answer.status_code == 400
    body = answer.json()
    assert set(body["fields"]) == {"notification_email", "contact_phone"}
    assert "Partner Center did not answer in time." in body["detail"]
    assert north.live_links() == []


def test_create_organization_of_a_duplicate_names_it(
    north: Scene, program: Client, partner_center: dict[str, Any]
) -> None:
    partner_center |= {"email": "baker@north.com", "phone": "+31 10 765 4321"}
    answer = post(
        program, f"{TENANTS}{north.tenant.pk}/create-organization/", name="north bakery bv"
    )
    assert answer.status_code == 409
    assert answer.json()["duplicates"][0]["id"] == str(north.organization.pk)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.FINANCE])
def test_readers_may_not_create(north: Scene, role: Role, partner_center: dict[str, Any]) -> None:
    reader = north.person(role).api()
    answer = post(reader, f"{TENANTS}{north.tenant.pk}/create-organization/", name="Other")
    assert answer.status_code == 403
    assert north.live_links() == []


def test_foreign_tenant_looks_like_one_that_never_was(
    north: Scene, program: Client, partner_center: dict[str, Any]
) -> None:
    south = make_scene("South")
    answers = [
        post(program, f"{TENANTS}{tenant_id}/create-organization/")
        for tenant_id in (south.tenant.pk, uuid4())
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
