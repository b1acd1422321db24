"""What holds for every subscription: time may be cut anywhere, and no day is billed twice."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from partnercenter.simulator.charges import charges_between, period_at
from partnercenter.simulator.lifecycle import settle
from partnercenter.simulator.subscription_terms import end_fields, term_end
from partnercenter.simulator.windows import with_added, with_returned
from tests.partnercenter.simulator.sample_subscriptions import make_seats

TERMS = [("P1M", 1), ("P1Y", 12), ("P3Y", 36)]
BEGIN = date(2024, 1, 1)


@st.composite
def subscriptions(draw: st.DrawFn) -> dict[str, Any]:
    duration, months = draw(st.sampled_from(TERMS))
    start = BEGIN + timedelta(days=draw(st.integers(0, 800)))
    cycle = draw(st.sampled_from(["monthly", "annual"] if months >= 12 else ["monthly"]))
    return make_seats(
        "c",
        "seats",
        termDuration=duration,
        billingCycle=cycle,
        effectiveStartDate=f"{start}T10:00:00Z",
        autoRenewEnabled=draw(st.booleans()),
        status=draw(st.sampled_from(["active", "suspended"])),
        **end_fields(term_end(start, months)),
    )


def moments(days: int) -> datetime:
    return datetime(2024, 1, 1, 12, tzinfo=UTC) + timedelta(days=days)


@settings(deadline=None)
@given(subscriptions(), st.integers(0, 2500), st.integers(0, 2500))
def test_settling_twice_is_settling_once(row: dict[str, Any], one: int, other: int) -> None:
    first, last = sorted((moments(one), moments(other)))
    halfway, early = settle(row, first)
    ended, late = settle(halfway, last)
    assert (ended, [*early, *late]) == settle(row, last)


@settings(deadline=None)
@given(subscriptions(), st.lists(st.integers(0, 2500), min_size=3, max_size=3))
def test_charges_of_a_span_are_those_of_its_parts(row: dict[str, Any], days: list[int]) -> None:
    first, middle, last = (moments(day) for day in sorted(days))
    parts = charges_between(row, first, middle) + charges_between(row, middle, last)
    assert parts == charges_between(row, first, last)


@settings(deadline=None)
@given(subscriptions())
def test_no_day_is_billed_twice_or_left_out(row: dict[str, Any]) -> None:
    due = charges_between(row, moments(0), moments(2500))
    for earlier, later in pairwise(due):
        assert later.start == earlier.end + timedelta(days=1)
    for charge in due:
        assert charge.end >= charge.start
        assert 0 < charge.share <= 1


@settings(deadline=None)
@given(subscriptions(), st.integers(0, 3000))
def test_day_of_the_term_lies_in_one_period(row: dict[str, Any], offset: int) -> None:
    day = BEGIN + timedelta(days=offset)
    within = row["effectiveStartDate"][:10] <= str(day) <= row["commitmentEndDate"][:10]
    period = period_at(row, day)
    assert (period is not None) is within
    if period is not None:
        assert period.share_from(period.end) > 0
        assert period.share_from(period.start) <= 1


@settings(deadline=None)
@given(st.lists(st.integers(-20, 20).filter(bool), max_size=12))
def test_no_more_seats_go_back_than_windows_hold(changes: list[int]) -> None:
    windows: list[tuple[int, datetime]] = []
    held = 0
    for change in changes:
        if change > 0:
            windows, held = with_added(windows, change, moments(0)), held + change
            continue
        left = with_returned(windows, -change)
        assert (left is None) is (-change > held)
        if left is not None:
            windows, held = left, held + change
        assert sum(seats for seats, _ in windows) == held
