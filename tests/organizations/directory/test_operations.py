"""Creating and changing organizations through the operations every interface uses."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from organizations.directory.details import AccountDetails
from organizations.directory.models import Account, Numbering, Organization
from organizations.directory.operations import change_organization, create_organization
from organizations.directory.queries import accounts_of, organizations
from portal.core.access import Role, acting
from portal.core.audit.models import AuditEvent
from portal.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from tests.factories.core import Person, make_person, make_reseller
from tests.factories.organizations import make_organization

pytestmark = pytest.mark.django_db
CONTOSO = {
    "name": "Contoso B.V.",
    "primary_domain": "https://www.contoso.nl/about",
    "registration_number": "NL 12345678",
    "country": "NL",
    "notification_email": "it@contoso.nl",
    "contact_phone": "020 123 4567",
}


@pytest.fixture
def operator() -> Iterator[Person]:
    person = make_person(make_reseller(), Role.OPERATOR)
    with acting(person.actor), transaction.atomic():
        yield person


def create(person: Person, **changes: Any) -> Organization:
    return create_organization(actor=person.actor, **(CONTOSO | changes))


def test_an_organization_is_created_with_its_primary_account_and_in_the_audit(
    operator: Person,
) -> None:
    row = create(operator)
    assert (row.number, row.primary_domain) == ("10001", "contoso.nl")
    assert row.contact_phone == "+31 20 123 4567"
    assert row.missing_fields == ()
    account = accounts_of(row, operator.actor).get()
    assert account.is_primary
    assert (account.name, account.email, account.currency) == (
        "Contoso B.V.",
        "it@contoso.nl",
        "EUR",
    )
    event = AuditEvent.objects.visible_to(operator.actor).get(
        action="organizations.organization_created"
    )
    assert event.organization_id == row.pk
    assert event.after["primary_domain"] == "contoso.nl"


def test_what_the_account_says_wins_over_the_organization(operator: Person) -> None:
    row = create(operator, account=AccountDetails(currency="usd", city="Utrecht"))
    account = accounts_of(row, operator.actor).get()
    assert (account.currency, account.city, account.email) == ("USD", "Utrecht", "it@contoso.nl")


def test_every_wrong_field_is_named_at_once(operator: Person) -> None:
    with pytest.raises(InvalidInput) as caught:
        create(operator, name=" ", primary_domain="contoso", contact_phone="1")
    assert set(caught.value.fields) == {"name", "primary_domain", "contact_phone"}
    assert not organizations(operator.actor).exists()


@pytest.mark.parametrize("name", ["name", "primary_domain", "notification_email", "contact_phone"])
def test_a_field_the_form_asks_for_is_required(operator: Person, name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        create(operator, **{name: ""})
    assert caught.value.fields == {name: ["This field is required."]}


def test_registration_number_and_country_are_optional(operator: Person) -> None:
    row = create(operator, registration_number="", country="", contact_phone="+31201234567")
    assert row.pk


def test_numbers_go_on_around_those_the_reseller_chose(operator: Person) -> None:
    create(operator, number="10002")
    numbers = [create(operator, create_anyway=True).number for _ in range(3)]
    assert numbers == ["10001", "10003", "10004"]


def test_a_number_belongs_to_one_organization(operator: Person) -> None:
    create(operator, number="A-7")
    with pytest.raises(Conflict) as caught:
        create(operator, number="A-7", create_anyway=True)
    assert caught.value.code == "number_taken"
    assert "number" in caught.value.fields


def test_another_reseller_may_have_the_same_number_and_domain(operator: Person) -> None:
    create(operator, number="A-7")
    other = make_person(make_reseller(), Role.OPERATOR)
    with acting(other.actor):
        assert create(other, number="A-7").number == "A-7"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"name": "Else", "registration_number": ""}, "same primary domain"),
        (
            {"name": "CONTOSO b.v.", "primary_domain": "else.nl", "registration_number": ""},
            "same name",
        ),
        (
            {"name": "Else", "primary_domain": "else.nl", "registration_number": "nl-12.345.678"},
            "same registration number",
        ),
    ],
)
def test_an_organization_like_another_is_refused_until_it_is_meant(
    operator: Person, changes: dict[str, str], reason: str
) -> None:
    first = create(operator)
    with pytest.raises(Conflict) as caught:
        create(operator, **changes)
    assert caught.value.code == "possible_duplicate"
    (found,) = caught.value.data["duplicates"]
    assert (found["id"], found["reason"]) == (str(first.pk), reason)
    assert create(operator, **changes, create_anyway=True).pk != first.pk


def test_empty_registration_numbers_resemble_nothing(operator: Person) -> None:
    create(operator, registration_number="")
    create(operator, name="Else", primary_domain="else.nl", registration_number=" - ")
    assert organizations(operator.actor).count() == 2


def test_a_change_is_written_with_what_was_before(operator: Person) -> None:
    row = create(operator)
    changed = change_organization(
        row, actor=operator.actor, changes={"name": "Contoso Group", "country": "Belgium"}
    )
    assert (changed.name, changed.country) == ("Contoso Group", "BE")
    event = AuditEvent.objects.visible_to(operator.actor).get(
        action="organizations.organization_changed"
    )
    assert event.before == {"name": "Contoso B.V.", "country": "NL"}
    assert event.after == {"name": "Contoso Group", "country": "BE"}


def test_a_change_that_changes_nothing_writes_nothing(operator: Person) -> None:
    row = create(operator)
    events = AuditEvent.objects.visible_to(operator.actor).count()
    change_organization(row, actor=operator.actor, changes={"name": " Contoso  B.V. "})
    assert AuditEvent.objects.visible_to(operator.actor).count() == events


def test_a_required_field_cannot_be_emptied(operator: Person) -> None:
    row = create(operator)
    with pytest.raises(InvalidInput) as caught:
        change_organization(row, actor=operator.actor, changes={"notification_email": ""})
    assert list(caught.value.fields) == ["notification_email"]


def test_an_incomplete_organization_can_be_mended_field_by_field(operator: Person) -> None:
    row = make_organization(operator.membership.reseller, primary_domain="", contact_phone="")
    assert row.missing_fields == ("primary_domain", "contact_phone")
    changed = change_organization(
        row, actor=operator.actor, changes={"primary_domain": "contoso.nl"}
    )
    assert changed.missing_fields == ("contact_phone",)


def test_only_a_sub_reseller_has_customers(operator: Person) -> None:
    customer = create(operator)
    with pytest.raises(InvalidInput) as caught:
        create(operator, name="Child", parent=customer, create_anyway=True)
    assert list(caught.value.fields) == ["parent"]


def test_a_tree_has_no_loop_and_loses_no_branch(operator: Person) -> None:
    above = create(operator, kind="sub_reseller")
    below = create(operator, name="Below", kind="sub_reseller", parent=above, create_anyway=True)
    with pytest.raises(InvalidInput) as loop:
        change_organization(above, actor=operator.actor, changes={"parent": below})
    assert list(loop.value.fields) == ["parent"]
    with pytest.raises(InvalidInput) as orphans:
        change_organization(above, actor=operator.actor, changes={"kind": "customer"})
    assert list(orphans.value.fields) == ["kind"]


def test_an_organization_of_another_reseller_is_not_found(operator: Person) -> None:
    foreign = make_organization(make_reseller(), kind="sub_reseller")
    with pytest.raises(NotFound):
        change_organization(foreign, actor=operator.actor, changes={"name": "Mine"})
    with pytest.raises(NotFound):
        create(operator, parent=foreign)
    with pytest.raises(NotFound):
        create(operator, parent=Organization(pk=uuid4()))


@pytest.mark.parametrize("role", [Role.FINANCE, Role.AUDITOR])
def test_who_may_only_read_creates_and_changes_nothing(role: Role) -> None:
    reseller = make_reseller()
    person = make_person(reseller, role)
    row = make_organization(reseller)
    with acting(person.actor), transaction.atomic():
        with pytest.raises(NotAllowed):
            create(person)
        with pytest.raises(NotAllowed):
            change_organization(row, actor=person.actor, changes={"name": "Mine"})


def test_a_refused_organization_takes_no_number(operator: Person) -> None:
    create(operator)
    with pytest.raises(Conflict):
        create(operator)
    assert Numbering.objects.get(reseller_id=operator.actor.reseller_id).next_number == 10_002
    assert Account.objects.visible_to(operator.actor).count() == 1
