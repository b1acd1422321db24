"""``organizations`` and ``accounts`` through the API."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client

from organizations.directory.models import Account, Organization
from organizations.directory.queries import accounts_of
from portal.core.access import Role, acting
from portal.core.identity.models import Reseller
from portal.core.rows import ResellerOwned
from tests.factories.core import Person, make_person, make_reseller
from tests.factories.organizations import make_organization

pytestmark = pytest.mark.django_db
ORGANIZATIONS = "/api/v1/organizations/"
ACCOUNTS = "/api/v1/accounts/"
CONTOSO = {
    "name": "Contoso B.V.",
    "primary_domain": "https://www.contoso.nl/",
    "notification_email": "it@contoso.nl",
    "contact_phone": "+31 20 123 4567",
}


@pytest.fixture
def reseller() -> Reseller:
    return make_reseller()


@pytest.fixture
def operator(reseller: Reseller) -> Person:
    return make_person(reseller, Role.OPERATOR)


@pytest.fixture
def api(operator: Person) -> Client:
    return operator.api()


def names(api: Client, **query: str) -> list[str]:
    response = api.get(ORGANIZATIONS, query)
    assert response.status_code == 200, response.content
    return [row["name"] for row in response.json()["results"]]


def test_an_organization_is_created_and_read_back(api: Client) -> None:
    made = api.post(
        ORGANIZATIONS,
        {**CONTOSO, "account": {"currency": "USD", "city": "Utrecht"}},
        content_type="application/json",
    )
    assert made.status_code == 201, made.content
    body = made.json()
    assert (body["number"], body["primary_domain"], body["missing_fields"]) == (
        "10001",
        "contoso.nl",
        [],
    )
    assert api.get(f"{ORGANIZATIONS}{body['id']}/").json() == body
    (account,) = api.get(ACCOUNTS, {"organization": body["id"]}).json()["results"]
    assert (account["currency"], account["city"], account["is_primary"]) == ("USD", "Utrecht", True)


def test_a_wrong_field_is_answered_with_its_reason(api: Client) -> None:
    response = api.post(
        ORGANIZATIONS, {**CONTOSO, "primary_domain": "co.uk"}, content_type="application/json"
    )
    assert response.status_code == 400
    body = response.json()
    assert body["code"] == "invalid"
    assert list(body["fields"]) == ["primary_domain"]


def test_a_likely_duplicate_is_a_conflict_until_it_is_meant(
    api: Client, operator: Person, reseller: Reseller
) -> None:
    first = make_organization(reseller, primary_domain="contoso.nl")
    response = api.post(ORGANIZATIONS, CONTOSO, content_type="application/json")
    assert response.status_code == 409
    assert response.json()["code"] == "possible_duplicate"
    assert response.json()["duplicates"][0]["id"] == str(first.pk)
    again = {**CONTOSO, "create_anyway": True}
    assert api.post(ORGANIZATIONS, again, content_type="application/json").status_code == 201


def test_a_change_touches_only_what_it_names(
    api: Client, operator: Person, reseller: Reseller
) -> None:
    row = make_organization(reseller, name="Contoso", contact_phone="")
    response = api.patch(
        f"{ORGANIZATIONS}{row.pk}/", {"name": "Contoso Group"}, content_type="application/json"
    )
    assert response.status_code == 200, response.content
    assert response.json()["name"] == "Contoso Group"
    assert response.json()["missing_fields"] == ["contact_phone"]


def test_an_organization_may_leave_its_parent(
    api: Client, operator: Person, reseller: Reseller
) -> None:
    above = make_organization(reseller, kind="sub_reseller")
    row = make_organization(reseller, parent=above)
    response = api.patch(
        f"{ORGANIZATIONS}{row.pk}/", {"parent": None}, content_type="application/json"
    )
    assert response.json()["parent"] is None


WRITABLE = {
    "organization": {
        "name",
        "primary_domain",
        "registration_number",
        "country",
        "notification_email",
        "contact_phone",
        "number",
        "kind",
        "parent",
    },
    "account": {
        "name",
        "customer_number",
        "email",
        "phone",
        "currency",
        "address_line1",
        "address_line2",
        "city",
        "state",
        "postal_code",
        "country",
        "is_primary",
    },
}
REFUSED = [
    (model, name)
    for model, noun in ((Organization, "organization"), (Account, "account"))
    for field in model._meta.fields
    for name in {field.name, field.attname}
    if name not in WRITABLE[noun]
]


@pytest.mark.parametrize(
    ("model", "name"), sorted(REFUSED, key=str), ids=lambda value: getattr(value, "__name__", value)
)
def test_a_field_that_is_not_declared_writable_is_refused_by_name(
    api: Client, operator: Person, model: type[ResellerOwned], name: str, reseller: Reseller
) -> None:
    row = make_organization(reseller)
    with acting(operator.actor), transaction.atomic():
        account = accounts_of(row, operator.actor).get()
    addresses = {Organization: f"{ORGANIZATIONS}{row.pk}/", Account: f"{ACCOUNTS}{account.pk}/"}
    before = api.get(addresses[model]).json()
    response = api.patch(addresses[model], {name: "1"}, content_type="application/json")
    assert response.status_code == 400
    assert name in response.json()["fields"]
    assert api.get(addresses[model]).json() == before


def test_an_unknown_field_is_refused_where_it_is_nested(api: Client, reseller: Reseller) -> None:
    response = api.post(
        ORGANIZATIONS,
        {**CONTOSO, "account": {"reseller": 1}},
        content_type="application/json",
    )
    assert response.status_code == 400
    assert "reseller" in response.json()["fields"]["account"]


def test_the_list_is_searched_filtered_and_ordered(
    api: Client, operator: Person, reseller: Reseller
) -> None:
    make_organization(reseller, name="Contoso", number="2", country="NL")
    make_organization(reseller, name="Fabrikam", number="1", country="BE", contact_phone="")
    make_organization(reseller, name="Northwind", number="3", country="BE")
    assert names(api) == ["Contoso", "Fabrikam", "Northwind"]
    assert names(api, ordering="number") == ["Fabrikam", "Contoso", "Northwind"]
    assert names(api, ordering="-created_at") == ["Northwind", "Fabrikam", "Contoso"]
    assert names(api, search="wind") == ["Northwind"]
    assert names(api, country="BE") == ["Fabrikam", "Northwind"]
    assert names(api, incomplete="true") == ["Fabrikam"]
    assert names(api, incomplete="false") == ["Contoso", "Northwind"]
    assert names(api, number="3") == ["Northwind"]


@pytest.mark.parametrize(
    "query",
    [
        {"incomplete": "maybe"},
        {"country": "ZZ"},
        {"kind": "king"},
        {"parent": "1"},
        {"ordering": "reseller"},
        {"page_size": "0"},
    ],
)
def test_a_filter_that_means_nothing_is_refused(api: Client, query: dict[str, str]) -> None:
    assert api.get(ORGANIZATIONS, query).status_code == 400


def test_pages_hold_every_organization_once(
    api: Client, operator: Person, reseller: Reseller
) -> None:
    for _ in range(7):
        make_organization(reseller, name="Same name")
    seen: list[str] = []
    address: str | None = f"{ORGANIZATIONS}?page_size=3&ordering=name"
    while address:
        body: dict[str, Any] = api.get(address).json()
        seen += [row["id"] for row in body["results"]]
        address = body["next"]
    assert len(seen) == len(set(seen)) == 7


@pytest.mark.parametrize("field", ["parent"])
def test_a_foreign_reference_is_refused_like_an_unknown_one(
    api: Client, operator: Person, field: str, reseller: Reseller
) -> None:
    row = make_organization(reseller)
    foreign = make_organization(make_reseller(), kind="sub_reseller")
    answers = [
        api.patch(f"{ORGANIZATIONS}{row.pk}/", {field: str(pk)}, content_type="application/json")
        for pk in (foreign.pk, uuid4())
    ]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[0].json() == answers[1].json()
    account = {"name": "Mine", "currency": "EUR"}
    created = [
        api.post(ACCOUNTS, {**account, "organization": str(pk)}, content_type="application/json")
        for pk in (foreign.pk, uuid4())
    ]
    assert [answer.status_code for answer in created] == [400, 400]


def test_an_account_is_created_changed_and_made_primary(
    api: Client, operator: Person, reseller: Reseller
) -> None:
    row = make_organization(reseller)
    values = {"organization": str(row.pk), "name": "Second", "currency": "USD"}
    made = api.post(ACCOUNTS, values, content_type="application/json")
    assert made.status_code == 201, made.content
    address = f"{ACCOUNTS}{made.json()['id']}/"
    changed = api.patch(
        address, {"city": "Ghent", "is_primary": True}, content_type="application/json"
    )
    assert (changed.json()["city"], changed.json()["is_primary"]) == ("Ghent", True)
    primary = api.get(ACCOUNTS, {"organization": str(row.pk), "is_primary": "true"}).json()
    assert [account["name"] for account in primary["results"]] == ["Second"]


@pytest.mark.parametrize("role", [Role.FINANCE, Role.AUDITOR])
def test_who_may_only_read_is_refused(role: Role) -> None:
    reseller = make_reseller()
    row = make_organization(reseller)
    api = make_person(reseller, role).api() if role != Role.AUDITOR else None
    client = api or make_person(reseller, role).client()
    assert client.get(f"{ORGANIZATIONS}{row.pk}/").status_code == 200
    for answer in (
        client.post(ORGANIZATIONS, CONTOSO, content_type="application/json"),
        client.patch(f"{ORGANIZATIONS}{row.pk}/", {}, content_type="application/json"),
    ):
        assert answer.status_code == 403


def test_a_customer_reads_its_own_organization_only() -> None:
    reseller = make_reseller()
    own, other = make_organization(reseller), make_organization(reseller)
    api = make_person(reseller, Role.CUSTOMER_ADMIN, organization_id=own.pk).api()
    assert names(api) == [own.name]
    assert names(api, search=other.name) == []
    assert api.get(f"{ORGANIZATIONS}{other.pk}/").status_code == 404
    assert len(api.get(ACCOUNTS).json()["results"]) == 1
