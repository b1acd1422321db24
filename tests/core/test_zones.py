"""Time zones are looked for once in a process: looking opens some 600 files."""

import zoneinfo

import pytest

from portal.core import zones
from tests.factories.core import make_reseller


def test_all_time_zones_of_the_machine_are_known() -> None:
    assert zones.time_zones() == zoneinfo.available_timezones()


@pytest.mark.django_db
def test_a_second_reseller_looks_for_no_time_zone_again(monkeypatch: pytest.MonkeyPatch) -> None:
    make_reseller()

    def look() -> set[str]:
        raise AssertionError("looked again")

    monkeypatch.setattr(zones, "available_timezones", look)
    make_reseller()
