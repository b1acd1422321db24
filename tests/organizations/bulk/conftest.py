"""What the tests of bulk links share: the scene of linking, and whose browser and program it is."""

import pytest
from django.test import Client

import organizations.tasks
from portal.core.jobs import operations as job_operations
from tests.organizations.linking.scene import Scene, make_scene

assert organizations.tasks  # registers what does the jobs


@pytest.fixture
def north() -> Scene:
    return make_scene()


@pytest.fixture
def visitor(north: Scene) -> Client:
    """The operator's browser."""
    return north.operator.client()


@pytest.fixture
def program(north: Scene) -> Client:
    """The operator's program, calling the API with a token."""
    return north.operator.api()


@pytest.fixture(autouse=True)
def nobody_rung(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no worker be woken; the tests are the worker."""
    monkeypatch.setattr(job_operations, "ring", lambda *_: True)
