"""UNL-04: who looks like another organization, or an unlinked tenant, is told before saving."""

from typing import Any

import pytest
from django.test import Client

from organizations.directory.likeness import compare_names, find_lookalikes
from organizations.directory.operations import create_organization
from organizations.linking.operations import create_organization_from_tenant
from portal.core.access import Role, acting
from portal.core.errors import Conflict
from tests.factories.core import make_person
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_tenant
from tests.organizations.ignoring.ignoring import ignore
from tests.organizations.linking.calls import queries_of
from tests.organizations.linking.scene import Scene, at_work, make_scene

pytestmark = pytest.mark.django_db
LOOKALIKES, NEW = "/organizations/lookalikes/", "/organizations/new/"
FORM = {
    "name": "Contoso Nederland B.V.",
    "primary_domain": "contoso-nl.com",
    "registration_number": "",
    "country": "NL",
    "notification_email": "it@contoso-nl.com",
    "contact_phone": "+31 20 123 4567",
    "kind": "customer",
}
VALUES: dict[str, Any] = {
    name: text for name, text in FORM.items() if name not in ("kind", "country")
}


@pytest.fixture
def north() -> Scene:
    return make_scene()


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("Contoso Ltd", "contoso ltd", "same name"),
        ("Contoso Nederland B.V.", "Contoso Nederland NV", "same name, written otherwise"),
        ("Müller & Söhne GmbH", "Mueller Soehne", "same name, written otherwise"),
        ("Fabrikam Industries", "Fabrikam Industrie", "almost the same name"),
        ("Contoso Nordic", "Contoso Labs", ""),
        ("Store 12", "Store 13", ""),
        ("Abc", "Abd", ""),
        ("", "Contoso", ""),
    ],
)
def test_names_are_one_or_two(one: str, other: str, said: str) -> None:
    assert compare_names(one, other) == compare_names(other, one) == said


def test_another_legal_form_is_the_same_company_still(north: Scene) -> None:
    there = make_organization(north.reseller, name="Contoso Nederland NV", primary_domain="x.com")
    make_organization(north.reseller, name="Contoso Nordic", primary_domain="y.com")
    with acting(north.operator.actor) as actor, pytest.raises(Conflict) as refused:
        create_organization(actor=actor, **VALUES)
    assert [row["id"] for row in refused.value.data["duplicates"]] == [str(there.pk)]
    with acting(north.operator.actor) as actor:
        assert create_organization(actor=actor, create_anyway=True, **VALUES).pk


@pytest.mark.parametrize(
    ("tenant", "reason"),
    [
        ({"name": "Somebody", "domain": "contoso-nl.com"}, "its domain is contoso-nl.com"),
        (
            {"name": "Somebody", "domain": "contoso-nl.onmicrosoft.com"},
            "its domain is contoso-nl.onmicrosoft.com",
        ),
        ({"name": "CONTOSO NEDERLAND", "domain": "z.com"}, "same name, written otherwise"),
    ],
)
def test_a_tenant_nobody_linked_is_named(north: Scene, tenant: dict[str, str], reason: str) -> None:
    row = make_tenant(north.connection, **tenant)  # type: ignore[arg-type]
    with acting(north.operator.actor) as actor, pytest.raises(Conflict) as refused:
        create_organization(actor=actor, **VALUES)
    (found,) = refused.value.data["tenants"]
    assert (found["id"], found["reason"]) == (str(row.pk), reason)
    assert "looks like a tenant that is not linked" in refused.value.detail


def test_linked_and_ignored_tenants_are_not_named(north: Scene) -> None:
    for kind in ("linked", "ignored"):
        row = make_tenant(north.connection, name="Contoso Nederland", domain="contoso-nl.com")
        if kind == "linked":
            north.link(row)
        else:
            ignore(north, row)
    with acting(north.operator.actor) as actor:
        assert create_organization(actor=actor, **VALUES).pk


def test_who_creates_from_one_tenant_is_not_told_of_another(north: Scene) -> None:
    one, _ = (make_tenant(north.connection, name="Contoso Nederland") for _ in range(2))
    with acting(north.operator.actor) as actor:
        link = create_organization_from_tenant(one, actor=actor, values=VALUES)
    assert link.organization.name == "Contoso Nederland B.V."


def test_nothing_of_another_reseller_is_named(north: Scene) -> None:
    south = make_scene("South")
    make_tenant(south.connection, name="Contoso Nederland", domain="contoso-nl.com")
    make_organization(south.reseller, name="Contoso Nederland NV", primary_domain="contoso-nl.com")
    with at_work(north.operator.actor) as actor:
        assert not find_lookalikes(actor, name=FORM["name"], primary_domain="contoso-nl.com")


def test_the_form_tells_before_anything_is_saved(north: Scene) -> None:
    make_tenant(north.connection, name="Contoso Nederland", domain="contoso-nl.com")
    visitor = north.operator.client()
    answer = visitor.post(NEW, FORM)
    words = answer.content.decode()
    assert answer.status_code == 422
    assert "This looks like a tenant you have not linked" in words
    assert "Create the organization from it and link" in words
    assert "It looks like a tenant that is not linked yet." in words
    assert visitor.post(NEW, {**FORM, "create_anyway": "on"}).status_code == 302


def test_it_is_told_while_typing_with_few_queries(north: Scene) -> None:
    make_organization(north.reseller, name="Contoso Nederland NV", primary_domain="x.com")
    make_tenant(north.connection, name="Somebody", domain="contoso-nl.com")
    visitor = north.operator.client()
    assert 'hx-get="/organizations/lookalikes/"' in visitor.get(NEW).content.decode()
    typed = f"{LOOKALIKES}?name=contoso+nederland&primary_domain=https://www.contoso-nl.com/"
    words = visitor.get(typed).content.decode()
    assert "Contoso Nederland NV" in words and "its domain is contoso-nl.com" in words
    assert visitor.get(f"{LOOKALIKES}?name=c&primary_domain=htt").content.decode().strip() == ""
    assert queries_of(visitor, typed) <= 3 + 5


def test_the_api_tells_too(north: Scene) -> None:
    row = make_tenant(north.connection, name="Contoso Nederland", domain="contoso-nl.com")
    program: Client = north.operator.api()
    answer = program.post(
        "/api/v1/organizations/", {**VALUES, "country": "NL"}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "possible_duplicate")
    assert [found["id"] for found in answer.json()["tenants"]] == [str(row.pk)]


def test_a_customer_is_told_nothing(north: Scene) -> None:
    customer = make_person(
        north.reseller, Role.CUSTOMER_ADMIN, organization_id=north.organization.pk
    )
    assert customer.client().get(LOOKALIKES).status_code == 403
