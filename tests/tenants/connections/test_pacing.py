"""The pace all workers of a partner tenant keep together."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import override_settings

from partnercenter.errors import Throttled
from partnercenter.pacing import LONGEST_WAIT, is_limited
from portal.core import shared
from tenants.connections.pacing import PREFIX, SharedPace
from tests.partnercenter.fake_service import FakeService, Reply, collection, replying

PARTNER = "9a1f0000-0000-4000-8000-0000000000f1"
MOST, MINUTE = 40, 60.0


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    with override_settings(PARTNERCENTER_CALLS_A_MINUTE=MOST):
        yield
    forget()


def forget() -> None:
    """Forget all turns given, as when Redis was lost."""
    shared.ask(lambda redis: redis.delete(*(redis.keys(f"{PREFIX}*") or ["none"])))


def turns(pace: SharedPace, times: int) -> list[float]:
    """Return the moments of that many turns taken one after the other."""
    return [time.monotonic() + pace.turn(limited=True) for _ in range(times)]


def test_no_minute_holds_more_than_the_most_however_many_ask_at_once() -> None:
    with ThreadPoolExecutor(8) as threads:
        taken = [threads.submit(turns, SharedPace(PARTNER), 5) for _ in range(8)]
        at_once = sorted(moment for one in taken for moment in one.result())
    assert at_once[-1] - at_once[0] < LONGEST_WAIT, "the first forty go at once"
    later = SharedPace(PARTNER).turn(limited=True)
    assert MINUTE - 10 < later <= MINUTE
    # A turn beyond the longest wait is told and not taken: asking again does not push it away.
    assert SharedPace(PARTNER).turn(limited=True) <= later


def test_other_partners_and_other_resources_are_not_held_up() -> None:
    turns(SharedPace(PARTNER), MOST)
    assert SharedPace(PARTNER).turn(limited=True) > LONGEST_WAIT
    assert SharedPace(PARTNER.upper()).turn(limited=True) > LONGEST_WAIT
    assert SharedPace(PARTNER).turn(limited=False) == 0
    assert SharedPace(PARTNER.replace("f1", "f2")).turn(limited=True) == 0


def test_a_refusal_to_one_worker_holds_all_of_the_partner() -> None:
    reply = collection([])
    service = FakeService(replying(Reply(status=429, headers={"Retry-After": "20"}), reply))
    service.client(pace=SharedPace(PARTNER)).check_access()
    other = FakeService(replying(reply))
    other.client(pace=SharedPace(PARTNER)).check_access()
    assert len(service.calls) == 2
    [waited] = other.slept
    assert 0 < waited <= 20
    assert SharedPace(PARTNER.replace("f1", "f2")).turn(limited=True) == 0


def test_a_refusal_for_a_day_ends_the_call_and_says_when_to_come_back() -> None:
    SharedPace(PARTNER).refused(86_400)
    service = FakeService(replying(collection([])))
    with pytest.raises(Throttled) as held:
        service.client(pace=SharedPace(PARTNER)).check_access()
    assert held.value.transient
    assert held.value.retry_after is not None
    assert 86_000 < held.value.retry_after <= 86_400
    assert service.calls == []


def test_without_redis_or_without_a_limit_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    with override_settings(PARTNERCENTER_CALLS_A_MINUTE=0):
        assert {SharedPace(PARTNER).turn(limited=True) for _ in range(MOST * 2)} == {0.0}
    turns(SharedPace(PARTNER), MOST)
    monkeypatch.setattr(shared.Away, "until", time.monotonic() + 60)
    assert SharedPace(PARTNER).turn(limited=True) == 0


@pytest.mark.parametrize(
    ("path", "limited"),
    [
        ("/v1/customers", True),
        ("/v1/customers/c", True),
        ("/v1/customers/c/subscriptions/s", True),
        ("/v1/customers/c/carts/k/checkout", True),
        ("/v1/customers/c/profiles/billing", False),
        ("/v1/invoices/G1/lineitems", False),
        ("/v1/productUpgrades/x", True),
        ("/v1/auditrecords", False),
    ],
    ids=str,
)
def test_what_counts_is_what_microsoft_names(path: str, limited: bool) -> None:
    assert is_limited(path) is limited
