"""What the linking tests share: the scene, a visitor, a program, and Partner Center's part."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from organizations.linking import creating
from tenants.discovery.models import Tenant
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


@pytest.fixture
def partner_center(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Stand in for the call to Partner Center: the fields it fills, or the ``error`` it raises."""
    says: dict[str, Any] = {}

    def read(tenant: Tenant, *, actor: Any) -> Tenant:
        if error := says.get("error"):
            raise error
        for name, value in says.items():
            setattr(tenant, name, value)
        return tenant

    monkeypatch.setattr(creating, "read_details", read)
    yield says
