"""A partner in this process, and what a test does with the jobs of its connections."""

from pathlib import Path
from typing import Any

import pytest

import tenants.tasks  # noqa: F401  (registers what does the jobs)
from partnercenter.client import RetryPolicy
from portal.core.identity.models import Reseller
from tenants.connections import clients
from tests.factories.core import make_reseller
from tests.tenants.simulated import CLOUD, PartnerCenterInProcess


@pytest.fixture
def partner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> PartnerCenterInProcess:
    """Return the partner every connection of the cloud ``simulator`` leads to."""
    made = PartnerCenterInProcess(tmp_path)
    settings.PARTNERCENTER_CLOUDS = {**settings.PARTNERCENTER_CLOUDS, "simulator": CLOUD}
    monkeypatch.setattr(clients, "session_factory", made.session)
    monkeypatch.setattr(clients, "retry_policy", RetryPolicy(first_wait=0.0))
    return made


@pytest.fixture
def reseller(transactional_db: None) -> Reseller:
    return make_reseller()
