"""What the tests of the suggestions share: a tenant with the domain of an organization."""

import pytest
from django.test import Client

from organizations.directory.models import Organization
from organizations.suggestions import suggesting
from tests.organizations.linking.scene import Scene, at_work, make_scene
from tests.organizations.suggestions.calls import EveryOrganization, system


@pytest.fixture
def north() -> Scene:
    scene = make_scene()
    with at_work(system(scene.reseller)):
        Organization.objects.filter(pk=scene.organization.pk).update(
            primary_domain=scene.tenant.domain
        )
    return scene


@pytest.fixture
def visitor(north: Scene) -> Client:
    """The operator's browser."""
    return north.operator.client()


@pytest.fixture
def program(north: Scene) -> Client:
    """The operator's program, calling the API with a token."""
    return north.operator.api()


@pytest.fixture
def every_organization(monkeypatch: pytest.MonkeyPatch) -> type[EveryOrganization]:
    """Let runs find every organization; ``seen`` are the tenants they compared."""
    EveryOrganization.seen = []
    monkeypatch.setattr(suggesting, "Matcher", EveryOrganization)
    return EveryOrganization
