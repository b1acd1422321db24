"""The scene, made anew for every test."""

import pytest

from tests.organizations.fields.scene import Scene, make_scene


@pytest.fixture
def north() -> Scene:
    return make_scene()
