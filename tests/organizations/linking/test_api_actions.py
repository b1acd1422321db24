"""Linking, unlinking, undo, links and the alert, called with tokens as programs do."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from tests.factories.organizations import make_account, make_organization
from tests.factories.tenants import make_tenant
from tests.organizations.linking.calls import ALERT, LINKS, TENANTS, get, post
from tests.organizations.linking.scene import Scene, make_scene

pytestmark = pytest.mark.django_db
MOST_QUERIES = 8


@pytest.mark.parametrize("by", ["id", "number", "account"])
def test_link_by_organization_id_number_or_account(north: Scene, program: Client, by: str) -> None:
    account = make_account(north.organization)
    data = {
        "id": {"organization": str(north.organization.pk)},
        "number": {"organization": north.organization.number},
        "account": {"account": str(account.pk)},
    }[by]
    answer = post(program, f"{TENANTS}{north.tenant.pk}/link/", **data, why="By contract")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["live"], body["why"], body["how"]) == (True, "By contract", "manual")
    assert body["organization"]["number"] == north.organization.number
    assert (body["account"] == str(account.pk)) == (by == "account")
    again = post(program, f"{TENANTS}{north.tenant.pk}/link/", **data)
    assert again.json()["id"] == body["id"]


def test_link_elsewhere_answers_409_with_who_and_when(north: Scene, program: Client) -> None:
    link = north.link()
    other = make_organization(north.reseller)
    answer = post(program, f"{TENANTS}{north.tenant.pk}/link/", organization=other.number)
    assert answer.status_code == 409
    body = answer.json()
    assert body["code"] == "linked_elsewhere"
    assert body["organization_number"] == north.organization.number
    assert body["linked_by"] == "Olga of North"
    assert body["linked_at"] == link.begins_at.isoformat()
    assert body["fields"] == {}


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"organization": "1", "account": str(uuid4())},
        {"account": "x"},
        {"organization": "1", "reseller": 1},
        {"organization": "1", "how": "provisioned"},
        {"organization": "1", "linked_by": "somebody"},
    ],
)
def test_link_refuses_what_it_cannot_take(
    north: Scene, program: Client, data: dict[str, str]
) -> None:
    answer = post(program, f"{TENANTS}{north.tenant.pk}/link/", **data)
    assert answer.status_code == 400
    assert answer.json()["fields"]
    assert north.live_links() == []


def test_link_to_a_foreign_organization_looks_like_one_that_never_was(
    north: Scene, program: Client
) -> None:
    south = make_scene("South")
    address = f"{TENANTS}{north.tenant.pk}/link/"
    foreign_account = make_account(south.organization)
    for foreign, random in (
        ({"organization": str(south.organization.pk)}, {"organization": str(uuid4())}),
        ({"account": str(foreign_account.pk)}, {"account": str(uuid4())}),
    ):
        answers = [post(program, address, **data) for data in (foreign, random)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content
    assert north.live_links() == []


def test_unlink_needs_its_reason(north: Scene, program: Client) -> None:
    north.link()
    address = f"{TENANTS}{north.tenant.pk}/unlink/"
    refused = post(program, address)
    assert refused.status_code == 400 and "reason" in refused.json()["fields"]
    body = post(program, address, reason="Wrong company").json()
    assert (body["live"], body["end_reason"]) == (False, "Wrong company")
    assert post(program, address, reason="Again").status_code == 409


def test_undo_is_an_action_of_the_link(north: Scene, program: Client) -> None:
    link = north.link()
    body = post(program, f"{LINKS}{link.pk}/undo/").json()
    assert (body["live"], body["undone"]) == (False, True)
    assert north.live_links() == []


def test_links_are_listed_by_tenant_organization_and_whether_they_hold(
    north: Scene, program: Client
) -> None:
    ended = north.link()
    post(program, f"{LINKS}{ended.pk}/undo/")
    other = make_organization(north.reseller)
    live = north.link(organization=other)

    def ids(**query: Any) -> list[str]:
        return [row["id"] for row in get(program, LINKS, **query)["results"]]

    assert ids() == [str(live.pk), str(ended.pk)]
    assert ids(live="true") == [str(live.pk)]
    assert ids(live="false") == [str(ended.pk)]
    assert ids(organization=other.number) == [str(live.pk)]
    assert ids(tenant=north.tenant.pk, live="true") == [str(live.pk)]
    assert ids(tenant=uuid4()) == []
    assert get(program, f"{LINKS}{live.pk}/")["organization"]["id"] == str(other.pk)


def test_alert_is_one_object(north: Scene, program: Client) -> None:
    make_tenant(north.connection, billed_amount=Decimal("10.25"), billed_currency="EUR")
    make_tenant(north.connection, billed_amount=Decimal("-3"), billed_currency="USD")
    assert get(program, ALERT) == {
        "count": 3,
        "unassigned": [
            {"currency": "EUR", "amount": "10.250000"},
            {"currency": "USD", "amount": "-3.000000"},
        ],
        "oldest_days": 0,
        "unbilled": [],
        "owners": [],
        "acknowledged": 0,
    }


def test_alert_falls_to_nothing(north: Scene, program: Client) -> None:
    post(program, f"{TENANTS}{north.tenant.pk}/link/", organization=north.organization.number)
    assert get(program, ALERT) == {
        "count": 0,
        "unassigned": [],
        "oldest_days": None,
        "unbilled": [],
        "owners": [],
        "acknowledged": 0,
    }
