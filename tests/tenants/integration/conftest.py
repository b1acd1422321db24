"""A whole account in this process."""

from pathlib import Path
from typing import Any

import pytest

import tenants.tasks  # noqa: F401  (registers what does the jobs)
from partnercenter.client import RetryPolicy
from tenants.connections import clients
from tests.tenants.integration.accounts import Account, open_account
from tests.tenants.simulated import CLOUD


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Account:
    """Return the account every connection of the cloud ``simulator`` leads to."""
    made = open_account(tmp_path)
    settings.PARTNERCENTER_CLOUDS = {**settings.PARTNERCENTER_CLOUDS, "simulator": CLOUD}
    monkeypatch.setattr(clients, "session_factory", made.session)
    monkeypatch.setattr(clients, "retry_policy", RetryPolicy(first_wait=0.0))
    return made
