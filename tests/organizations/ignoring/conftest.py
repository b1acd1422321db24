"""The scene of linking serves ignoring too."""

import pytest
from django.test import Client

from tests.organizations.linking.scene import Scene, make_scene


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
