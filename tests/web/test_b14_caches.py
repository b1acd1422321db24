"""B14: nothing that is remembered for one reseller is ever shown to another."""

import ast
import re
from collections.abc import Iterator, Set
from pathlib import Path

import pytest
import redis
from django.conf import settings as django_settings
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from portal.core import shared
from portal.core.access import Role
from tests.access.calls import Answer, Caller, address_of
from tests.access.cast import CUSTOMERS, Side, both_sides, canaries_forbidden_to
from tests.access.everything import PLAIN_READS, READS
from tests.access.inventory import CACHE_KEYS, MEMORIES
from tests.access.matrix import Row
from tests.factories.core import Person, make_person
from tests.gates.test_a02_inventory import PACKAGES, PROJECT, Record
from tests.repetitions import TIMES

pytestmark = pytest.mark.django_db(transaction=True)

Sides = tuple[Side, Side]
REMEMBERING = {"cache", "lru_cache"}
SIMULATOR = "partnercenter/simulator/"
TELLS_WHERE_ELSE = {"profile", "token_create"}
"""Somebody who works for two resellers reads there, by name, where else to go."""
OF_ONE_MEMBER = {"api:saved-views-detail"}
"""What is nobody's but the member's who made it, and so not there for a person of this test."""


@pytest.fixture
def sides(settings: Settings) -> Iterator[Sides]:
    """Make North and South, with everything on that keeps something in the cache."""
    cache.clear()
    shared.Away.until = 0.0
    settings.METRICS_TOKEN = "a-token-of-the-tests"
    yield both_sides()


def keys_in_cache() -> list[str]:
    client = redis.Redis.from_url(django_settings.CACHES["default"]["LOCATION"])
    return sorted(key.decode() for key in client.scan_iter(count=1000))


def leaks(answer: Answer, side: Side, other: Side, role: Role) -> list[str]:
    return [word for word in canaries_forbidden_to(side, other, role) if word in answer.text]


def read_all(
    side: Side, other: Side, callers: dict[Role, Caller], *, but: Set[str] = frozenset()
) -> tuple[int, list[str]]:
    """Read every page and list as every role that may; return how many, and what leaked."""
    read, wrong = 0, list[str]()
    for row in (row for row in READS if row.route not in but):
        for role in row.roles & set(callers):
            answer = callers[role].call(row, side.objects(side.person(role)))
            read += 1
            found = leaks(answer, side, other, role)
            if found or answer.status != 200:
                wrong.append(f"{row} as {role} of {side.canary}: {answer.status} {found}")
    return read, wrong


def some_of(callers: dict[Role, Caller]) -> dict[Role, Caller]:
    """Return one caller of each kind: what is kept, is kept for a reseller or a person."""
    return callers if TIMES > 1 else {role: callers[role] for role in (Role.ADMIN, *CUSTOMERS)}


def callers_of(side: Side) -> dict[Role, Caller]:
    return {role: Caller.of(person) for role, person in side.people.items()}


@pytest.mark.timeout(900)
def test_b14_what_one_reseller_warmed_another_never_reads(
    sides: Sides, record_property: Record
) -> None:
    north, south = sides
    both = (some_of(callers_of(north)), some_of(callers_of(south)))
    read, wrong = 0, list[str]()
    for side, other, callers in ((north, south, both[0]), (south, north, both[1])) * 2:
        count, found = read_all(side, other, callers)
        read, wrong = read + count, wrong + found
    record_property("figure", f"B14: {len(wrong)} foreign canaries in {read} warmed answers")
    assert wrong == []


def test_b14_one_person_at_two_resellers_sees_each_as_it_is(
    sides: Sides, record_property: Record
) -> None:
    people = [_both(side) for side in sides]
    assert people[0].user.pk == people[1].user.pk
    callers = [{Role.ADMIN: Caller.of(person)} for person in people]
    read, wrong = 0, list[str]()
    for place in (0, 1, 0, 1):
        count, found = read_all(
            sides[place], sides[1 - place], callers[place], but=TELLS_WHERE_ELSE | OF_ONE_MEMBER
        )
        read, wrong = read + count, wrong + found
    record_property("figure", f"B14: {len(wrong)} foreign canaries in {read} answers to one person")
    assert wrong == []


def test_b14_one_path_on_two_hosts_is_answered_for_whoever_asks(
    sides: Sides, settings: Settings, record_property: Record
) -> None:
    hosts = ("north.portal.test", "south.portal.test")
    settings.ALLOWED_HOSTS = list(hosts)
    read, wrong = 0, list[str]()
    for row in PLAIN_READS:
        if Role.ADMIN not in row.roles:
            continue
        for place in (0, 1, 0):
            side, other = sides[place], sides[1 - place]
            answer = _on_host(hosts[place], row, side)
            read += 1
            if other.canary in answer or hosts[1 - place] in answer:
                wrong.append(f"{row} on {hosts[place]}")
    record_property("figure", f"B14: {len(wrong)} of {read} answers on two hosts were the other's")
    assert wrong == []


def test_b14_every_key_names_its_reseller_or_is_listed_as_shared(
    sides: Sides, record_property: Record
) -> None:
    ids = {side.canary: str(side.reseller.pk) for side in sides}
    unknown, named, total = [], 0, 0
    for side in sides:
        cache.clear()
        for role, caller in callers_of(side).items():
            for row in PLAIN_READS:
                if role in row.roles:
                    caller.call(row, side.objects(side.person(role)))
        for key in keys_in_cache():
            found = next((m for p in CACHE_KEYS if (m := re.fullmatch(p, key))), None)
            total += 1
            if (
                found is None
                or found.groupdict().get("reseller", ids[side.canary]) != (ids[side.canary])
            ):
                unknown.append(key)
            named += found is not None and "reseller" in found.groupdict()
    record_property(
        "figure", f"B14: {total} keys, {named} of one reseller, {len(unknown)} unlisted"
    )
    assert unknown == []
    assert named > len(ids)


def test_b14_no_answer_may_be_kept_on_the_way(sides: Sides) -> None:
    side = sides[0]
    caller, objects = Caller.of(side.person(Role.ADMIN)), side.objects(side.person(Role.ADMIN))
    kept = [
        str(row)
        for row in READS
        if Role.ADMIN in row.roles
        and "no-store" not in caller.call(row, objects).headers.get("Cache-Control", "")
    ]
    assert kept == []


def test_b14_every_function_that_remembers_is_listed() -> None:
    assert sorted(_remembering()) == sorted(MEMORIES)


def _remembering() -> Iterator[str]:
    """Yield file and name of every function of ours that keeps its answers."""
    for package in PACKAGES:
        for path in sorted((PROJECT / package).rglob("*.py")):
            place = str(path.relative_to(PROJECT))
            if place.startswith(SIMULATOR):
                continue
            for node in ast.walk(ast.parse(Path(path).read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef) and any(map(_keeps, node.decorator_list)):
                    yield f"{place}:{node.name}"


def _keeps(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return (getattr(called, "id", "") or getattr(called, "attr", "")) in REMEMBERING


def _both(side: Side) -> Person:
    return make_person(side.reseller, Role.ADMIN, email="both@example.com", name="Both")


def _on_host(host: str, row: Row, side: Side) -> str:
    admin = side.person(Role.ADMIN)
    client = Client(SERVER_NAME=host)
    client.cookies = admin.client().cookies
    answer = client.get(address_of(row, side.objects(admin)))
    content = answer.getvalue() if answer.streaming else answer.content
    return str(content.decode("utf-8", "replace")).lower()
