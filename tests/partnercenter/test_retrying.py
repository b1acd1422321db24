"""When a call is tried again, and how long that takes on paper."""

import itertools
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnercenter import errors
from partnercenter.retrying import RetryPolicy, asked_wait, call_with_retries

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)


def _failing(
    error: errors.PartnerCenterError, policy: RetryPolicy, *, repeatable: bool, share: float
) -> tuple[int, list[float]]:
    """Return how often a call that never succeeds was made, and the waits between."""
    slept: list[float] = []
    made = itertools.count()

    def attempt() -> None:
        next(made)
        raise error

    with pytest.raises(type(error)):
        call_with_retries(
            attempt,
            policy=policy,
            repeatable=repeatable,
            sleep=slept.append,
            share=lambda: share,
        )
    return next(made), slept


def test_success_needs_no_wait() -> None:
    slept: list[float] = []
    answer = call_with_retries(
        lambda: 42, policy=RetryPolicy(), repeatable=True, sleep=slept.append
    )
    assert (answer, slept) == (42, [])


def test_waits_double_up_to_the_longest() -> None:
    policy = RetryPolicy(tries=6, first_wait=1, longest_wait=4, budget=100)
    made, slept = _failing(errors.ServiceFailed("no"), policy, repeatable=True, share=1.0)
    assert made == 6
    assert slept == [1, 2, 4, 4, 4]


def test_jitter_takes_at_most_half_off() -> None:
    policy = RetryPolicy(tries=3, first_wait=2, longest_wait=30, budget=100)
    _, slept = _failing(errors.ServiceFailed("no"), policy, repeatable=True, share=0.0)
    assert slept == [1, 2]


@given(st.floats(0, 60), st.floats(0, 0.999))
def test_told_wait_is_kept_and_exceeded_by_a_tenth_at_most(told: float, share: float) -> None:
    error = errors.Throttled("slow down", retry_after=told)
    _, slept = _failing(error, RetryPolicy(tries=2), repeatable=False, share=share)
    assert len(slept) == 1
    assert told <= slept[0] <= told * 1.1


def test_wait_beyond_the_budget_is_left_to_the_job() -> None:
    error = errors.Throttled("slow down", retry_after=70)
    made, slept = _failing(error, RetryPolicy(budget=100), repeatable=True, share=0.0)
    assert (made, slept) == (2, [70])


@pytest.mark.parametrize(
    ("error", "repeatable", "tries"),
    [
        (errors.ServiceFailed("no"), False, 1),
        (errors.ConnectionFailed("no"), False, 1),
        (errors.Throttled("no"), False, 4),
        (errors.ConnectionTimedOut("no"), True, 4),
        (errors.TlsFailed("no"), True, 1),
        (errors.InvalidRequest("no"), True, 1),
        (errors.TokenRefused("no"), True, 1),
    ],
    ids=lambda value: type(value).__name__,
)
def test_only_what_may_and_can_help_is_repeated(
    error: errors.PartnerCenterError, repeatable: bool, tries: int
) -> None:
    made, _ = _failing(error, RetryPolicy(), repeatable=repeatable, share=0.5)
    assert made == tries


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("57", 57.0),
        (" 3 ", 3.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("9" * 400, 999_999_999.0),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW - timedelta(hours=1), usegmt=True), 0.0),
        ("Thu, 99 Foo 2025 25:61:61 GMT", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(text: str, seconds: float | None) -> None:
    headers = {"Retry-After": text, "Date": format_datetime(NOW, usegmt=True)}
    assert asked_wait(headers) == seconds


@given(st.text(max_size=60), st.text(max_size=40))
def test_damaged_retry_after_never_raises(text: str, date: str) -> None:
    wait = asked_wait({"Retry-After": text, "Date": date})
    assert wait is None or wait >= 0
