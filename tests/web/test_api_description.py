"""The API's description: complete, valid, and without a word of doubt from what writes it."""

import pytest
from django.urls import reverse
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema

from tests.factories.core import make_person, make_reseller


@pytest.mark.django_db
def test_every_route_of_the_api_is_described_without_a_guess() -> None:
    client = make_person(make_reseller()).client()
    with GENERATOR_STATS.silence():
        GENERATOR_STATS.reset()
        schema = client.get(reverse("schema"), {"format": "json"}).json()
        doubts = [*GENERATOR_STATS._warn_cache, *GENERATOR_STATS._error_cache]
    validate_schema(schema)
    assert doubts == []
    assert set(schema["components"]["securitySchemes"]) == {"token", "session"}
    assert all(path.startswith("/api/v1/") for path in schema["paths"])
