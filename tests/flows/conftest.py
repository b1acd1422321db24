"""A Partner Center in this process with three customers and a month's invoice."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import billing.tasks
import tenants.tasks
from portal.core.jobs import operations as job_operations
from tenants.connections import clients
from tests.billing.conftest import ADDRESSES
from tests.billing.worlds import QUICK
from tests.flows.world import InProcess, small_business

assert billing.tasks and tenants.tasks


@pytest.fixture
def partner_center(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[InProcess]:
    """Lead every connection to the simulated partner; jobs wait until a test runs them."""
    made = InProcess(small_business(tmp_path))
    settings.PARTNERCENTER_CLOUDS = {"simulator": ADDRESSES}
    monkeypatch.setattr(clients, "session_factory", made.session)
    monkeypatch.setattr(clients, "retry_policy", QUICK)
    monkeypatch.setattr(job_operations, "ring", lambda *_: True)
    yield made
