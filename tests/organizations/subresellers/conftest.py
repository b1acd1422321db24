"""What the tests of sub-resellers share."""

from collections.abc import Iterator

import pytest

from organizations.provisioning.models import ProvisioningRequest
from tests.organizations.provisioning.conftest import partner as partner
from tests.organizations.subresellers.scene import Scene, make_scene
from tests.organizations.subresellers.trade import Trade
from tests.tenants.simulated import PartnerCenterInProcess


@pytest.fixture
def scene() -> Scene:
    return make_scene()


@pytest.fixture
def trade(partner: PartnerCenterInProcess) -> Trade:
    return Trade(partner)


@pytest.fixture
def finished(trade: Trade) -> Iterator[ProvisioningRequest]:
    """A request of the sub-reseller that is done."""
    answer = trade.ask()
    assert answer.status_code == 202, answer.content
    yield trade.scene.finish(trade.row(pk=answer.json()["id"]))
