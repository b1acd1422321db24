"""Health of the API's families: what a call says of which, and how often that is written."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from partnercenter import errors
from partnercenter.transport import SIGN_IN
from portal.core.access import Actor, acting, system_actor
from portal.core.database.scope import scope
from portal.core.identity.models import Reseller
from tenants.connections import health
from tenants.connections.health import CallNotes, family_of, state_after
from tenants.connections.models import Connection
from tests.factories.tenants import make_connection
from tests.tenants.consents import families

PATHS = {
    SIGN_IN: "sign_in",
    "/v1/customers": "customers",
    "/v1/customers/x/profiles/billing": "profiles",
    "/v1/customers/x/subscriptions/y": "subscriptions",
    "/v1/customers/x/orders/y": "orders",
    "/v1/customers/x/carts/y/checkout": "orders",
    "/v1/products/x/skus/y/availabilities": "catalogue",
    "/v1/invoices/G1/lineitems/OneTime/BillingLineItems": "invoices",
    "/v1/auditrecords": "audit",
    "/webhooks/v1/registration": "webhooks",
    "/v1.0/reports/partners/billing/usage/unbilled/export": "billing_export",
    "/v1/servicerequests": None,
    "/nothing/known": None,
}


@pytest.mark.parametrize("number", range(len(PATHS)))
def test_family_of_a_call(number: int) -> None:
    path, family = list(PATHS.items())[number]
    assert family_of(path) == family


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (None, "green"),
        (errors.CustomerNotFound("x"), "green"),
        (errors.Conflict("x"), "green"),
        (errors.NoResellerRelationship("x"), "green"),
        (errors.Throttled("x"), "amber"),
        (errors.ServiceFailed("x"), "amber"),
        (errors.ConnectionTimedOut("x"), "amber"),
        (errors.MalformedAnswer("x"), "amber"),
        (errors.RoleMissing("x"), "red"),
        (errors.SecretRefused("x"), "red"),
        (errors.MfaRequired("x"), "red"),
    ],
)
def test_state_after_a_call(error: errors.PartnerCenterError | None, state: str) -> None:
    assert state_after(error) == state


@pytest.fixture
def actor(reseller: Reseller) -> Iterator[Actor]:
    system = system_actor(reseller.pk, "tests")
    with acting(system):
        yield system


@pytest.fixture
def connection(reseller: Reseller, actor: Actor) -> Connection:
    return make_connection(reseller)


def notes_of(connection: Connection) -> CallNotes:
    return CallNotes(reseller_id=connection.reseller_id, connection_id=connection.pk, app_only=True)


def writes(notes: CallNotes, *calls: errors.PartnerCenterError | None) -> int:
    """Tell calls of one family; return how many rows were written."""
    with CaptureQueriesContext(database) as queries:
        for error in calls:
            notes("/v1/customers", error)
    return sum("tenants_familyhealth" in query["sql"] for query in queries.captured_queries)


def test_a_row_is_written_when_something_changed_and_else_once_a_minute(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes, refused = notes_of(connection), errors.RoleMissing("Refused.", correlation_id="c-1")
    assert writes(notes, *[None] * 100) == 2  # the family, and signing in
    assert writes(notes, refused, refused, refused) == 1
    row = families(connection)["customers"]
    assert (row.state, row.code, row.correlation_id) == ("red", "role_missing", "c-1")
    assert "c-1" in row.reason
    assert row.last_success_at is not None
    assert writes(notes, None, None) == 1
    row = families(connection)["customers"]
    assert (row.state, row.code, row.reason) == ("green", "", "")
    assert row.last_failure_at is not None
    monkeypatch.setattr(health, "WRITE_SECONDS", 0.0)
    assert writes(notes, None) == 2


def test_nothing_is_written_without_a_scope_or_while_read_only(
    connection: Connection, settings: Any
) -> None:
    notes = notes_of(connection)
    with scope(None):
        assert writes(notes, None) == 0
    settings.READ_ONLY = True
    assert writes(notes, None) == 0
    settings.READ_ONLY = False
    assert writes(notes, None) == 2


def test_failed_sign_in_is_the_sign_ins_and_not_the_familys(connection: Connection) -> None:
    notes_of(connection)(SIGN_IN, errors.SecretRefused("Refused.", code="AADSTS7000215"))
    rows = families(connection)
    assert {name: row.state for name, row in rows.items()} == {"sign_in": "red"}
