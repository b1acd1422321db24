"""The audit trail on the API, between two moments."""

import pytest

from tests.factories.core import make_person, make_reseller


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("moment", "status"),
    [
        ("2026-06-30T22:00:00Z", 200),
        ("0204-12-17T15:26:12+16:56", 200),
        ("0001-01-01T00:00:00+12:00", 400),
        ("yesterday", 400),
    ],
)
def test_moments_of_any_offset_are_understood_or_refused(moment: str, status: int) -> None:
    client = make_person(make_reseller()).client()
    answer = client.get("/api/v1/audit-events/", {"at__gte": moment})
    assert answer.status_code == status
    assert status == 200 or "at__gte" in answer.json()["fields"]
