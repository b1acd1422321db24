"""The page of one tenant, and who may open what around it."""

import re
from uuid import uuid4

import pytest

from portal.core.access import Role
from tests.factories.tenants import make_tenant
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
