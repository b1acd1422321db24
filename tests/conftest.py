"""What every test may ask for: the database as the portal's own login, and the cast.

Two resellers, *North* and *South*, each with the same people. Whatever one has, the other has too,
so that a leak shows as somebody else's name and not as an empty list.
"""

import json
import os
from collections import Counter
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import TransactionTestCase
from hypothesis import HealthCheck, settings

from tests.database import create_database, drop_database, empty_database
from tests.outside import nobody_outside
from tests.thrift import collected_without_looking_for_waste, one_chain_of_middleware

# A slow machine makes nothing wrong: what hypothesis finds counts, not how long it took to look.
settings.register_profile("tenantry", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tenantry")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return how many processes `-n auto` starts: three for two cores, since many tests wait."""
    return max(1, (os.cpu_count() or 1) * 3 // 2)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    with collected_without_looking_for_waste():
        return (yield)


@pytest.fixture(autouse=True, scope="session")
def _one_chain_of_middleware() -> Iterator[None]:
    with one_chain_of_middleware():
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Replace Django's test database by a clone of the migrated template."""
    create_database()
    yield
    drop_database()


@pytest.fixture(autouse=True, scope="session")
def emptied_by_administrator() -> Iterator[None]:
    """Let tests that commit be cleared up by the administrator: the portal may not truncate."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _self: empty_database())
        yield


@pytest.fixture(autouse=True, scope="session")
def _nobody_outside() -> Iterator[None]:
    with nobody_outside():
        yield


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    yield
    cache.clear()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the figures of the acceptance tests that ran, and what the tortures came to in all."""
    reports = [
        report
        for group in terminalreporter.stats.values()
        for report in group
        if hasattr(report, "user_properties")
    ]
    tally: Counter[str] = Counter()
    for report in reports:
        for name, value in report.user_properties:
            if name == "figure" and report.when == "call":
                terminalreporter.write_line(str(value))
            if name == "torture" and report.when == "teardown":
                tally.update(json.loads(value), tests=1)
    if tally:
        terminalreporter.write_line(
            f"Tortures: {tally['tests']} tests, {tally['faults']:,} faults injected,"
            f" {tally['operations']:,} operations, {tally['lost']} lost, {tally['doubled']}"
            f" doubled, {tally['leaked']} leaked"
        )
