"""The scene, made anew for every test, with a partner in this process."""

import pytest

from tests.organizations.synchronizing.scene import Scene, make_scene
from tests.tenants.conftest import partner as partner
from tests.tenants.simulated import PartnerCenterInProcess


@pytest.fixture
def north(transactional_db: None, partner: PartnerCenterInProcess) -> Scene:
    return make_scene(partner)
