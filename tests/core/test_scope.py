"""The scope at BEGIN: who is let in, where, and what happens when nobody is (DEC1)."""

import pytest
from django.db import IntegrityError, OperationalError, ProgrammingError, connection, transaction

from portal.core.access import acting
from portal.core.database.scope import current_scope
from portal.core.identity.models import Membership
from portal.core.jobs.models import Job
from portal.core.rows import ScopeMissing
from tests.database import administrator
from tests.environment import DATABASE
from tests.factories.core import Person, make_person, make_reseller

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people() -> tuple[Person, Person]:
    """Return an administrator of each of two resellers."""
    return make_person(make_reseller()), make_person(make_reseller())


def emails() -> list[str]:
    return sorted(Membership.objects.values_list("email", flat=True))


def test_a_transaction_sees_its_own_reseller_only(people: tuple[Person, Person]) -> None:
    for person in people:
        with acting(person.actor), transaction.atomic():
            assert emails() == [person.membership.email]


def test_a_query_without_a_scope_raises_and_never_answers_an_empty_list() -> None:
    with transaction.atomic(), pytest.raises(ScopeMissing):
        Membership.objects.count()


def test_a_statement_outside_a_transaction_is_refused(people: tuple[Person, Person]) -> None:
    with acting(people[0].actor), pytest.raises(ProgrammingError, match="permission denied"):
        emails()


def test_the_inner_scope_ends_with_its_block_also_inside_one_transaction(
    people: tuple[Person, Person],
) -> None:
    outer, inner = people
    with acting(outer.actor), transaction.atomic():
        with acting(inner.actor), transaction.atomic():
            assert emails() == [inner.membership.email]
        assert emails() == [outer.membership.email]


def test_the_scope_survives_a_savepoint_that_fails(people: tuple[Person, Person]) -> None:
    person = people[0]
    with acting(person.actor), transaction.atomic():
        with pytest.raises(IntegrityError), transaction.atomic():
            twin = Membership.objects.get()
            twin.pk = None
            twin.save(force_insert=True)
        assert emails() == [person.membership.email]


def test_an_error_leaves_no_scope_behind(people: tuple[Person, Person]) -> None:
    with (
        pytest.raises(ProgrammingError),
        acting(people[0].actor),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT no_such_column FROM core_membership")
    assert current_scope() is None
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_setting('app.reseller_id', true)")
        assert cursor.fetchone() in [("app_web", ""), ("app_web", None)]


def test_a_row_cannot_be_written_for_another_reseller(people: tuple[Person, Person]) -> None:
    mine, other = people
    with acting(mine.actor), transaction.atomic():
        row = Membership.objects.get()
        row.pk, row.reseller_id, row.email = None, other.actor.reseller_id, "planted@example.com"
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            row.save(force_insert=True)
    with acting(other.actor), transaction.atomic():
        assert emails() == [other.membership.email]


def test_a_connection_lost_before_a_transaction_is_opened_anew() -> None:
    """Found by a failpoint: a worker that lost its database once never came back to it."""
    person = make_person(make_reseller())
    with acting(person.actor):
        with transaction.atomic():
            assert Job.objects.count() == 0
        with administrator(DATABASE) as database, database.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(%s)", [connection.connection.get_backend_pid()]
            )
        with pytest.raises(OperationalError), transaction.atomic():
            Job.objects.count()
        with transaction.atomic():
            assert Job.objects.count() == 0
