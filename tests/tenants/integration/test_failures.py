"""Each way Microsoft refuses ends in a step a reseller can read and act on, with an id to quote."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import requests
from django.db import transaction
from django.utils import timezone
from requests.adapters import BaseAdapter

from portal.core.access import Role, acting, system_actor
from portal.core.identity.models import Reseller
from portal.core.jobs.models import Job
from tenants.connections import clients
from tenants.connections.models import AccessToken, Connection
from tests.factories.core import make_person
from tests.tenants.consents import consent
from tests.tenants.integration.accounts import Account, run_through, states, steps

CUSTOMERS = "^/v1/customers"
REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    # What Partner Center does to the list of customers; the step's code; words of its advice.
    "html": ({"action": "html", "status": 200}, "gateway_page", "proxies"),
    "error in a 200": (
        {"action": "status", "status": 200, "body": {"code": 900123, "description": "Inactive."}},
        "paging_error",
        "correlation id",
    ),
    "retry after a day": ({"action": "throttle", "seconds": 86_400}, "throttled", "Run the test"),
    "no answer": ({"action": "drop"}, "connection_failed", "network"),
    "forbidden": (
        {"action": "status", "status": 403, "body": {"code": 900150, "description": "No role."}},
        "role_missing",
        "administrator",
    ),
    "not the partner's": (
        {"action": "status", "status": 401, "body": {"code": 900420, "description": "Retired."}},
        "wrong_audience",
        "cloud",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_customers_stop_what_needs_them_and_no_other(
    name: str, account: Account, reseller: Reseller
) -> None:
    rule, code, words = REFUSED[name]
    account.fail({"path": CUSTOMERS, **rule})
    test = run_through(account.connect(reseller))
    rows = steps(test)
    failed = rows["customers"]
    assert (failed.state, failed.code) == ("failed", code), failed.reason
    assert words in failed.advice
    assert "by itself" not in failed.advice
    assert failed.reason
    assert UUID(failed.correlation_id)
    assert (rows["subscriptions"].state, rows["sandbox"].state) == ("skipped", "skipped")
    assert "“Read the customers”, which failed" in rows["subscriptions"].reason
    # The invoices' own step was tried, whatever the customers said.
    assert rows["application"].state == "passed"
    assert "needs" not in rows["invoices"].reason
    assert test.job.state == Job.State.DONE
    assert test.failed >= 1


def test_day_to_wait_is_told_as_a_time_and_not_waited_for(
    account: Account, reseller: Reseller
) -> None:
    account.fail({"path": CUSTOMERS, "action": "throttle", "seconds": 86_400})
    begun = timezone.now()
    test = run_through(account.connect(reseller))
    row = steps(test)["customers"]
    wanted = (begun + timedelta(days=1)).astimezone(UTC)
    assert "wait for 1 day" in row.advice or "wait for 24 hours" in row.advice
    days = {(wanted + timedelta(minutes=shift)).strftime("%Y-%m-%d") for shift in (0, 5)}
    assert any(day in row.advice for day in days)
    assert test.completed_at is not None
    assert test.completed_at < datetime.now(UTC)


@pytest.mark.parametrize("action", ["repeated page", "duplicate_item", "endless"])
def test_list_that_repeats_itself_is_found(
    action: str, account: Account, reseller: Reseller
) -> None:
    account.opens(customers=12, customer_page_cap=4)
    first = list(account.simulator.site.world.collection("customers"))[:4]
    rule: dict[str, Any] = {"action": action}
    if action == "repeated page":
        rule = {"action": "status", "status": 200, "body": {"items": first}}
    account.fail({"path": f"{CUSTOMERS}.*seekOperation", **rule})
    row = steps(run_through(account.connect(reseller)))["customers"]
    assert (row.state, row.code) == ("failed", "paging_error")
    assert row.seen == []


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        ({"secret": "a-wrong-one"}, "secret_refused", "Make a new one"),
        (
            {"partner_tenant": "11111111-2222-4333-8444-555555555555"},
            "tenant_unknown",
            "tenant id",
        ),
        ({"client_id": "99999999-2222-4333-8444-555555555555"}, "app_unknown", "application id"),
    ],
    ids=["secret", "tenant", "application"],
)
def test_wrong_credentials_stop_everything_and_say_which_is_wrong(
    given: dict[str, str], code: str, words: str, account: Account, reseller: Reseller
) -> None:
    connection = account.connect(reseller, **given)
    test = run_through(connection)
    rows = steps(test)
    assert (rows["application"].state, rows["application"].code) == ("failed", code)
    assert words in rows["application"].advice
    assert "a-wrong-one" not in rows["application"].reason + rows["application"].advice
    assert UUID(rows["application"].correlation_id)
    others = {name: state for name, state in states(test).items() if name != "application"}
    assert set(others.values()) == {"skipped"}
    assert test.connection.state == Connection.State.FAILING


class _Broken(BaseAdapter):
    """A line whose certificate is not trusted."""

    def send(self, request: Any, *rest: Any, **options: Any) -> requests.Response:
        raise requests.exceptions.SSLError("certificate verify failed", request=request)

    def close(self) -> None:
        """Close nothing."""


def test_untrusted_certificate_is_told_as_one(
    account: Account, reseller: Reseller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def session() -> requests.Session:
        made = requests.Session()
        made.mount("https://", _Broken())
        return made

    monkeypatch.setattr(clients, "session_factory", session)
    row = steps(run_through(account.connect(reseller)))["application"]
    assert (row.state, row.code) == ("failed", "tls_failed")
    assert "certificate" in row.advice


def signed_in(account: Account, reseller: Reseller) -> Connection:
    connection = account.connect(reseller)
    admin = make_person(reseller, Role.ADMIN).actor
    with acting(admin):
        assert consent(account, connection, admin).outcome == "granted"
    return connection


def test_person_who_signed_in_is_named(account: Account, reseller: Reseller) -> None:
    row = steps(run_through(signed_in(account, reseller)))["person"]
    assert row.state == "passed", row.reason
    told = {fact["name"]: fact["value"] for fact in row.seen}
    assert "@" in told["Signed in as"]
    assert told["Multi-factor authentication"] == "used"


def test_token_without_mfa_fails_the_person_and_nothing_else(
    account: Account, reseller: Reseller
) -> None:
    connection = signed_in(account, reseller)
    account.fail({"path": "/profiles/", "action": "status", "status": 401})
    rows = steps(run_through(connection))
    assert (rows["person"].state, rows["person"].code) == ("failed", "mfa_required")
    assert "multi-factor" in rows["person"].advice
    assert UUID(rows["person"].correlation_id)
    assert rows["customers"].state == "passed"
    assert rows["totals"].state == "passed"


def test_revoked_consent_fails_the_person_and_says_how_to_sign_in_again(
    account: Account, reseller: Reseller
) -> None:
    connection = signed_in(account, reseller)
    with acting(system_actor(reseller.pk, "tests")), transaction.atomic():
        AccessToken.objects.update(good_until=timezone.now() - timedelta(seconds=1))
    account.simulator.revoke_refresh_tokens(code=50173)
    rows = steps(run_through(connection))
    assert (rows["person"].state, rows["person"].code) == ("failed", "sign_in_expired")
    assert "onnect" in rows["person"].advice or "ign in" in rows["person"].advice
    assert rows["customers"].state == "passed"
    # The next night nobody is asked again: the sign-in is known to be lost.
    again = steps(run_through(connection))["person"]
    assert (again.state, again.code) == ("failed", "consent_lost")
    assert f"/connections/{connection.pk}/consent/" in again.reason
