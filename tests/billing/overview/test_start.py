"""The start page: the right figures for each persona, and no figure for who may not see it."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.core.access import Role
from portal.core.identity.models import Reseller
from tests.billing.ownership import link
from tests.factories.billing import Charge, make_invoice
from tests.factories.core import Person, make_person, make_reseller
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_connection, make_tenant

pytestmark = pytest.mark.django_db
STAFF = (Role.ADMIN, Role.OPERATOR, Role.FINANCE, Role.AUDITOR)
WITH_MONEY = (Role.ADMIN, Role.FINANCE, Role.AUDITOR)


@pytest.mark.parametrize("role", STAFF)
def test_an_empty_portal_teaches_the_path(role: Role, reseller: Reseller) -> None:
    page = make_person(reseller, role).client().get("/")
    assert page.status_code == 200
    assert "Connect your Partner Center" in page.text
    offers_connecting = 'href="/connections/new/"' in page.text
    assert offers_connecting == (role == Role.ADMIN)


@pytest.mark.parametrize("role", STAFF)
def test_unlinked_money_is_in_plain_sight(role: Role, reseller: Reseller) -> None:
    source = make_connection(reseller)
    make_tenant(source, billed_amount=Decimal("1204.50"), billed_currency="EUR")
    page = make_person(reseller, role).client().get("/").text
    assert "1 tenant is not linked" in page


@pytest.mark.parametrize("role", STAFF)
def test_the_months_are_shown_to_those_who_see_money(role: Role, reseller: Reseller) -> None:
    make_invoice(make_connection(reseller), [Charge(None, Decimal("8642.10"))])
    page = make_person(reseller, role).client().get("/").text
    assert ("€8,642.10" in page) == (role in WITH_MONEY)
    assert ("September 2026" in page) == (role in WITH_MONEY)


def test_customers_see_their_organization_and_no_cost(reseller: Reseller, admin: Person) -> None:
    source, organization = make_connection(reseller), make_organization(reseller, name="Our Own")
    mine = make_tenant(source, name="Our tenant", billed_amount=Decimal("777.77"))
    others = make_tenant(source, name="Somebody else's")
    make_invoice(source, [Charge(mine.microsoft_id, Decimal("777.77"))])
    link(mine, organization, admin)
    link(others, make_organization(reseller, name="Somebody Else"), admin)
    for role in (Role.CUSTOMER_ADMIN, Role.CUSTOMER_VIEWER):
        page = make_person(reseller, role, organization_id=organization.pk).client().get("/").text
        assert "Our Own" in page and "Our tenant" in page
        assert "777.77" not in page and "Somebody" not in page


def test_another_resellers_figures_are_nowhere(reseller: Reseller) -> None:
    other = make_reseller()
    make_invoice(make_connection(other, name="Foreign source"), [Charge(None, Decimal("31337"))])
    make_organization(other, name="Foreign organization")
    page = make_person(reseller, Role.ADMIN).client().get("/").text
    assert "31,337" not in page and "Foreign" not in page


def test_the_start_page_costs_the_same_queries_for_many_as_for_one(
    reseller: Reseller, admin: Person
) -> None:
    client = admin.client()

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get("/").status_code == 200
        return len([q for q in caught if "SAVEPOINT" not in q["sql"]])

    source = make_connection(reseller)
    make_invoice(source, [Charge(make_tenant(source).microsoft_id, Decimal(1))])
    few = queries()
    for _ in range(8):
        tenant = make_tenant(make_connection(reseller))
        make_invoice(source, [Charge(tenant.microsoft_id, Decimal(1))])
        make_organization(reseller)
    assert queries() == few <= 14
