"""The audit trail: written with the change, chained, and never changed (DEC10)."""

import threading

import psycopg2
import pytest
from django.db import ProgrammingError, close_old_connections, connection, transaction

from portal.core import audit
from portal.core.access import Role, acting
from portal.core.audit.models import AuditEvent
from portal.core.audit.operations import first_broken_event
from portal.core.audit.queries import events, sentence
from portal.core.errors import NotAllowed
from tests.database import administrator
from tests.environment import DATABASE
from tests.factories.core import Person, make_person, make_reseller

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def admin() -> Person:
    return make_person(make_reseller(), name="Ada Admin")


def record(person: Person, text: str = "x") -> None:
    with acting(person.actor), transaction.atomic():
        audit.record(person.actor, "core.member_added", person.membership, after={"note": text})


def test_an_event_says_who_what_and_when(admin: Person) -> None:
    record(admin, "hello")
    with acting(admin.actor), transaction.atomic():
        event = events(admin.actor)[0]
    assert event.actor_label == "Ada Admin"
    assert event.after == {"note": "hello"}
    assert sentence(event) == f"gave {admin.membership} a role"
    assert event.correlation_id


def test_a_change_without_a_transaction_cannot_be_recorded(admin: Person) -> None:
    with acting(admin.actor), pytest.raises(transaction.TransactionManagementError):
        audit.record(admin.actor, "core.member_added", admin.membership)


def test_an_unlisted_action_is_refused(admin: Person) -> None:
    with acting(admin.actor), transaction.atomic(), pytest.raises(LookupError):
        audit.record(admin.actor, "core.no_such_action", admin.membership)


def test_only_those_with_the_right_read_it() -> None:
    operator = make_person(make_reseller(), Role.OPERATOR)
    with acting(operator.actor), transaction.atomic(), pytest.raises(NotAllowed):
        events(operator.actor)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core_auditevent SET reason = 'altered'",
        "DELETE FROM core_auditevent",
        "TRUNCATE core_auditevent",
    ],
)
def test_l12_the_runtime_role_cannot_change_it(admin: Person, statement: str) -> None:
    record(admin)
    with acting(admin.actor), transaction.atomic():
        before = AuditEvent.objects.count()
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
        assert AuditEvent.objects.count() == before


@pytest.mark.parametrize(
    "statement", ["UPDATE core_auditevent SET reason = 'x'", "DELETE FROM core_auditevent"]
)
def test_a_trigger_stops_even_the_databases_administrator(admin: Person, statement: str) -> None:
    record(admin)
    with (
        administrator(DATABASE) as database,
        database.cursor() as cursor,
        pytest.raises(psycopg2.errors.RaiseException, match="final"),
    ):
        cursor.execute(statement)


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE core_auditevent SET actor_label = 'Somebody' WHERE sequence = 3",
        "DELETE FROM core_auditevent WHERE sequence = 3",
        "UPDATE core_auditevent SET sequence = 100 - sequence WHERE sequence IN (3, 4)",
    ],
)
def test_tampering_past_the_triggers_shows_in_the_chain(admin: Person, tampering: str) -> None:
    for number in range(6):
        record(admin, str(number))
    with acting(admin.actor), transaction.atomic():
        assert first_broken_event(admin.actor) is None
    with administrator(DATABASE) as database, database.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(tampering)
    with acting(admin.actor), transaction.atomic():
        assert first_broken_event(admin.actor) is not None


def test_parallel_writers_make_one_unbroken_chain(admin: Person) -> None:
    def write() -> None:
        for number in range(5):
            record(admin, str(number))
        close_old_connections()
        connection.close()

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with acting(admin.actor), transaction.atomic():
        assert AuditEvent.objects.filter(action="core.member_added").count() == 1 + 30
        assert first_broken_event(admin.actor) is None
