"""What the tests of sub-resellers share."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import organizations.tasks
import tenants.tasks  # noqa: F401  (registers what does the jobs)
from organizations.provisioning.models import ProvisioningRequest
from partnercenter.client import RetryPolicy
from tenants.connections import clients
from tests.organizations.subresellers.scene import Scene, make_scene
from tests.organizations.subresellers.trade import Trade
from tests.tenants.simulated import CLOUD, PartnerCenterInProcess

assert organizations.tasks


@pytest.fixture
def scene() -> Scene:
    return make_scene()


@pytest.fixture
def partner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> PartnerCenterInProcess:
    made = PartnerCenterInProcess(tmp_path)
    settings.PARTNERCENTER_CLOUDS = {**settings.PARTNERCENTER_CLOUDS, "simulator": CLOUD}
    settings.PROVISIONING_SETTLE_SECONDS = 0
    monkeypatch.setattr(clients, "session_factory", made.session)
    monkeypatch.setattr(clients, "retry_policy", RetryPolicy(first_wait=0.0))
    return made


@pytest.fixture
def trade(partner: PartnerCenterInProcess) -> Trade:
    return Trade(partner)


@pytest.fixture
def finished(trade: Trade) -> Iterator[ProvisioningRequest]:
    """A request of the sub-reseller that is done."""
    answer = trade.ask()
    assert answer.status_code == 202, answer.content
    yield trade.scene.finish(trade.row(pk=answer.json()["id"]))
