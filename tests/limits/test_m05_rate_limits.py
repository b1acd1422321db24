"""M05: of sixty requests at once at a limit of ten, ten get through, whoever is counted."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from portal.core import limits, shared
from portal.core.access import Role
from portal.core.identity.tries import Tries, give_back, take_try
from portal.core.limits import Limit, take
from portal.web.limits import address_of
from tests.factories.core import PASSWORD, Person, make_person, make_reseller
from tests.limits.web import get

pytestmark = pytest.mark.django_db(transaction=True)

LIMIT, PARALLEL = 10, 60
ME = "/api/v1/me/"
WINDOW = 600
Record = Callable[[str, object], None]
Headers = dict[str, str]


@pytest.fixture(autouse=True)
def fresh(settings: Settings) -> Iterator[None]:
    """Begin each test with nothing counted and Redis believed to be there."""
    cache.clear()
    settings.LIMIT_SECONDS = WINDOW
    shared.Away.until = 0.0
    yield
    shared.Away.until = 0.0


@pytest.fixture
def person() -> Person:
    return make_person(make_reseller(), Role.ADMIN, password=PASSWORD)


def cookie(person: Person) -> Headers:
    name = django_settings.SESSION_COOKIE_NAME
    return {"Cookie": f"{name}={person.client().cookies[name].value}"}


def bearer(person: Person) -> Headers:
    return {"Authorization": f"Bearer {person.token()}"}


def of_user(person: Person) -> list[Headers]:
    """Two browsers of one person."""
    return [cookie(person), cookie(person)]


def of_token(person: Person) -> list[Headers]:
    return [bearer(person)]


def of_reseller(person: Person) -> list[Headers]:
    """Three people, in browsers and with programs."""
    reseller = person.membership.reseller
    colleague, auditor = make_person(reseller, Role.OPERATOR), make_person(reseller, Role.AUDITOR)
    return [cookie(person), bearer(colleague), cookie(auditor)]


def of_address(person: Person) -> list[Headers]:
    """People of two resellers, and strangers."""
    return [cookie(person), bearer(make_person(make_reseller())), {}]


def at_once(address: str, callers: list[Headers]) -> list[tuple[int, Headers, str]]:
    gate = Barrier(PARALLEL)

    def call(number: int) -> tuple[int, Headers, str]:
        gate.wait()
        return get(address, headers=callers[number % len(callers)], timeout=120)

    with ThreadPoolExecutor(PARALLEL) as pool:
        return list(pool.map(call, range(PARALLEL)))


@pytest.mark.processes
@pytest.mark.parametrize(
    ("whose", "callers_of"),
    [
        ("USER", of_user),
        ("TOKEN", of_token),
        ("RESELLER", of_reseller),
        ("ADDRESS", of_address),
    ],
)
def test_m05_of_sixty_at_once_ten_get_through(
    whose: str,
    callers_of: Callable[[Person], list[Headers]],
    person: Person,
    live_server: LiveServer,
    settings: Settings,
    record_property: Record,
) -> None:
    callers = callers_of(person)
    settings.__setattr__(f"LIMIT_{whose}", LIMIT)
    answers = at_once(live_server.url + ME, callers)
    refused = [(headers, text) for status, headers, text in answers if status == 429]
    passed = [headers for status, headers, _ in answers if status != 429]
    record_property("figure", f"M05 {whose.lower()}: {len(passed)} of {PARALLEL} passed at {LIMIT}")
    assert len(passed) == LIMIT
    assert sorted(int(headers["RateLimit-Remaining"]) for headers in passed) == list(range(LIMIT))
    for headers, text in refused:
        assert headers["RateLimit-Limit"] == str(LIMIT)
        assert headers["RateLimit-Remaining"] == "0"
        assert 0 < int(headers["Retry-After"]) <= WINDOW
        assert headers["RateLimit-Reset"] == headers["Retry-After"]
        assert '"code": "too_many"' in text


def test_m05_a_page_says_in_words_how_long_to_wait(person: Person, settings: Settings) -> None:
    settings.LIMIT_USER, client = 1, person.client()
    assert client.get(reverse("profile")).status_code == 200
    answer = client.get(reverse("profile"))
    assert (answer.status_code, "Retry-After" in answer) == (429, True)
    assert "Too many requests" in answer.content.decode()
    assert f"in {answer['Retry-After']} seconds" in answer.content.decode()


def test_m05_what_is_refused_uses_up_nobody_elses_allowance(settings: Settings) -> None:
    wild, colleague = Limit("1:user:wild", 2), Limit("1:user:colleague", 2)
    reseller = Limit("1:reseller", 3)
    for _ in range(20):
        take([wild, reseller])
    found = take([colleague, reseller])
    assert found and found.allowed
    assert not getattr(take([colleague, reseller]), "allowed", True)


def test_m05_the_window_ends(settings: Settings) -> None:
    once = [Limit("1:user:a", 1)]
    assert getattr(take(once), "allowed", False)
    refused = take(once)
    assert refused
    assert (refused.allowed, refused.reset_seconds) == (False, WINDOW)
    keys = redis.Redis.from_url(django_settings.CACHES["default"]["LOCATION"])
    keys.pexpire(f"{limits.PREFIX}1:user:a", 1)
    while keys.exists(f"{limits.PREFIX}1:user:a"):
        pass
    assert getattr(take(once), "allowed", False)


def test_m05_a_limit_of_nothing_is_none() -> None:
    assert take([Limit("1:user:a", 0)]) is None


@pytest.fixture
def redis_away(settings: Settings) -> Iterator[None]:
    """Lead the counters to a port nobody listens on."""
    before = settings.CACHES
    settings.CACHES = {"default": {**before["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    shared.client.cache_clear()
    yield
    shared.client.cache_clear()


def test_m05_without_redis_requests_pass_and_tries_at_signing_in_stay_limited(
    person: Person, settings: Settings, redis_away: None, record_property: Record
) -> None:
    settings.LIMIT_USER = 1
    client = person.client()
    assert [client.get(reverse("profile")).status_code for _ in range(3)] == [200] * 3
    statuses = Counter(try_password(person, "wrong").status_code for _ in range(12))
    record_property("figure", f"M05 login: {statuses[200]} of 12 tried, Redis away")
    assert statuses == {200: 5, 429: 7}
    assert try_password(person, PASSWORD).status_code == 429, "not even with the right one"


def test_m05_emptying_redis_resets_no_tries(person: Person) -> None:
    for _ in range(5):
        try_password(person, "wrong")
    cache.clear()
    answer = try_password(person, PASSWORD)
    assert (answer.status_code, 0 < int(answer["Retry-After"]) <= 300) == (429, True)


def test_m05_the_right_password_is_no_try(person: Person) -> None:
    assert {try_password(person, PASSWORD).status_code for _ in range(12)} == {302}


def test_m05_of_many_tries_at_once_the_limit_is_counted(record_property: Record) -> None:
    tries, gate = [Tries("test", "name a", 10, 60)], Barrier(20)

    def attempt(_number: int) -> bool:
        gate.wait()
        try:
            return take_try(tries) == 0
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        allowed = sum(pool.map(attempt, range(20)))
    record_property("figure", f"M05 tries: {allowed} of 20 passed at 10")
    assert allowed == 10
    give_back(tries)
    assert take_try(tries) == 0


def test_m05_asking_for_a_new_password_is_limited_by_name(person: Person) -> None:
    answers = [
        Client().post(reverse("account_reset_password"), {"email": person.membership.email})
        for _ in range(6)
    ]
    assert [answer.status_code for answer in answers] == [302] * 5 + [429]


@pytest.mark.parametrize(
    ("proxies", "passed", "expected"),
    [
        (0, "203.0.113.9", "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9", "198.51.100.1"),
        (2, "203.0.113.9", "203.0.113.9"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (1, "nonsense", "unknown"),
    ],
)
def test_an_address_is_what_the_last_trusted_proxy_saw(
    proxies: int, passed: str, expected: str, settings: Settings
) -> None:
    settings.PROXIES = proxies
    given: dict[str, Any] = {"REMOTE_ADDR": "10.0.0.1"}
    request = RequestFactory().get(
        "/", **given | ({"HTTP_X_FORWARDED_FOR": passed} if passed else {})
    )
    assert address_of(request) == expected


def try_password(person: Person, password: str) -> Any:
    return Client().post(
        reverse("account_login"), {"login": person.membership.email, "password": password}
    )
