"""I12: what PostgreSQL refuses becomes a clear answer, on a page and in the API, and never a 500.

Wherever it can be, the refusal is a real one; elsewhere PostgreSQL is told to raise the code.
"""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import reverse
from psycopg2 import sql

from portal.core import audit
from portal.core.access import Role
from tests.database import administrator
from tests.environment import DATABASE
from tests.factories.core import make_person
from tests.factories.tenants import make_tenant
from tests.operating.conftest import Figure
from tests.operating.tools import at, one
from tests.organizations.linking.scene import Scene, make_scene

pytestmark = pytest.mark.django_db(transaction=True)

CANARY = "SECRET-CANARY-in-a-message"
RAISE = "DO $$ BEGIN RAISE EXCEPTION '{}' USING ERRCODE = '{}'; END $$"
CODES = {
    "40001": (409, "collision"),
    "40P01": (409, "collision"),
    "23505": (409, "conflict"),
    "23503": (409, "conflict"),
    "23P01": (409, "conflict"),
    "55P03": (503, "busy"),
    "57014": (503, "busy"),
    "53300": (503, "busy"),
    "53200": (503, "busy"),
    "57P01": (503, "database_away"),
    "25006": (503, "database_away"),
    "08006": (503, "database_away"),
}
MISTAKES = ("23502", "23514", "42601", "42501", "22012")
"""Not null, check, syntax, rights, division by zero: no answer makes a mistake of ours right."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to ask for the same link: the page's form, or the API."""

    name: str
    client: Client
    scene: Scene

    def link(self) -> Any:
        tenant = make_tenant(self.scene.connection)
        return self.link_to(tenant)

    def link_to(self, tenant: Any) -> Any:
        body = {"organization": str(self.scene.organization.pk)}
        if self.name == "api":
            address = reverse("api:tenants-link", args=[tenant.pk])
            return self.client.post(address, body, content_type="application/json")
        return self.client.post(reverse("linking:tenant_link", args=[tenant.pk]), body)


@pytest.fixture(params=["api", "page"])
def way(request: pytest.FixtureRequest) -> Way:
    scene = make_scene()
    person = make_person(scene.reseller, Role.OPERATOR)
    client = person.api() if request.param == "api" else person.client()
    client.raise_request_exception = False
    return Way(request.param, client, scene)


def assert_clear(answer: Any, status: int, code: str) -> None:
    """Assert one of the answers of I12, with the id by which the log can be searched."""
    text = answer.content.decode()
    assert answer.status_code == status, text[:300]
    assert CANARY not in text
    if answer.headers["Content-Type"].startswith("application/json"):
        body = answer.json()
        assert (body["code"], body["fields"]) == (code, {})
        assert body["request_id"] and body["detail"].endswith(".")
    else:
        assert "data-problem" in text and "Correlation id: <code>" in text
    assert ("Retry-After" in answer.headers) == (code != "conflict")


def executing(statement: str) -> Callable[..., None]:
    def record(*_: Any, **__: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    return record


def links() -> int:
    with at(DATABASE) as cursor:
        return int(one(cursor, "SELECT count(*) FROM organizations_link"))


def test_i12_every_refusal_of_a_write_is_answered(
    way: Way, monkeypatch: pytest.MonkeyPatch, figure: Figure
) -> None:
    for sqlstate, (status, code) in CODES.items():
        monkeypatch.setattr(audit, "record", executing(RAISE.format(CANARY, sqlstate)))
        assert_clear(way.link(), status, code)
    assert links() == 0
    monkeypatch.undo()
    assert way.link().status_code in (200, 302)
    figure(f"I12: {len(CODES)} of {len(CODES)} refusals are a 409 or 503 ({way.name}), 0 a 500")


@pytest.mark.parametrize("sqlstate", MISTAKES)
def test_i12_a_mistake_of_ours_stays_one(
    way: Way, monkeypatch: pytest.MonkeyPatch, sqlstate: str
) -> None:
    monkeypatch.setattr(audit, "record", executing(RAISE.format(CANARY, sqlstate)))
    answer = way.link()
    assert answer.status_code == 500
    assert CANARY not in answer.content.decode()


def test_i12_a_row_somebody_holds_too_long_is_given_up(way: Way) -> None:
    """The portal's own limit: a lock is waited for three seconds (DEC17)."""
    tenant = make_tenant(way.scene.connection)
    with holding("SELECT FROM tenants_tenant WHERE id = %s FOR UPDATE", [tenant.pk]):
        assert_clear(way.link_to(tenant), 503, "busy")
    assert way.link_to(tenant).status_code in (200, 302)


@contextmanager
def holding(statement: str, values: Any = None) -> Iterator[Any]:
    with administrator(DATABASE) as holder:
        holder.autocommit = False
        with holder.cursor() as cursor:
            cursor.execute(statement, values)
            yield cursor
        holder.rollback()


def test_i12_a_deadlock_ends_one_of_the_two_and_says_so(way: Way) -> None:
    """The request holds the tenant and waits for the head of the audit; the other the reverse."""
    assert way.link().status_code in (200, 302)
    tenant = make_tenant(way.scene.connection)
    begun = threading.Event()

    def link() -> Any:
        begun.set()
        try:
            return way.link_to(tenant)
        finally:
            connection.close()

    with (
        ThreadPoolExecutor(1) as pool,
        holding("SET deadlock_timeout = '1min'; SELECT FROM core_audithead FOR UPDATE") as other,
    ):
        answer = pool.submit(link)
        begun.wait(10)
        with at(DATABASE) as watcher:
            waited_until(watcher, "app_web")
        other.execute("SELECT FROM tenants_tenant WHERE id = %s FOR UPDATE", [tenant.pk])
        assert_clear(answer.result(30), 409, "collision")
    assert links() == 1
    assert way.link_to(tenant).status_code in (200, 302)


def waited_until(cursor: Any, login: str) -> None:
    """Return when a connection of this login waits for a lock in the test's database."""
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE usename = %s AND wait_event_type = 'Lock'"
        " AND datname = current_database()"
    )
    deadline = time.monotonic() + 20
    while not one(cursor, waiting, [login]):
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("statement", "status", "code"),
    [
        ("SET LOCAL statement_timeout = 50; SELECT pg_sleep(5)", 503, "busy"),
        ("INSERT INTO organizations_account SELECT * FROM organizations_account", 409, "conflict"),
        # Deferred: it is found out when the transaction commits, after the view has answered.
        ("UPDATE organizations_link SET tenant_id = gen_random_uuid()", 409, "conflict"),
    ],
)
def test_i12_what_really_fails_is_answered(
    way: Way, monkeypatch: pytest.MonkeyPatch, statement: str, status: int, code: str
) -> None:
    monkeypatch.setattr(audit, "record", executing(statement))
    assert_clear(way.link(), status, code)
    assert links() == 0


def test_i12_a_connection_cut_in_the_middle_is_answered(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: Any, **__: Any) -> None:
        with connection.cursor() as own, at(DATABASE) as admin:
            own.execute("SELECT pg_backend_pid()")
            admin.execute("SELECT pg_terminate_backend(%s, 5000)", own.fetchone())
            own.execute("SELECT 1")

    monkeypatch.setattr(audit, "record", cut)
    assert_clear(way.link(), 503, "database_away")
    monkeypatch.undo()
    assert way.link().status_code in (200, 302)
    assert links() == 1


def test_i12_without_a_connection_left_every_address_is_answered(way: Way) -> None:
    """The first to need one is a middleware: whoever calls is looked up before any view."""
    tenant = make_tenant(way.scene.connection)
    limit = sql.SQL("ALTER DATABASE {} CONNECTION LIMIT {}")
    name = sql.Identifier(DATABASE)
    with at("postgres") as admin:
        admin.execute(limit.format(name, sql.Literal(0)))
        try:
            connection.close()
            answer = way.link_to(tenant)
            connection.close()
        finally:
            admin.execute(limit.format(name, sql.Literal(-1)))
    assert_clear(answer, 503, "database_away")
    assert way.link_to(tenant).status_code in (200, 302)


def test_i12_what_fails_outside_the_database_is_no_refusal_of_it(way: Way) -> None:
    def fail(_request: HttpRequest) -> HttpResponse:
        raise OSError(CANARY)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audit, "record", fail)
        assert way.link().status_code == 500
