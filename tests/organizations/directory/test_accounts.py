"""Accounts: one is the primary, always exactly one."""

from collections.abc import Iterator

import pytest
from django.db import transaction

from organizations.directory.accounts import change_account, create_account
from organizations.directory.details import AccountDetails
from organizations.directory.models import Account, Organization
from organizations.directory.queries import accounts_of
from portal.core.access import Role, acting
from portal.core.audit.models import AuditEvent
from portal.core.errors import InvalidInput, NotFound
from tests.factories.core import Person, make_person, make_reseller
from tests.factories.organizations import make_organization

pytestmark = pytest.mark.django_db
SECOND = AccountDetails(name="Contoso Belgium", currency="EUR", country="BE")


@pytest.fixture
def operator() -> Iterator[Person]:
    person = make_person(make_reseller(), Role.OPERATOR)
    with acting(person.actor), transaction.atomic():
        yield person


@pytest.fixture
def organization(operator: Person) -> Organization:
    return make_organization(operator.membership.reseller)


def primary(organization: Organization, person: Person) -> list[str]:
    rows = accounts_of(organization, person.actor).filter(is_primary=True)
    return list(rows.values_list("name", flat=True))


def test_a_second_account_leaves_the_primary_one(
    operator: Person, organization: Organization
) -> None:
    row = create_account(organization, actor=operator.actor, details=SECOND)
    assert not row.is_primary
    assert primary(organization, operator) == [organization.name]
    event = AuditEvent.objects.visible_to(operator.actor).get(
        action="organizations.account_created"
    )
    assert event.organization_id == organization.pk


def test_making_an_account_primary_takes_that_from_the_other(
    operator: Person, organization: Organization
) -> None:
    row = create_account(organization, actor=operator.actor, details=SECOND)
    change_account(row, actor=operator.actor, changes={"is_primary": True})
    assert primary(organization, operator) == ["Contoso Belgium"]
    third = AccountDetails(name="Third", currency="USD")
    create_account(organization, actor=operator.actor, details=third, make_primary=True)
    assert primary(organization, operator) == ["Third"]


def test_an_organization_keeps_a_primary_account(
    operator: Person, organization: Organization
) -> None:
    account = accounts_of(organization, operator.actor).get()
    with pytest.raises(InvalidInput) as caught:
        change_account(account, actor=operator.actor, changes={"is_primary": False})
    assert list(caught.value.fields) == ["is_primary"]


def test_a_change_says_what_was_before(operator: Person, organization: Organization) -> None:
    account = accounts_of(organization, operator.actor).get()
    change_account(
        account, actor=operator.actor, changes={"city": "Utrecht", "phone": "0301234567"}
    )
    event = AuditEvent.objects.visible_to(operator.actor).get(
        action="organizations.account_changed"
    )
    assert event.after == {"city": "Utrecht", "phone": "+31 30 123 4567"}
    assert event.before == {"city": "", "phone": "+31 20 123 4567"}


@pytest.mark.parametrize(
    ("values", "field"),
    [({"currency": "euro"}, "currency"), ({"name": ""}, "name"), ({"email": "x"}, "email")],
)
def test_a_wrong_field_is_named(
    operator: Person, organization: Organization, values: dict[str, str], field: str
) -> None:
    account = accounts_of(organization, operator.actor).get()
    with pytest.raises(InvalidInput) as caught:
        change_account(account, actor=operator.actor, changes=values)
    assert list(caught.value.fields) == [field]


def test_an_account_of_another_reseller_is_not_found(operator: Person) -> None:
    foreign = make_organization(make_reseller())
    with pytest.raises(NotFound):
        create_account(foreign, actor=operator.actor, details=SECOND)
    with pytest.raises(NotFound):
        change_account(
            Account(organization=foreign), actor=operator.actor, changes={"city": "Utrecht"}
        )
