"""Metrics: who may read them, that the figures are right, and that they name nobody."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

import organizations.tasks
import tenants.tasks
from partnercenter.client import RetryPolicy
from partnercenter.errors import PartnerCenterError
from partnercenter.observing import FAMILIES, OTHER, Exchange, ended, family_of, observed
from portal.core import shared
from portal.core.access import Role, acting, system_actor
from portal.core.jobs import operations as job_operations
from portal.core.jobs import worker
from portal.core.jobs.heartbeat import RELAY, beat
from portal.core.jobs.models import Job
from portal.core.metrics import BOUNDS, HTTP, note, noted
from tenants.connections import clients
from tenants.connections.operations import test_connection as prove
from tenants.discovery.operations import request_discovery
from tests.access.cast import make_side
from tests.factories.core import make_person, make_reseller
from tests.limits.web import get, web
from tests.tenants.simulated import CLOUD, PartnerCenterInProcess, customers

assert tenants.tasks and organizations.tasks
pytestmark = pytest.mark.django_db(transaction=True)

TOKEN = "a-token-for-prometheus-of-the-tests"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
Figures = dict[tuple[str, ...], float]
Record = Callable[[str, object], None]


@pytest.fixture(autouse=True)
def watched(settings: Settings) -> None:
    cache.clear()
    shared.Away.until = 0.0
    settings.METRICS_TOKEN = TOKEN


@pytest.fixture
def partner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> PartnerCenterInProcess:
    """Return the partner that every connection leads to; a page holds three of its customers."""
    made = PartnerCenterInProcess(tmp_path)
    made.lists(customers(7), page_size=3)
    settings.PARTNERCENTER_CLOUDS = {**settings.PARTNERCENTER_CLOUDS, "simulator": CLOUD}
    monkeypatch.setattr(clients, "session_factory", made.session)
    monkeypatch.setattr(clients, "retry_policy", RetryPolicy(first_wait=0.0))
    monkeypatch.setattr(job_operations, "ring", lambda *_: True)
    return made


def read() -> str:
    answer = Client(headers=BEARER).get(reverse("metrics"))
    assert answer.status_code == 200
    return answer.content.decode()


def figures(text: str, name: str) -> Figures:
    """Return the samples of a name by their labels' values, in the order of the labels' names."""
    return {
        tuple(value for _, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name
    }


def test_without_a_token_set_there_is_no_such_page(settings: Settings) -> None:
    settings.METRICS_TOKEN = ""
    assert Client(headers=BEARER).get("/metrics/").status_code == 404
    assert Client(headers={"Authorization": "Bearer "}).get("/metrics/").status_code == 404


@pytest.mark.parametrize(
    "given", ["", "Bearer ", "Bearer wrong", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}"]
)
def test_another_token_is_refused(given: str) -> None:
    answer = Client(headers={"Authorization": given} if given else {}).get("/metrics/")
    assert (answer.status_code, b"tenantry_" in answer.content) == (401, False)


def test_no_role_and_no_api_token_reads_them() -> None:
    person = make_person(make_reseller(), Role.ADMIN)
    assert person.client().get("/metrics/").status_code == 401
    assert person.api().get("/metrics/").status_code == 401


def test_calls_to_microsoft_are_counted_as_they_were_made(
    partner: PartnerCenterInProcess, record_property: Record
) -> None:
    admin = make_person(make_reseller(), Role.ADMIN)
    connection = partner.connect(admin.membership.reseller)
    partner.fail({"path": "^/v1/customers", "action": "status", "status": 503, "times": 2})
    with acting(admin.actor):
        job = request_discovery(connection, actor=admin.actor).job
    assert worker.run_job(job.pk)
    text = read()
    counted = figures(text, "tenantry_microsoft_request_seconds_count")
    made = len(partner.calls)
    record_property("figure", f"metrics: {sum(counted.values()):.0f} of {made} calls counted")
    assert sum(counted.values()) == made
    assert counted[("customers", "GET", "5xx")] == 2
    assert counted[("customers", "GET", "2xx")] + 2 == sum(
        call.startswith("GET /v1/customers") for call in partner.calls
    )
    assert counted[("token", "POST", "2xx")] >= 1
    buckets = figures(text, "tenantry_microsoft_request_seconds_bucket")
    everything = {key: value for key, value in buckets.items() if "+Inf" in key}
    assert sum(everything.values()) == made


def test_a_failed_call_is_counted_by_how_it_failed(partner: PartnerCenterInProcess) -> None:
    admin = make_person(make_reseller(), Role.ADMIN)
    connection = partner.connect(admin.membership.reseller, secret="wrong")
    with acting(admin.actor):
        assert prove(connection, actor=admin.actor).state == "failing"
    counted = figures(read(), "tenantry_microsoft_request_seconds_count")
    assert {outcome for _, _, outcome in counted} == {"4xx"}


def test_jobs_queues_and_ages_are_those_of_the_database(
    partner: PartnerCenterInProcess, record_property: Record
) -> None:
    beat(RELAY)
    admin = make_person(make_reseller(), Role.ADMIN)
    connection = partner.connect(admin.membership.reseller)
    with acting(admin.actor):
        run = request_discovery(connection, actor=admin.actor)
    waiting = read()
    assert worker.run_job(run.job.pk)
    with acting(admin.actor), transaction.atomic():
        asked_by_it = Job.objects.get(state="waiting")
    assert worker.run_job(asked_by_it.pk)
    done = read()
    kind = ("tenants.discover", "sync")
    before, after = figures(waiting, "tenantry_jobs"), figures(done, "tenantry_jobs")
    record_property("figure", f"metrics: jobs {before} then {after}")
    assert before == {(*kind, "waiting"): 1}
    assert after == {(*kind, "done"): 1, ("organizations.suggest", "sync", "done"): 1}
    assert set(figures(done, "tenantry_oldest_due_seconds").values()) == {0}
    assert figures(waiting, "tenantry_oldest_due_seconds")[("sync",)] > 0
    assert figures(done, "tenantry_heartbeat_age_seconds")[(RELAY,)] < 60
    age_discovery(connection, hours=3)
    ages = figures(read(), "tenantry_sync_age_seconds")
    assert set(ages) == {(str(connection.pk),)}
    assert 3 * 3600 <= ages[(str(connection.pk),)] < 3 * 3600 + 600


def age_discovery(connection: Any, *, hours: int) -> None:

    with acting(system_actor(connection.reseller_id, "tests")), transaction.atomic():
        type(connection).objects.filter(pk=connection.pk).update(
            discovered_at=Now() - timedelta(hours=hours)
        )


def test_requests_are_counted_by_route_and_never_by_address() -> None:
    person = make_person(make_reseller(), Role.ADMIN)
    client = person.client()
    for _ in range(3):
        assert client.get("/me/").status_code == 200
    assert client.get("/tenants/5a1f0a52-6c1b-4b8e-9a53-0f4e2c6d7b11/").status_code == 404
    assert client.get("/wp-login.php").status_code == 404
    assert client.generic("BREW", "/me/").status_code == 405
    counted = figures(read(), "tenantry_http_request_seconds_count")
    assert counted == {
        ("GET", "profile", "200"): 3,
        ("GET", "linking:tenant_detail", "404"): 1,
        ("GET", "none", "404"): 1,
        ("other", "profile", "405"): 1,
    }


@pytest.mark.processes
def test_the_figures_of_all_processes_are_one(tmp_path: Path, record_property: Record) -> None:
    """Two workers of gunicorn and this process: whoever is asked tells the sum."""
    with web(tmp_path, {"PORTAL_METRICS_TOKEN": TOKEN}) as running:
        login = f"{running.url}/auth/login/"
        with ThreadPoolExecutor(8) as pool:
            assert {status for status, _, _ in pool.map(get, [login] * 40)} == {200}
        note(HTTP, ("account_login", "GET", "200"), 0.01)
        told = [get(f"{running.url}/metrics/", headers=BEARER)[2] for _ in range(6)]
    counts = [
        figures(text, "tenantry_http_request_seconds_count")[("GET", "account_login", "200")]
        for text in told
    ]
    record_property("figure", f"metrics: {counts[0]:.0f} of 41 requests of three processes")
    assert set(counts) == {41}


def test_they_name_nobody(partner: PartnerCenterInProcess, record_property: Record) -> None:
    side = make_side("north")
    for person in side.people.values():
        person.client().get("/")
        person.api().get("/api/v1/tenants/", {"search": "canary-north"})
    admin = side.person(Role.ADMIN)
    with acting(admin.actor):
        prove(partner.connect(side.reseller), actor=admin.actor)
    text = read().lower()
    found = [word for word in ("canary", "example.com", "http://", "demo", "tnt_") if word in text]
    connections = {str(side.connection.pk), str(side.rows.fresh_connection.pk)}
    found += [one for one in side.ids() - connections if one.lower() in text]
    record_property("figure", f"metrics: {len(found)} canaries in {len(text)} characters")
    assert found == []


def test_without_redis_what_the_database_knows_is_still_told(settings: Settings) -> None:
    beat(RELAY)
    shared.Away.until = float("inf")
    text = read()
    shared.Away.until = 0.0
    assert figures(text, "tenantry_heartbeat_age_seconds")
    assert not figures(text, "tenantry_http_request_seconds_count")


def test_nothing_is_counted_where_nobody_can_ask(settings: Settings) -> None:
    settings.METRICS_TOKEN = ""
    note(HTTP, ("start", "GET", "200"), 0.1)
    assert noted(HTTP) == {}


def test_buckets_are_cumulated_in_order() -> None:
    for seconds in (0.01, 0.2, 0.25, 7.0, 1000.0):
        note(HTTP, ("start", "GET", "200"), seconds)
    histogram = noted(HTTP)[("start", "GET", "200")]
    buckets = dict(histogram.buckets())
    assert [buckets[str(bound)] for bound in BOUNDS] == [1, 1, 1, 3, 3, 3, 3, 3, 4, 4, 4]
    assert buckets["+Inf"] == 5
    assert histogram.seconds == pytest.approx(1007.46)


@pytest.mark.parametrize(
    ("address", "family"),
    [
        ("https://x/v1/customers/c0ffee/subscriptions/1/", "subscriptions"),
        ("https://x/v1/domains/secret-customer.example.com", "domains"),
        ("https://x/3f2/oauth2/v2.0/token", "token"),
        ("https://x/v1/secret-customer", OTHER),
        ("https://customers.example/", OTHER),
    ],
)
def test_an_address_is_told_as_a_word_of_a_fixed_list(address: str, family: str) -> None:
    assert family_of(address) == family
    assert family in FAMILIES | {OTHER}


def test_an_exchange_without_an_answer_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Exchange] = []
    monkeypatch.setattr("partnercenter.observing._listeners", [seen.append])
    with pytest.raises(PartnerCenterError), observed("GET", "https://x/v1/invoices"):
        raise PartnerCenterError("gone")
    with observed("GET", "https://x/v1/invoices") as exchange:
        ended(exchange, 429)
    assert [one.outcome for one in seen] == ["no_answer", "429"]
    assert all(re.fullmatch(r"[a-z0-9_]+", one.outcome) for one in seen)
