"""What the tests of sub-resellers share."""

import pytest

from tests.organizations.subresellers.scene import Scene, make_scene


@pytest.fixture
def scene() -> Scene:
    return make_scene()
