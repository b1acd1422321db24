"""A partner in this process whose events come in through the portal's own address."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from portal.core.identity.models import Reseller
from tests.tenants.conftest import partner, reseller
from tests.tenants.notifications.line import Line
from tests.tenants.simulated import PartnerCenterInProcess

__all__ = ["partner", "reseller"]


@pytest.fixture
def line(
    partner: PartnerCenterInProcess, reseller: Reseller, tmp_path: Path, settings: Any
) -> Line:
    """Return a connection that has registered for events, and what sends them."""
    settings.BASE_URL = "https://portal.example.test"
    return Line(partner, reseller, Client(), folder=tmp_path)
