"""Two people who create organizations at the same time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connection, transaction

from organizations.directory.models import Organization
from organizations.directory.numbering import hold_counter, take_numbers
from organizations.directory.operations import create_organization
from organizations.directory.queries import organizations
from portal.core.access import Role, acting
from portal.core.errors import Conflict
from tests.factories.core import Person, make_person, make_reseller

CONTOSO: dict[str, Any] = {
    "name": "Contoso B.V.",
    "primary_domain": "contoso.nl",
    "notification_email": "it@contoso.nl",
    "contact_phone": "+31 20 123 4567",
}


@pytest.fixture
def operator() -> Person:
    return make_person(make_reseller(), Role.OPERATOR)


def at_once(*calls: Callable[[], object]) -> list[object]:
    """Run the calls in threads of their own; an error is its thread's outcome."""

    def run(call: Callable[[], object]) -> object:
        try:
            return call()
        except Conflict as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_twice_at_once_makes_one_organization(operator: Person) -> None:
    start = Barrier(2)

    def create() -> Organization:
        start.wait()
        with acting(operator.actor):
            return create_organization(actor=operator.actor, **CONTOSO)

    outcomes = at_once(create, create)
    (refused,) = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
    assert refused.code == "possible_duplicate"
    with acting(operator.actor), transaction.atomic():
        assert organizations(operator.actor).count() == 1


@pytest.mark.django_db(transaction=True)
def test_no_number_is_handed_out_twice(operator: Person) -> None:
    start = Barrier(4)

    def create(number: int) -> str:
        start.wait()
        with acting(operator.actor):
            values = CONTOSO | {"name": f"Company {number}", "primary_domain": f"c{number}.nl"}
            return create_organization(actor=operator.actor, **values).number

    numbers = at_once(*(lambda number=number: create(number) for number in range(4)))
    assert sorted(map(str, numbers)) == ["10001", "10002", "10003", "10004"]


@pytest.mark.django_db(transaction=True)
def test_who_waits_too_long_for_an_import_is_told(operator: Person) -> None:
    held, told = Event(), Event()

    def hold() -> None:
        with acting(operator.actor), transaction.atomic():
            hold_counter(operator.actor)
            held.set()
            told.wait(timeout=60)

    def create() -> None:
        held.wait(timeout=60)
        try:
            with acting(operator.actor), transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL lock_timeout = '50ms'")
                create_organization(actor=operator.actor, **CONTOSO)
        finally:
            told.set()

    _, refused = at_once(hold, create)
    assert isinstance(refused, Conflict)
    assert refused.code == "busy"


@pytest.mark.django_db
def test_a_long_row_of_own_numbers_is_passed_in_few_queries(
    operator: Person, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    with acting(operator.actor), transaction.atomic():
        Organization.objects.bulk_create(
            Organization(reseller_id=operator.actor.reseller_id, number=str(number), name="Taken")
            for number in range(10_001, 14_500)
        )
        with django_assert_max_num_queries(14):  # type: ignore[attr-defined]
            assert take_numbers(2, actor=operator.actor) == ["14500", "14501"]
