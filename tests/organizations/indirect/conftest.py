"""Two providers, each with a list of indirect resellers."""

import pytest

from tests.organizations.indirect.scene import Scene, make_scene


@pytest.fixture
def north(transactional_db: None) -> Scene:
    return make_scene("North")


@pytest.fixture
def south(transactional_db: None) -> Scene:
    return make_scene("South")
