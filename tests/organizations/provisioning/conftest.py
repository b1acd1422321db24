"""The scene, with a Partner Center in this process."""

from pathlib import Path
from typing import Any

import pytest

import organizations.tasks
import tenants.tasks  # noqa: F401  (registers what does the jobs)
from partnercenter.client import RetryPolicy
from tenants.connections import clients
from tests.organizations.provisioning.scene import Scene, make_scene
from tests.tenants.simulated import CLOUD, PartnerCenterInProcess

assert organizations.tasks  # registers what does the jobs


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
def north(transactional_db: None, partner: PartnerCenterInProcess) -> Scene:
    return make_scene(partner)
