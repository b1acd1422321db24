"""The pages of the integration test, and its files."""

import csv
import json

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from portal.core.access import Role, acting, system_actor
from portal.core.identity.models import Reseller
from tenants.integration.models import IntegrationTest
from tenants.integration.plan import PLAN, STEP_NAMES
from tests.factories.core import make_person, make_reseller
from tests.tenants.integration.accounts import Account, ask, run_through, steps, work


@pytest.fixture
def admin(reseller: Reseller) -> Client:
    return make_person(reseller, Role.ADMIN).client()


def page_of(test: IntegrationTest, name: str = "integration_test") -> str:
    return reverse(f"integration:{name}", args=[test.connection_id, test.pk])


def newest(test: IntegrationTest) -> str:
    return reverse("integration:integration", args=[test.connection_id])


def test_page_before_the_first_run_says_what_is_tested(
    account: Account, reseller: Reseller, admin: Client
) -> None:
    connection = account.connect(reseller)
    detail = admin.get(reverse("connections:connection_detail", args=[connection.pk]))
    address = reverse("integration:integration", args=[connection.pk])
    assert address in detail.content.decode()
    page = admin.get(address).content.decode()
    for planned in PLAN:
        assert planned.title.replace("'", "&#x27;") in page
    assert "Run the test" in page


def test_run_is_asked_for_followed_and_read(
    account: Account, reseller: Reseller, admin: Client
) -> None:
    connection = account.connect(reseller)
    address = reverse("integration:integration", args=[connection.pk])
    page = admin.post(address, follow=True).content.decode()
    test = the_only(reseller)
    progress = page_of(test, "integration_progress")
    assert f'data-poll="{progress}"' in page
    assert "Run again" not in page
    fragment = admin.get(progress).content.decode()
    assert f'data-poll="{progress}"' in fragment
    assert "<html" not in fragment
    work(test)
    fragment = admin.get(progress).content.decode()
    assert "data-poll=" not in fragment
    assert 'data-poll-finished="reload"' in fragment
    page = admin.get(address).content.decode()
    assert "data-poll" not in page
    assert "Run again" in page
    assert "5 passed, 3 skipped" in page
    assert "Sum of lines" in page


def the_only(reseller: Reseller) -> IntegrationTest:
    with acting(system_actor(reseller.pk, "tests")), transaction.atomic():
        found: IntegrationTest = IntegrationTest.objects.get()
    return found


def test_failed_step_shows_reason_advice_and_correlation_id(
    account: Account, reseller: Reseller, admin: Client
) -> None:
    test = run_through(account.connect(reseller, secret="a-wrong-one"))
    page = admin.get(newest(test)).content.decode()
    row = steps(test)["application"]
    assert "Signing in was refused." in page
    assert "Make a new one" in page
    assert row.correlation_id in page
    assert "1 failed, 7 skipped" in page
    assert "a-wrong-one" not in page


def test_asking_twice_leads_to_the_run_under_way(
    account: Account, reseller: Reseller, admin: Client
) -> None:
    test = ask(account.connect(reseller, name="Harbour"))
    page = admin.post(newest(test), follow=True).content.decode()
    assert "Harbour is being tested already" in page
    assert the_only(reseller).pk == test.pk


def test_earlier_runs_are_listed_and_can_be_opened(
    account: Account, reseller: Reseller, admin: Client
) -> None:
    connection = account.connect(reseller)
    account.fail({"path": "^/v1/invoices", "action": "html", "status": 502})
    first = run_through(connection)
    account.fail()
    second = run_through(connection)
    page = admin.get(newest(second)).content.decode()
    assert page_of(first) in page
    assert "502" not in page
    assert "status 502" in admin.get(page_of(first)).content.decode()


def test_sandbox_is_declared_on_the_form(
    account: Account, reseller: Reseller, admin: Client
) -> None:
    account.opens(customers=3, sandbox=True)
    connection = account.connect(reseller)
    address = reverse("integration:integration", args=[connection.pk])
    admin.post(address, {"is_sandbox": "on"})
    test = the_only(reseller)
    assert test.is_sandbox
    assert steps(work(test))["sandbox"].state == "passed"
    assert "as a sandbox" in admin.get(address).content.decode()


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.FINANCE, Role.AUDITOR])
def test_others_of_the_reseller_read_and_do_not_run(
    role: Role, account: Account, reseller: Reseller
) -> None:
    test = run_through(account.connect(reseller))
    client = make_person(reseller, role).client()
    page = client.get(newest(test))
    assert page.status_code == 200
    assert "Run again" not in page.content.decode()
    assert client.post(newest(test)).status_code == 403
    assert client.get(page_of(test, "integration_csv")).status_code == 200


def test_run_of_another_connection_or_reseller_does_not_exist(
    account: Account, reseller: Reseller, admin: Client
) -> None:
    connection = account.connect(reseller)
    test = ask(connection)
    other = account.connect(reseller, partner_tenant="11111111-2222-4333-8444-555555555555")
    names = (
        "integration_test",
        "integration_progress",
        "integration_csv",
        "integration_json",
    )
    for name in names:
        address = reverse(f"integration:{name}", args=[other.pk, test.pk])
        assert admin.get(address).status_code == 404
    stranger = make_person(make_reseller(), Role.ADMIN).client()
    for name in names:
        assert stranger.get(page_of(test, name)).status_code == 404
    assert stranger.get(newest(test)).status_code == 404
    assert stranger.post(newest(test)).status_code == 404


def test_csv_has_a_line_for_every_step(account: Account, reseller: Reseller, admin: Client) -> None:
    test = run_through(account.connect(reseller, name="=cmd"))
    answer = admin.get(page_of(test, "integration_csv"))
    assert "attachment" in answer["Content-Disposition"]
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    *rows, count = csv.DictReader(text.splitlines())
    assert [row["step"] for row in rows] == list(STEP_NAMES)
    assert rows[2]["seen"] == "Customers: 6; Pages: 1"
    assert {row["connection"] for row in rows} == {"'=cmd"}
    assert count["connection"] == "# 8 rows"


def test_json_is_what_the_api_answers(account: Account, reseller: Reseller, admin: Client) -> None:
    connection = account.connect(reseller)
    test = run_through(connection)
    answer = admin.get(page_of(test, "integration_json"))
    assert "attachment" in answer["Content-Disposition"]
    api = make_person(reseller, Role.AUDITOR).api()
    told = api.get(f"/api/v1/connections/{connection.pk}/integration-tests/{test.pk}/").json()
    assert json.loads(answer.content) == told


def test_hostile_text_is_shown_as_text(account: Account, reseller: Reseller, admin: Client) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    body = {"code": 900150, "description": hostile}
    account.fail({"path": "^/v1/customers", "action": "status", "status": 403, "body": body})
    test = run_through(account.connect(reseller, name=hostile))
    for address in (newest(test), page_of(test), page_of(test, "integration_progress")):
        assert "<img src=x" not in admin.get(address).content.decode()
