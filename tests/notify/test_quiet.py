"""When somebody wants to be reached, by the wall clock of where they are."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from portal.notify.quiet import latest_digest, quiet_end

AMSTERDAM, KOLKATA, AUCKLAND = map(
    ZoneInfo, ("Europe/Amsterdam", "Asia/Kolkata", "Pacific/Auckland")
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "zone", "until"),
    [
        ("2026-11-21T20:59:59", AMSTERDAM, None),  # 21:59:59
        ("2026-11-21T21:00:00", AMSTERDAM, "2026-11-22T06:00:00"),  # 22:00
        ("2026-11-21T23:30:00", AMSTERDAM, "2026-11-22T06:00:00"),  # after midnight
        ("2026-11-22T05:59:59", AMSTERDAM, "2026-11-22T06:00:00"),
        ("2026-11-22T06:00:00", AMSTERDAM, None),
        ("2026-11-21T16:30:00", KOLKATA, "2026-11-22T01:30:00"),  # half an hour off
        ("2026-11-22T01:30:00", KOLKATA, None),
        ("2026-11-22T09:00:00", AUCKLAND, "2026-11-22T18:00:00"),  # a day ahead
        # The night in which clocks go forward is an hour shorter, and back an hour longer.
        ("2026-03-28T21:00:00", AMSTERDAM, "2026-03-29T05:00:00"),
        ("2026-10-24T20:00:00", AMSTERDAM, "2026-10-25T06:00:00"),
    ],
)
def test_quiet_hours_from_ten_to_seven(now: str, zone: ZoneInfo, until: str | None) -> None:
    found = quiet_end(at(now), begins=time(22), ends=time(7), zone=zone)
    assert found == (at(until) if until else None)


def test_quiet_hours_within_a_day_and_none_at_all() -> None:
    noon = at("2026-11-21T12:00:00")
    assert quiet_end(noon, begins=time(12), ends=time(13), zone=ZoneInfo("UTC")) == at(
        "2026-11-21T13:00:00"
    )
    assert quiet_end(noon, begins=None, ends=None, zone=AMSTERDAM) is None
    assert quiet_end(noon, begins=time(9), ends=time(9), zone=AMSTERDAM) is None


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-23T07:00:00", "2026-11-23T07:00:00"),  # Monday, 8:00
        ("2026-11-23T06:59:59", "2026-11-16T07:00:00"),
        ("2026-11-29T22:30:00", "2026-11-23T07:00:00"),  # Sunday, 23:30
        ("2026-11-29T23:30:00", "2026-11-23T07:00:00"),  # Monday, 0:30
        # Eight o'clock stays eight o'clock when the clocks have changed.
        ("2026-03-30T06:00:00", "2026-03-30T06:00:00"),
        ("2026-10-26T07:00:00", "2026-10-26T07:00:00"),
    ],
)
def test_the_digest_of_monday_at_eight(now: str, due: str) -> None:
    assert latest_digest(at(now), day=0, hour=8, zone=AMSTERDAM) == at(due)


def test_an_hour_that_a_day_leaves_out_or_has_twice_is_due_once() -> None:
    left_out = latest_digest(at("2026-03-29T12:00:00"), day=6, hour=2, zone=AMSTERDAM)
    twice = latest_digest(at("2026-10-25T12:00:00"), day=6, hour=2, zone=AMSTERDAM)
    assert left_out == at("2026-03-29T01:00:00")
    assert twice == at("2026-10-25T00:00:00")
