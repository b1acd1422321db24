"""``tenants/{id}/create-organization/``: it calls Partner Center, outside any transaction."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from organizations.directory.models import Organization
from portal.core.access import Role
from portal.core.errors import Unavailable
from tests.organizations.linking.calls import TENANTS, post
from tests.organizations.linking.scene import Scene, at_work, make_scene

pytestmark = pytest.mark.django_db(transaction=True)


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
