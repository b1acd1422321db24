"""The scene of linking, with mail that waits for the test to carry it."""

from collections.abc import Iterator

import pytest

import organizations.tasks
import portal.notify.tasks
from portal.core.jobs import operations
from tests.organizations.linking.scene import Scene, make_scene

assert organizations.tasks and portal.notify.tasks


@pytest.fixture
def north() -> Scene:
    return make_scene()


@pytest.fixture(autouse=True)
def _no_bell(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let jobs be run by the tests alone."""
    monkeypatch.setattr(operations, "ring", lambda *_: True)
    yield
