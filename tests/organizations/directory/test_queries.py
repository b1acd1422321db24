"""Finding organizations: the combobox, the search, and what resembles what."""

from collections.abc import Iterator

import pytest
from django.db import ProgrammingError, connection, transaction

from organizations.directory.queries import (
    matching,
    organization_options,
    organizations,
    similar_organizations,
)
from portal.core.access import Role, acting
from portal.core.identity.models import Reseller
from tests.factories.core import Person, make_person, make_reseller
from tests.factories.organizations import make_organization

pytestmark = pytest.mark.django_db
NAMES = (
    "Contoso",
    "Contoso Pharmaceuticals",
    "Royal Contoso Group",
    "Fabrikam 100% Café_Ltd",
    "Northwind Traders",
    "Norse Shipping",
)


@pytest.fixture
def reseller() -> Reseller:
    reseller, other = make_reseller(), make_reseller()
    for count, name in enumerate(NAMES):
        make_organization(reseller, name=name, number=f"N{count}", primary_domain=f"d{count}.com")
    for name in NAMES:
        make_organization(other, name=f"{name} of somebody else")
    return reseller


@pytest.fixture
def staff(reseller: Reseller) -> Iterator[Person]:
    person = make_person(reseller, Role.OPERATOR)
    with acting(person.actor), transaction.atomic():
        yield person


def labels(person: Person, term: str, limit: int = 20) -> list[str]:
    return [option.label for option in organization_options(person.actor, term, limit)]


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("contoso", ["Contoso", "Contoso Pharmaceuticals", "Royal Contoso Group"]),
        ("  ROYAL   contoso ", ["Royal Contoso Group"]),
        ("no", ["Norse Shipping", "Northwind Traders"]),
        ("n4", []),  # one or two letters are the beginning of a name
        ("d4.com", ["Northwind Traders"]),
        ("100%", ["Fabrikam 100% Café_Ltd"]),
        ("café_l", ["Fabrikam 100% Café_Ltd"]),
        ("cafe\u0301", ["Fabrikam 100% Café_Ltd"]),
        ("%%%", []),
        ("___", []),
        ("\\\\\\", []),
        ("xyzzy", []),
        ("o'; DROP TABLE x --", []),
    ],
)
def test_options_fit_what_was_typed_best_first(
    staff: Person, term: str, expected: list[str]
) -> None:
    assert labels(staff, term) == expected


def test_nothing_typed_offers_the_first_by_name(staff: Person) -> None:
    assert labels(staff, "", limit=2) == ["Contoso", "Contoso Pharmaceuticals"]


def test_an_exact_number_comes_first(staff: Person, reseller: Reseller) -> None:
    make_organization(reseller, name="N4001 Machines", number="Z1")
    make_organization(reseller, name="Zenith", number="N4001")
    assert labels(staff, "N4001")[0] == "Zenith"


def test_a_typing_error_is_met_with_a_guess(staff: Person) -> None:
    (option,) = organization_options(staff.actor, "nothwind traders")
    assert (option.label, option.is_guess) == ("Northwind Traders", True)
    assert option.detail.startswith("Did you mean this?")


def test_a_customer_is_offered_only_its_own_organization(reseller: Reseller) -> None:
    own = make_organization(reseller, name="Contoso of its own")
    person = make_person(reseller, Role.CUSTOMER_ADMIN, organization_id=own.pk)
    with acting(person.actor), transaction.atomic():
        assert labels(person, "") == ["Contoso of its own"]
        assert labels(person, "contoso") == ["Contoso of its own"]
        assert labels(person, "Royal") == []


@pytest.mark.parametrize(
    "function", ["organizations_matching('contoso')", "organizations_closest('contoso', 20)"]
)
def test_the_search_functions_serve_staff_only(reseller: Reseller, function: str) -> None:
    own = make_organization(reseller, name="Contoso of its own")
    person = make_person(reseller, Role.CUSTOMER_ADMIN, organization_id=own.pk)
    with (
        acting(person.actor),
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"SELECT * FROM {function}")


def test_the_search_functions_find_nothing_without_a_reseller(staff: Person) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.reseller_id', '', true)")
        cursor.execute("SELECT organizations_matching('contoso')")
        assert cursor.fetchall() == []
        cursor.execute("SELECT organizations_closest('contoso', 20)")
        assert cursor.fetchall() == []


@pytest.mark.parametrize(
    ("term", "count"), [("contoso", 3), ("co", 2), ("100%", 1), ("%", 0), ("N1", 0), ("", 6)]
)
def test_a_search_keeps_what_contains_the_term(staff: Person, term: str, count: int) -> None:
    assert matching(organizations(staff.actor), term, actor=staff.actor).count() == count


def test_similar_organizations_leave_out_the_one_that_is_changed(staff: Person) -> None:
    (found,) = similar_organizations(staff.actor, name="contoso")
    assert found.reason == "same name"
    assert similar_organizations(staff.actor, name="contoso", exclude=found.organization.pk) == []
    assert similar_organizations(staff.actor) == []
