"""Members: who has a role, giving one, and taking it away at once."""

import re
from uuid import uuid4

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client

from organizations.members.queries import members
from portal.core.access import Role, acting
from portal.core.audit.models import AuditEvent
from portal.core.identity.models import Membership, Reseller
from tests.factories.core import Person, make_person, make_reseller
from tests.factories.organizations import make_organization

pytestmark = pytest.mark.django_db
LIST = "/members/"
NEW = "/members/new/"
API = "/api/v1/members/"
JSON = "application/json"


@pytest.fixture
def reseller() -> Reseller:
    return make_reseller()


@pytest.fixture
def admin(reseller: Reseller) -> Person:
    return make_person(reseller, Role.ADMIN, name="Ada Admin")


def emails(person: Person) -> set[str]:
    with acting(person.actor), transaction.atomic():
        return set(members(person.actor).values_list("email", flat=True))


def test_the_list_shows_people_with_role_and_organization(
    admin: Person, reseller: Reseller
) -> None:
    row = make_organization(reseller, name="Contoso")
    make_person(reseller, Role.CUSTOMER_ADMIN, organization_id=row.pk, name="Carl Customer")
    page = admin.client().get(LIST).content.decode()
    for shown in ("Ada Admin", "Reseller administrator", "Carl Customer", "Contoso", "/remove/"):
        assert shown in page
    staff = admin.client().get(LIST, {"tab": "staff"}).content.decode()
    assert "Carl Customer" not in staff


def test_a_member_is_added_without_a_password_and_nothing_is_mailed(admin: Person) -> None:
    response = admin.client().post(
        NEW, {"email": "New@Example.com", "full_name": "Nora New", "role": "operator"}
    )
    assert response.status_code == 302, response.content
    assert "new@example.com" in emails(admin)
    assert mail.outbox == []
    with acting(admin.actor), transaction.atomic():
        event = AuditEvent.objects.visible_to(admin.actor).latest("sequence")
        assert (event.action, event.after["role"]) == ("core.member_added", "operator")


def test_a_new_member_sets_a_password_and_signs_in(admin: Person) -> None:
    admin.client().post(NEW, {"email": "new@example.com", "full_name": "", "role": "operator"})
    client = Client()
    client.post("/auth/password/reset/", {"email": "new@example.com"})
    (message,) = mail.outbox
    found = re.search(r"http://testserver(/auth/password/reset/key/\S+)", str(message.body))
    assert found, message.body
    form = client.get(found.group(1), follow=True)
    password = "a long and lasting secret"
    address = form.request["PATH_INFO"]
    client.post(address, {"password1": password, "password2": password})
    client.post("/auth/login/", {"login": "new@example.com", "password": password})
    assert client.get("/organizations/").status_code == 200


def test_a_customer_is_added_by_the_typed_name_of_its_organization(
    admin: Person, reseller: Reseller
) -> None:
    row = make_organization(reseller, name="Contoso", number="A-7")
    values = {"email": "c@example.com", "full_name": "", "role": "customer_viewer"}
    for email, typed in (("c@example.com", "contoso"), ("d@example.com", "A-7")):
        answer = admin.client().post(NEW, {**values, "email": email, "organization_text": typed})
        assert answer.status_code == 302, answer.content
    with acting(admin.actor), transaction.atomic():
        rows = members(admin.actor).filter(organization_id=row.pk)
        assert {member.email for member in rows} == {"c@example.com", "d@example.com"}


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"role": "customer_admin"}, "Choose the organization"),
        ({"role": "customer_admin", "organization_text": "Nobody"}, "No organization is “Nobody”"),
        ({"role": "customer_admin", "organization": "new"}, "pick one"),
        (
            {"role": "operator", "organization_text": "Contoso"},
            "Only roles of customers and sub-resellers",
        ),
        ({"role": "owner"}, "Select a valid choice"),
        ({"email": "nobody"}, "is no e-mail address"),
    ],
)
def test_a_wrong_field_is_explained(
    admin: Person, values: dict[str, str], says: str, reseller: Reseller
) -> None:
    make_organization(reseller, name="Contoso")
    complete = {"email": "x@example.com", "full_name": "", "role": "operator"}
    response = admin.client().post(NEW, complete | values)
    assert response.status_code == 422
    assert says in response.content.decode()
    assert emails(admin) == {admin.membership.email}


def test_an_organization_of_another_reseller_is_no_choice(admin: Person) -> None:
    foreign = make_organization(make_reseller())
    client = admin.client()
    values = {"email": "x@example.com", "full_name": "", "role": "customer_admin"}
    answers = [
        client.post(NEW, {**values, "organization": str(pk)}) for pk in (foreign.pk, uuid4())
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    api = admin.api()
    refused = [
        api.post(
            API,
            {"email": "x@example.com", "role": "customer_admin", "organization": str(pk)},
            content_type=JSON,
        )
        for pk in (foreign.pk, uuid4())
    ]
    assert [answer.status_code for answer in refused] == [400, 400]
    assert refused[0].json() == refused[1].json()
    assert emails(admin) == {admin.membership.email}


def test_somebody_of_another_reseller_is_added_as_if_new(admin: Person) -> None:
    other = make_person(make_reseller(), Role.OPERATOR, email="both@example.com")
    answer = admin.api().post(
        API, {"email": "both@example.com", "role": "finance"}, content_type=JSON
    )
    assert answer.status_code == 201, answer.content
    assert answer.json()["full_name"] == ""
    assert other.client().get("/organizations/").status_code == 200


def test_the_same_role_twice_is_a_conflict(admin: Person) -> None:
    again = {"email": admin.membership.email, "role": "operator"}
    assert admin.api().post(API, again, content_type=JSON).status_code == 409
    form = {**again, "full_name": ""}
    assert "has a role there already" in admin.client().post(NEW, form).content.decode()


def test_removal_takes_effect_with_the_next_request(admin: Person, reseller: Reseller) -> None:
    leaver = make_person(reseller, Role.OPERATOR)
    session, program = leaver.client(), leaver.api()
    assert session.get("/organizations/").status_code == 200
    assert program.get("/api/v1/organizations/").status_code == 200
    response = admin.client().post(f"{LIST}{leaver.membership.pk}/remove/")
    assert response["Location"] == LIST
    assert session.get("/organizations/").status_code != 200
    assert session.post("/organizations/new/", {}).status_code != 200
    assert session.get("/api/v1/organizations/").status_code in (401, 403)
    assert program.get("/api/v1/organizations/").status_code == 401
    assert leaver.membership.email not in emails(admin)


def test_the_last_administrator_stays(admin: Person, reseller: Reseller) -> None:
    address = f"{LIST}{admin.membership.pk}/remove/"
    response = admin.client().post(address)
    assert response.status_code == 422
    assert "keeps at least one administrator" in response.content.decode()
    assert admin.api().delete(f"{API}{admin.membership.pk}/").status_code == 409
    second = make_person(reseller, Role.ADMIN)
    assert second.client().post(address).status_code == 302
    assert emails(second) == {second.membership.email}


def test_removing_asks_first(admin: Person, reseller: Reseller) -> None:
    leaver = make_person(reseller, Role.OPERATOR, name="Leo Leaver")
    page = admin.client().get(f"{LIST}{leaver.membership.pk}/remove/").content.decode()
    assert "Leo Leaver" in page
    assert "loses the role Operator" in page
    assert leaver.membership.email in emails(admin)


def test_the_api_lists_adds_and_removes(admin: Person, reseller: Reseller) -> None:
    api = admin.api()
    row = make_organization(reseller)
    made = api.post(
        API,
        {"email": "c@example.com", "role": "customer_admin", "organization": str(row.pk)},
        content_type=JSON,
    )
    assert made.status_code == 201, made.content
    assert made.json()["organization"] == str(row.pk)
    listed = api.get(API, {"role": "customer_admin"}).json()["results"]
    assert listed == [made.json()]
    assert api.delete(f"{API}{made.json()['id']}/").status_code == 204
    assert emails(admin) == {admin.membership.email}


@pytest.mark.parametrize("field", ["reseller", "user", "id", "password", "created_at"])
def test_a_field_that_is_not_declared_is_refused_by_name(admin: Person, field: str) -> None:
    values = {"email": "x@example.com", "role": "operator", field: "1"}
    answer = admin.api().post(API, values, content_type=JSON)
    assert answer.status_code == 400
    assert field in answer.json()["fields"]


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.FINANCE, Role.AUDITOR])
def test_only_an_administrator_manages_members(role: Role) -> None:
    reseller = make_reseller()
    person, other = make_person(reseller, role), make_person(reseller, Role.OPERATOR)
    client = person.client()
    assert "/remove/" not in client.get(LIST).content.decode()
    values = {"email": "x@example.com", "full_name": "", "role": "admin"}
    assert client.post(NEW, values).status_code == 403
    assert client.post(f"{LIST}{other.membership.pk}/remove/").status_code == 403
    assert client.delete(f"{API}{other.membership.pk}/").status_code == 403
    assert {person.membership.email, other.membership.email} == emails(person)


def test_a_member_of_another_reseller_is_not_found(admin: Person) -> None:
    foreign = make_person(make_reseller(), Role.OPERATOR)
    for pk in (foreign.membership.pk, uuid4()):
        assert admin.client().post(f"{LIST}{pk}/remove/").status_code == 404
        assert admin.api().delete(f"{API}{pk}/").status_code == 404
    assert emails(foreign) == {foreign.membership.email}


def test_a_customer_administrator_sees_the_people_of_its_organization() -> None:
    reseller = make_reseller()
    own, other = make_organization(reseller), make_organization(reseller)
    admin = make_person(reseller, Role.CUSTOMER_ADMIN, organization_id=own.pk)
    make_person(reseller, Role.CUSTOMER_ADMIN, organization_id=other.pk)
    make_person(reseller, Role.ADMIN)
    assert emails(admin) == {admin.membership.email}
    assert admin.client().get(LIST).status_code == 200
    rows: list[Membership] = admin.api().get(API).json()["results"]
    assert len(rows) == 1
