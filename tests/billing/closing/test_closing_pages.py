"""Closing as pages and API: the same operation, the same words."""

from typing import Any

import pytest

from tests.billing.closing.conftest import Ledger
from tests.billing.ownership import link
from tests.factories.core import Person

pytestmark = pytest.mark.django_db
REPORT = "/reports/2026-08/"
API = "/api/v1/reports/2026-08/"


def post(person: Person, verb: str, **data: Any) -> Any:
    return person.api().post(f"{API}{verb}/", data, content_type="application/json")


def test_the_report_offers_to_close_and_shows_the_closing(ledger: Ledger, admin: Person) -> None:
    link(ledger.tenant, ledger.bakery, admin)
    browser = admin.client()
    assert f"{REPORT}close/" in browser.get(REPORT).content.decode()
    answer = browser.post(f"{REPORT}close/", follow=True)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "August 2026 is closed." in text
    assert f"{REPORT}reopen/" in text and f"{REPORT}close/" not in text
    answer = browser.post(f"{REPORT}reopen/", {"reason": "A late credit"}, follow=True)
    text = answer.content.decode()
    assert "August 2026 is open again." in text
    assert "A late credit" in text and "Reopened" in text


def test_what_stands_in_the_way_is_listed(ledger: Ledger, admin: Person) -> None:
    page = admin.client().get("/reports/2026-10/close/")
    assert "Close August 2026 first" in page.content.decode()
    answer = admin.client().post("/reports/2026-10/close/", {"reason": ""})
    assert answer.status_code == 422


def test_unassigned_money_is_accepted_on_the_page(ledger: Ledger, admin: Person) -> None:
    browser = admin.client()
    refused = browser.post(f"{REPORT}close/", {"accept_unassigned": "on"})
    assert refused.status_code == 422
    assert "Say why" in refused.content.decode()
    data = {"accept_unassigned": "on", "reason": "Goodwill"}
    text = browser.post(f"{REPORT}close/", data, follow=True).content.decode()
    assert "stayed unassigned" in text
    assert f"/tenants/{ledger.tenant.pk}/link/" not in text


def test_the_api_closes_and_reopens(ledger: Ledger, admin: Person) -> None:
    refused = post(admin, "close")
    assert (refused.status_code, refused.json()["code"]) == (409, "month_not_ready")
    assert len(refused.json()["hindrances"]) == 1
    closed = post(admin, "close", accept_unassigned=True, reason="Goodwill")
    assert closed.status_code == 200
    assert closed.json()["totals"][0]["unassigned"] == "10.00"
    report = admin.api().get(API).json()
    assert (report["is_closed"], report["closings"][0]["version"]) == (True, 1)
    assert post(admin, "reopen").status_code == 400
    reopened = post(admin, "reopen", reason="A late credit").json()
    assert reopened["reopened_because"] == "A late credit"
    assert admin.api().get(API).json()["is_closed"] is False
