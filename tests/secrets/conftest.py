"""What the tests of secrets share: a scene full of canaries, and a way to note a figure."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import billing.tasks
import tenants.tasks
from tenants.connections import clients
from tests.billing.conftest import ADDRESSES
from tests.billing.worlds import QUICK
from tests.secrets.scene import Scene

assert billing.tasks and tenants.tasks

Figure = Callable[[str], None]


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Figure:
    """Return a function that notes one line for the end of the run."""
    return lambda text: record_property("figure", text)


@pytest.fixture
def scene(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, transactional_db: None
) -> Scene:
    """Lead every connection to the scene's partner; jobs wait until a test runs them."""
    made = Scene(tmp_path)
    settings.PARTNERCENTER_CLOUDS = {"simulator": ADDRESSES}
    monkeypatch.setattr(clients, "session_factory", made.session)
    monkeypatch.setattr(clients, "retry_policy", QUICK)
    return made
