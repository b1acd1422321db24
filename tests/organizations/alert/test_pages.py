"""The alert on the start page, in the navigation, on its own page and in the API."""

import csv
import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from portal.core.access import Role, acting, system_actor
from tenants.discovery.models import Tenant
from tests.factories.tenants import make_connection, make_tenant, make_tenants
from tests.organizations.alert.conftest import history, reconcile, stored
from tests.organizations.linking.scene import Scene, make_scene

pytestmark = pytest.mark.django_db(transaction=True)
SEPTEMBER = date(2026, 9, 1)


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def change(tenant: Tenant, **values: Any) -> None:
    with acting(system_actor(tenant.reseller_id, "tests")), transaction.atomic():
        Tenant.objects.filter(pk=tenant.pk).update(**values)


@pytest.fixture
def three(north: Scene) -> list[Tenant]:
    """Three unlinked tenants with money, seen for nineteen days."""
    more = [make_tenant(north.connection, name=name) for name in ("Second", "Third")]
    seen = timezone.now() - timedelta(days=19, hours=1)
    tenants = [north.tenant, *more]
    for tenant, amount in zip(tenants, ("300.00", "112.10", "0.00"), strict=True):
        change(
            tenant,
            first_seen_at=seen,
            billed_amount=Decimal(amount),
            billed_currency="EUR",
            billed_month=SEPTEMBER,
        )
    change(more[0], unbilled_amount=Decimal("98.40"), unbilled_currency="EUR")
    reconcile(north.reseller)
    return tenants


def act(client: Client, what: str, ids: list[Any], **values: str) -> Any:
    return client.post(f"/alerts/{what}/", {"selected": ids, "sure": "1", **values}, follow=True)


def test_the_start_page_says_what_it_costs_and_whose_it_is(
    north: Scene, three: list[Tenant]
) -> None:
    client = north.operator.client()
    start = client.get("/").text
    assert "3 tenants are not linked to an organization" in start
    assert (
        "€412.10 on the September invoice · €98.40 unbilled · oldest 19 days · no owner"
        in text_of(start)
    )
    assert 'href="/alerts/"' in start, "one click to the list"
    ids = [row.pk for row in stored(north.reseller)]
    act(client, "assign", ids, assignee=str(north.operator.membership.pk))
    assert "oldest 19 days · owner Olga of North" in text_of(client.get("/").text)


def test_title_and_navigation_carry_the_number_without_what_was_acknowledged(
    north: Scene, three: list[Tenant]
) -> None:
    client = north.operator.client()
    for path in ("/", "/alerts/", "/tenants/", "/services/microsoft-csp/"):
        assert "<title>(3) " in client.get(path).text, path
    ids = {row.label: row.pk for row in stored(north.reseller)}
    until = (timezone.now() + timedelta(days=9)).date().isoformat()
    act(client, "acknowledge", [ids["Second"]], until=until, reason="theirs from May on")
    for path in ("/", "/alerts/", "/tenants/", "/services/microsoft-csp/"):
        assert "<title>(2) " in client.get(path).text, path
    start = text_of(client.get("/").text)
    assert "2 tenants are not linked" in start
    assert "€300.00 on the September invoice · oldest 19 days · no owner · 1 acknowledged" in start


def test_the_page_lists_the_dearest_first_with_owner_and_state(
    north: Scene, three: list[Tenant]
) -> None:
    page = north.operator.client().get("/alerts/").text
    names = re.findall(r'class="row-link" href="/tenants/[^"]+">([^<]+)<', page)
    assert names == ["North Bakery", "Second", "Third"]
    words = text_of(page)
    assert "3 tenants unlinked · €412.10 on the September invoice" in words
    assert "€98.40" in words and "Nobody yet" in words and "North Partner Center" in words


def test_rows_are_given_to_somebody_and_acknowledged_in_bulk(
    north: Scene, three: list[Tenant]
) -> None:
    client, ids = north.operator.client(), [row.pk for row in stored(north.reseller)]
    form = client.post("/alerts/assign/", {"selected": ids})
    assert form.status_code == 200 and "Assign 3 alerts" in form.text
    assert form.text.count('name="selected"') == 3
    me = str(north.operator.membership.pk)
    assert "3 alerts given to Olga of North." in act(client, "assign", ids, assignee=me).text
    assert {row.assignee_id for row in stored(north.reseller)} == {north.operator.membership.pk}
    late = (timezone.now() + timedelta(days=91)).date().isoformat()
    refused = act(client, "acknowledge", ids, until=late, reason="x")
    assert refused.status_code == 422 and "whatever waits has to come back" in refused.text
    until = (timezone.now() + timedelta(days=9)).date().isoformat()
    act(client, "acknowledge", ids, until=until, reason="a merger")
    assert {row.state for row in stored(north.reseller)} == {"acknowledged"}
    page = text_of(client.get("/alerts/?tab=acknowledged").text)
    assert "Acknowledged" in page and "until" in page
    act(client, "reopen", ids[:1], why="changed my mind")
    states = [row.state for row in stored(north.reseller)]
    assert sorted(states) == ["acknowledged", "acknowledged", "open"]


def test_one_row_has_its_own_buttons_and_history(north: Scene, three: list[Tenant]) -> None:
    client, row = north.operator.client(), stored(north.reseller)[0]
    assert client.get(f"/alerts/assign/?selected={row.pk}").status_code == 200
    page = text_of(client.get(f"/alerts/{row.pk}/").text)
    assert "Tenant not linked." in page and "Opened" in page
    assert client.get("/alerts/assign/?selected=nonsense").status_code == 404
    assert "Choose alerts in the list first." in client.get("/alerts/assign/").text
    assert client.post("/alerts/assign/").status_code == 400


def test_filters_by_owner_kind_connection_and_words(north: Scene, three: list[Tenant]) -> None:
    client = north.operator.client()
    other = make_connection(north.reseller, name="Other", state="failing")
    make_tenant(other, name="Elsewhere")
    reconcile(north.reseller)
    ids = {row.label: row.pk for row in stored(north.reseller)}
    act(client, "assign", [ids["Third"]], assignee=str(north.operator.membership.pk))

    def named(query: str) -> set[str]:
        page = client.get(f"/alerts/?{query}").text
        return set(
            re.findall(r'class="row-link" href="/(?:tenants|connections)/[^"]+">([^<]+)<', page)
        ) - {"North Partner Center"}

    listed = {"North Bakery", "Second", "Third", "Elsewhere", "Other"}
    assert named("") == listed
    assert named("owner=me") - {"Other"} == {"Third"}
    assert named("owner=nobody") == listed - {"Third"}
    assert named(f"connection={other.pk}") == {"Elsewhere", "Other"}
    assert named("kind=unlinked_tenant") - {"Other"} == listed - {"Other"}
    assert named("search=seco") - {"Other"} == {"Second"}
    assert client.get("/alerts/?kind=nonsense").status_code == 422


def test_the_page_says_so_when_nothing_needs_anybody(north: Scene) -> None:
    client = north.operator.client()
    assert "within two minutes" in client.get("/alerts/").text, "found, and not put together yet"
    north.link()
    page = text_of(client.get("/alerts/").text)
    assert "Nothing needs you" in page and "Nothing is unlinked" in page


def test_days_to_link_are_drawn_and_written_beneath(north: Scene, three: list[Tenant]) -> None:
    client = north.operator.client()
    assert "<svg" in client.get("/alerts/").text
    assert "shows here when the first was linked" in client.get("/alerts/").text
    north.link()
    page = client.get("/alerts/").text
    month = timezone.now().strftime("%B %Y")
    assert f"1 tenant linked in {month}; the middle one had waited 19 days." in text_of(page)
    assert f'<th scope="row">{month}</th>' in page


def test_the_decision_log_is_a_file(north: Scene, three: list[Tenant]) -> None:
    client = north.operator.client()
    change(three[1], name="=cmd|' /C calc'!A0")
    reconcile(north.reseller)
    ids = [row.pk for row in stored(north.reseller)]
    act(client, "assign", ids[:1], assignee=str(north.operator.membership.pk), why="please look")
    body = client.get("/alerts/export/").getvalue().decode("utf-8-sig")
    lines = list(csv.reader(body.splitlines()))
    assert lines[0][:4] == ["at", "what", "kind", "about"]
    assert [line[1] for line in lines[1:-1]] == ["assigned", "opened", "opened", "opened"]
    assert lines[1][6:8] == ["please look", "Olga of North"]
    assert any(line[3].startswith("'=cmd") for line in lines[1:-1])
    assert lines[-1] == ["# 4 rows"]


def test_the_api_says_the_same(north: Scene, three: list[Tenant]) -> None:
    program = north.operator.api()
    ids = {row.label: str(row.pk) for row in stored(north.reseller)}
    listed = program.get("/api/v1/alerts/conditions/").json()["results"]
    assert [row["label"] for row in listed] == ["North Bakery", "Second", "Third"]
    one = f"/api/v1/alerts/conditions/{ids['Second']}"
    me = str(north.operator.membership.pk)
    answer = program.post(f"{one}/assign/", {"assignee": me}, "application/json")
    assert answer.json()["owner"] == {"id": me, "name": "Olga of North"}
    until = (timezone.now() + timedelta(days=9)).date().isoformat()
    body = {"until": until, "reason": "known"}
    answer = program.post(f"{one}/acknowledge/", body, "application/json")
    assert (answer.json()["state"], answer.json()["acknowledged_until"]) == ("acknowledged", until)
    alert = program.get("/api/v1/alerts/unlinked-tenants/").json()
    assert alert == {
        "count": 3,
        "unassigned": [{"currency": "EUR", "amount": "412.100000"}],
        "oldest_days": 19,
        "unbilled": [{"currency": "EUR", "amount": "98.400000"}],
        "owners": [],
        "acknowledged": 1,
    }
    assert program.post(f"{one}/reopen/", {}, "application/json").json()["state"] == "open"
    alert = program.get("/api/v1/alerts/unlinked-tenants/").json()
    assert alert["owners"] == [{"membership": me, "name": "Olga of North", "count": 1}]
    many = {"conditions": list(ids.values()), "assignee": None}
    answer = program.post("/api/v1/alerts/conditions/assign/", many, "application/json")
    assert answer.json() == {"count": 3}
    assert {row.assignee_id for row in stored(north.reseller)} == {None}


def test_b06_a_foreign_alert_is_nobodys_and_changes_nothing(north: Scene) -> None:
    south = make_scene("South")
    for scene in (north, south):
        reconcile(scene.reseller)
    (own,), (foreign,) = stored(north.reseller), stored(south.reseller)
    client, program = north.operator.client(), north.operator.api()
    both = [str(own.pk), str(foreign.pk)]
    assert act(client, "assign", both, assignee="").status_code == 404
    many = {"conditions": both, "assignee": str(north.operator.membership.pk)}
    answer = program.post("/api/v1/alerts/conditions/assign/", many, "application/json")
    assert answer.status_code == 404
    assert client.get(f"/alerts/{foreign.pk}/").status_code == 404
    assert history(own) == history(foreign) == ["opened"]


def test_everybody_chooses_what_to_be_told(north: Scene) -> None:
    client, program = north.operator.client(), north.operator.api()
    assert "/alerts/preferences/" in client.get("/me/").text
    assert "Mail me at once when" in client.get("/alerts/preferences/").text
    sent = {
        "digest": "on",
        "digest_day": "4",
        "digest_hour": "16",
        "time_zone": "Europe/Oslo",
        "at_once": ["alert.connection_health"],
        "quiet_from": "22:00",
        "quiet_until": "07:00",
        "connections": [str(north.connection.pk)],
    }
    assert client.post("/alerts/preferences/", sent).status_code == 302
    assert 'value="22:00"' in client.get("/alerts/preferences/").text
    kept = program.get("/api/v1/alerts/preferences/").json()
    assert kept["digest_day"] == 4 and kept["muted"] == ["alert.unlinked_tenant"]
    assert kept["connections"] == [str(north.connection.pk)]
    south = make_scene("South")
    body = {**kept, "connections": [str(south.connection.pk)]}
    answer = program.post("/api/v1/alerts/preferences/", body, "application/json")
    assert answer.status_code == 400 and set(answer.json()["fields"]) == {"connections"}
    refused = client.post("/alerts/preferences/", {**sent, "time_zone": "Mars"})
    assert refused.status_code == 422 and "Europe/Amsterdam" in refused.text


def test_a_webhook_is_registered_by_an_administrator_and_its_secret_shown_once(
    north: Scene,
) -> None:
    admin = north.person(Role.ADMIN)
    client, program = admin.client(), admin.api()
    sent = {"url": "https://hooks.example.com/x", "events": ["alert.digest"]}
    made = client.post("/messages/webhooks/", sent).text
    (secret,) = set(re.findall(r"whs_[\w-]+", made))
    assert secret not in client.get("/messages/webhooks/").text
    refused = client.post("/messages/webhooks/", {**sent, "url": "https://10.0.0.1/"})
    assert refused.status_code == 422 and "own network" in refused.text
    (row,) = program.get("/api/v1/webhooks/").json()["results"]
    assert "secret" not in row
    one = f"/api/v1/webhooks/{row['id']}/"
    answer = program.patch(one, {"state": "paused"}, "application/json")
    assert answer.json()["state"] == "paused"
    rotated = program.post(f"{one}rotate/").json()["secret"]
    assert rotated.startswith("whs_") and rotated != secret
    assert program.delete(one).status_code == 204
    assert program.get("/api/v1/webhooks/").json()["results"] == []
    assert north.operator.client().get("/messages/webhooks/").status_code == 403


@pytest.mark.parametrize("path", ["/alerts/", "/alerts/export/", "/messages/"])
def test_customers_have_no_part_in_it(north: Scene, path: str) -> None:
    person = north.person(Role.CUSTOMER_ADMIN, organization=north.organization)
    assert person.client().get(path).status_code == 403


@pytest.mark.size
def test_the_page_of_ten_thousand_alerts_asks_as_often_as_that_of_one(
    north: Scene, django_assert_max_num_queries: Any
) -> None:
    make_tenants(north.connection, 10_000)
    reconcile(north.reseller)
    client = north.operator.client()
    with django_assert_max_num_queries(20):
        page = client.get("/alerts/")
    assert "10,001" in page.text and page.status_code == 200


def test_an_alerts_page_says_what_it_is_about_and_leads_on(
    north: Scene, three: list[Tenant]
) -> None:
    one = next(row for row in stored(north.reseller) if row.label == "Second")
    page = north.operator.client().get(f"/alerts/{one.pk}/").text
    assert "€112.10 September 2026" in text_of(page) and "€98.40" in page
    for place in (
        f"/tenants/{three[1].pk}/",
        f"/tenants/{three[1].pk}/link/",
        f"/alerts/assign/?selected={one.pk}",
        f"/alerts/acknowledge/?selected={one.pk}",
    ):
        assert f'href="{place}"' in page, place
    reads_only = north.person(Role.AUDITOR).client().get(f"/alerts/{one.pk}/").text
    assert "€98.40" in reads_only
    assert "/link/" not in reads_only and "/alerts/assign/" not in reads_only


def test_an_empty_tab_is_no_failed_search(north: Scene, three: list[Tenant]) -> None:
    told = text_of(north.operator.client().get("/alerts/?tab=acknowledged").text)
    assert "Nothing here now" in told and "Nothing matches" not in told
