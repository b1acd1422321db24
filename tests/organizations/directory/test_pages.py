"""The pages of organizations, as people of each role meet them."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from organizations.directory.models import Organization
from organizations.directory.queries import accounts_of, organizations
from organizations.linking.operations import link_tenant
from portal.core.access import Role, acting
from portal.core.identity.models import Reseller
from tenants.connections.models import Connection
from tests.factories.core import Person, make_person, make_reseller
from tests.factories.organizations import make_account, make_organization
from tests.factories.tenants import make_connection, make_tenant
from tests.organizations.linking.scene import make_scene

pytestmark = pytest.mark.django_db
LIST = "/organizations/"
NEW = "/organizations/new/"
CONTOSO = {
    "name": "Contoso B.V.",
    "primary_domain": "https://www.contoso.nl/",
    "registration_number": "",
    "country": "NL",
    "notification_email": "it@contoso.nl",
    "contact_phone": "020 123 4567",
    "number": "",
    "kind": "customer",
}


@pytest.fixture
def reseller() -> Reseller:
    return make_reseller()


@pytest.fixture
def operator(reseller: Reseller) -> Person:
    return make_person(reseller, Role.OPERATOR, name="Olga Operator")


def text_of(response: object) -> str:
    assert isinstance(response, HttpResponse)
    return response.content.decode()


def find(person: Person, **lookup: object) -> Organization:
    with acting(person.actor), transaction.atomic():
        row: Organization = organizations(person.actor).get(**lookup)
        return row


def link(person: Person, organization: Organization, *, name: str) -> None:
    """Link a new tenant to the organization."""
    connected = make_connection(Reseller(pk=person.actor.reseller_id))
    tenant = make_tenant(connected, name=name)
    with acting(person.actor), transaction.atomic():
        Connection.objects.filter(pk=connected.pk).update(state=Connection.State.WORKING)
        link_tenant(tenant, actor=person.actor, organization=organization)


def test_the_list_shows_number_domain_country_and_live_links(
    operator: Person, reseller: Reseller
) -> None:
    row = make_organization(reseller, name="Contoso", number="A-17", primary_domain="contoso.nl")
    link(operator, row, name="Contoso tenant")
    page = text_of(operator.client().get(LIST))
    for shown in ("Contoso", "A-17", "contoso.nl", "NL", '<span class="tabular">1</span>'):
        assert shown in page


def test_the_list_asks_the_same_of_the_database_for_one_row_and_for_thirty(
    operator: Person, reseller: Reseller
) -> None:
    client = operator.client()
    counts = []
    for more in (1, 29):
        for _ in range(more):
            make_organization(reseller)
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST, {"size": "50"})
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 20


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ({"search": "pharma"}, "Contoso Pharma", "Fabrikam"),
        ({"search": "fa"}, "Fabrikam", "Contoso Pharma"),
        ({"country": "BE"}, "Fabrikam", "Contoso Pharma"),
        ({"tab": "incomplete"}, "Fabrikam", "Contoso Pharma"),
    ],
)
def test_the_list_is_narrowed_by_search_country_and_what_is_missing(
    operator: Person, query: dict[str, str], shown: str, hidden: str, reseller: Reseller
) -> None:
    make_organization(reseller, name="Contoso Pharma")
    make_organization(reseller, name="Fabrikam", country="BE", contact_phone="")
    page = text_of(operator.client().get(LIST, query))
    assert shown in page
    assert hidden not in page


def test_an_organization_is_created_from_the_form(operator: Person) -> None:
    response = operator.client().post(NEW, CONTOSO)
    row = find(operator, name="Contoso B.V.")
    assert response["Location"] == f"{LIST}{row.pk}/"
    assert (row.number, row.primary_domain) == ("10001", "contoso.nl")
    assert row.contact_phone == "+31 20 123 4567"


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("name", "", "This field is required."),
        ("name", "Con\x07toso", "control character"),
        ("primary_domain", "contoso", "lacks its ending"),
        ("notification_email", "it", "is no e-mail address"),
        ("contact_phone", "call us", "is no phone number"),
        ("country", "ZZ", "Select a valid choice"),
        ("kind", "king", "Select a valid choice"),
    ],
)
def test_a_wrong_field_is_explained_and_what_was_typed_is_kept(
    operator: Person, field: str, value: str, says: str
) -> None:
    response = operator.client().post(NEW, {**CONTOSO, field: value})
    assert response.status_code == 422
    page = text_of(response)
    assert says in page
    assert "020 123 4567" in page or field == "contact_phone"


def test_a_likely_duplicate_is_shown_and_created_only_when_it_is_meant(
    operator: Person, reseller: Reseller
) -> None:
    first = make_organization(reseller, primary_domain="contoso.nl")
    client = operator.client()
    response = client.post(NEW, CONTOSO)
    assert response.status_code == 422
    page = text_of(response)
    assert f'<a href="{LIST}{first.pk}/">{first.name}</a>' in page
    assert "same primary domain" in page
    assert 'name="create_anyway"' in page
    assert client.post(NEW, {**CONTOSO, "create_anyway": "on"}).status_code == 302


def test_nobody_is_asked_about_duplicates_before_there_is_one(operator: Person) -> None:
    assert 'name="create_anyway"' not in text_of(operator.client().get(NEW))


def test_a_sub_reseller_is_offered_as_parent_and_shows_its_customers(
    operator: Person, reseller: Reseller
) -> None:
    above = make_organization(reseller, name="Northwind Resale", kind="sub_reseller")
    client = operator.client()
    assert "Northwind Resale" in text_of(client.get(NEW))
    client.post(NEW, {**CONTOSO, "parent": str(above.pk)})
    assert "Contoso B.V." in text_of(client.get(f"{LIST}{above.pk}/"))


def test_a_parent_of_another_reseller_is_no_choice(operator: Person, reseller: Reseller) -> None:
    make_organization(reseller, kind="sub_reseller")
    foreign = make_organization(make_reseller(), kind="sub_reseller")
    client = operator.client()
    for parent in (foreign.pk, uuid4()):
        response = client.post(NEW, {**CONTOSO, "parent": str(parent)})
        assert response.status_code == 422
        assert "Select a valid choice" in text_of(response)


def test_the_page_points_out_what_is_missing(operator: Person, reseller: Reseller) -> None:
    row = make_organization(reseller, primary_domain="", notification_email="", contact_phone="")
    page = text_of(operator.client().get(f"{LIST}{row.pk}/"))
    assert "Still missing: primary domain, notification e-mail address and contact phone." in page


def test_the_page_shows_accounts_tenants_and_history(operator: Person, reseller: Reseller) -> None:
    row = make_organization(reseller)
    make_account(row, name="Contoso Belgium")
    link(operator, row, name="Contoso tenant")
    page = text_of(operator.client().get(f"{LIST}{row.pk}/"))
    for shown in ("Contoso Belgium", "1 linked tenant", "Contoso tenant", "linked the tenant"):
        assert shown in page
    assert page.count("Olga Operator") >= 2
    assert "/unlink/" in page


def test_who_may_only_read_is_offered_no_change() -> None:
    reseller = make_reseller()
    row = make_organization(reseller, primary_domain="")
    auditor = make_person(reseller, Role.AUDITOR).client()
    page = text_of(auditor.get(f"{LIST}{row.pk}/"))
    assert "Edit" not in page
    assert "/new/" not in page
    assert NEW not in text_of(auditor.get(LIST))
    assert auditor.post(NEW, CONTOSO).status_code == 403
    assert auditor.post(f"{LIST}{row.pk}/edit/", CONTOSO).status_code == 403


def test_a_customer_sees_its_own_organization_and_nothing_internal(
    operator: Person, reseller: Reseller
) -> None:
    above = make_organization(reseller, name="Northwind Resale", kind="sub_reseller")
    own = make_organization(reseller, name="Contoso", parent=above, contact_phone="")
    other = make_organization(reseller, name="Fabrikam")
    link(operator, own, name="Contoso tenant")
    client = make_person(reseller, Role.CUSTOMER_ADMIN, organization_id=own.pk).client()
    page = text_of(client.get(f"{LIST}{own.pk}/"))
    assert "Contoso tenant" in page
    for internal in ("Olga Operator", "History", "Missing", "Unlink", "Northwind Resale", "Edit"):
        assert internal not in page
    assert "Fabrikam" not in text_of(client.get(LIST))
    for foreign in (other.pk, above.pk, uuid4()):
        assert client.get(f"{LIST}{foreign}/").status_code == 404


def test_an_organization_is_changed_from_its_form(operator: Person, reseller: Reseller) -> None:
    row = make_organization(reseller, number="A-1", contact_phone="")
    client = operator.client()
    page = text_of(client.get(f"{LIST}{row.pk}/edit/"))
    assert f'value="{row.primary_domain}"' in page
    response = client.post(f"{LIST}{row.pk}/edit/", {**CONTOSO, "number": "A-2"})
    assert response["Location"] == f"{LIST}{row.pk}/"
    changed = find(operator, pk=row.pk)
    assert (changed.number, changed.name, changed.missing_fields) == ("A-2", "Contoso B.V.", ())


def test_a_taken_number_is_named_beside_its_field(operator: Person, reseller: Reseller) -> None:
    make_organization(reseller, number="A-1")
    row = make_organization(reseller, number="A-2")
    response = operator.client().post(f"{LIST}{row.pk}/edit/", {**CONTOSO, "number": "A-1"})
    assert response.status_code == 422
    assert "Another organization has the number A-1." in text_of(response)
    assert find(operator, pk=row.pk).number == "A-2"


def test_an_account_is_added_and_changed(operator: Person, reseller: Reseller) -> None:
    row = make_organization(reseller)
    client = operator.client()
    assert f'value="{row.name}"' in text_of(client.get(f"{LIST}{row.pk}/accounts/new/"))
    values = {"name": "Second", "currency": "usd", "country": "US", "phone": "(425) 555-0100"}
    client.post(f"{LIST}{row.pk}/accounts/new/", values)
    with acting(operator.actor), transaction.atomic():
        account = accounts_of(row, operator.actor).get(name="Second")
    assert (account.currency, account.phone) == ("USD", "+1 425-555-0100")
    client.post(f"{LIST}accounts/{account.pk}/edit/", {**values, "is_primary": "on"})
    with acting(operator.actor), transaction.atomic():
        assert accounts_of(row, operator.actor).get(is_primary=True).name == "Second"


@pytest.mark.parametrize("field", ["name", "currency"])
def test_an_account_needs_name_and_currency(
    operator: Person, field: str, reseller: Reseller
) -> None:
    row = make_organization(reseller)
    values = {"name": "Second", "currency": "EUR", field: ""}
    response = operator.client().post(f"{LIST}{row.pk}/accounts/new/", values)
    assert response.status_code == 422


def test_the_combobox_is_answered_with_its_lines(operator: Person, reseller: Reseller) -> None:
    row = make_organization(reseller, name="Contoso <b>Group</b>", number="7")
    client = operator.client()
    lines = text_of(client.get(f"{LIST}options/", {"q": "contoso"}))
    assert f'data-value="{row.pk}"' in lines
    assert "Contoso &lt;b&gt;Group&lt;/b&gt;" in lines
    assert "Nothing matches “xyzzy”." in text_of(client.get(f"{LIST}options/", {"q": "xyzzy"}))


@pytest.mark.parametrize("address", ["", "edit/", "accounts/new/"])
def test_an_organization_of_another_reseller_is_not_found(operator: Person, address: str) -> None:
    foreign = make_organization(make_reseller())
    client = operator.client()
    answers = [client.get(f"{LIST}{pk}/{address}") for pk in (foreign.pk, uuid4())]
    assert [answer.status_code for answer in answers] == [404, 404]


def test_an_organization_lists_its_tenants_with_what_each_was_billed() -> None:
    """LNK-25: several tenants, a subtotal each, and sums that never mix currencies."""
    north = make_scene()
    billed = [("EUR", "100.25"), ("EUR", "20"), ("USD", "7.50")]
    for currency, amount in billed:
        tenant = make_tenant(
            north.connection,
            billed_amount=Decimal(amount),
            billed_currency=currency,
            billed_month=date(2026, 9, 1),
        )
        north.link(tenant)
    address = f"/organizations/{north.organization.pk}/"
    words = north.operator.client().get(address).content.decode()
    for text in ("3 linked tenants", "€100.25", "€20.00", "€120.25", "US$7.50", "September 2026"):
        assert text in words, text
    customer = make_person(
        north.reseller, Role.CUSTOMER_ADMIN, organization_id=north.organization.pk
    )
    told = customer.client().get(address).content.decode()
    assert "3 linked tenants" in told and "€" not in told
