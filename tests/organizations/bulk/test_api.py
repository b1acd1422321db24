"""``bulk-links``: what the pages do, as a program does it."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from organizations.bulk.models import BulkLink
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_tenants
from tests.organizations.bulk.work import fresh, owners, work_off
from tests.organizations.linking.scene import Scene

pytestmark = pytest.mark.django_db(transaction=True)

BULK = "/api/v1/bulk-links/"


def post(program: Client, address: str, data: Any = None) -> Any:
    return program.post(address, data, content_type="application/json")


def test_preview_run_items_retry_and_undo(north: Scene, program: Client) -> None:
    tenants = make_tenants(north.connection, 3)
    asked = {
        "plan": "link",
        "tenants": [str(tenant.pk) for tenant in tenants],
        "organization": north.organization.number,
        "why": "Spring clean",
    }
    answer = post(program, BULK, asked)
    assert answer.status_code == 201, answer.content
    draft = answer.json()
    assert (draft["state"], draft["to_link"], draft["left"]) == ("draft", 3, 3)
    assert draft["organization"]["number"] == north.organization.number
    north.link(tenants[1], make_organization(north.reseller))
    one = f"{BULK}{draft['id']}/"
    assert post(program, f"{one}run/").status_code == 202
    assert post(program, f"{one}run/").json()["code"] == "not_a_draft"
    row = fresh(north, _bulk(draft))
    work_off(north, row, row.job)
    done = program.get(one).json()
    assert (done["state"], done["linked"], done["refused"]) == ("done", 2, 1)
    listed = program.get(f"{one}items/", {"outcome": "refused"}).json()["results"]
    assert [item["tenant"] for item in listed] == [str(tenants[1].pk)]
    assert listed[0]["code"] == "linked_elsewhere"
    first = program.get(f"{one}items/", {"page_size": 2}).json()
    rest = program.get(first["next"]).json()
    assert [item["position"] for item in first["results"] + rest["results"]] == [1, 2, 3]
    assert program.get(f"{one}items/", {"outcome": "perhaps"}).status_code == 400
    assert post(program, f"{one}retry/").status_code == 202
    row = fresh(north, _bulk(draft))
    work_off(north, row, row.job)
    assert post(program, f"{one}undo/", {"reason": ""}).status_code == 400
    assert post(program, f"{one}undo/", {"reason": "wrong"}).status_code == 202
    row = fresh(north, _bulk(draft))
    work_off(north, row, row.undo_job)
    undone = program.get(one).json()
    assert (undone["state"], undone["undone"], undone["linked"]) == ("undone", 2, 0)
    assert list(owners(north)) == [tenants[1].pk]
    assert [row["id"] for row in program.get(BULK, {"state": "undone"}).json()["results"]] == [
        draft["id"]
    ]
    assert program.get(BULK, {"state": "draft"}).json()["results"] == []


def test_a_query_and_its_count_stand_for_the_tenants(north: Scene, program: Client) -> None:
    make_tenants(north.connection, 7, name="Contoso")
    asked = {
        "plan": "create",
        "query": {"search": "contoso", "linked": "false", "ordering": "-name"},
        "expected_count": 6,
    }
    moved = post(program, BULK, asked)
    assert moved.status_code == 409
    assert moved.json()["code"] == "count_moved"
    assert (moved.json()["expected_count"], moved.json()["count"]) == (6, 7)
    draft = post(program, BULK, {**asked, "expected_count": 7}).json()
    assert (draft["tenants"], draft["to_create"]) == (7, 7)
    items = program.get(f"{BULK}{draft['id']}/items/").json()["results"]
    assert items[0]["tenant_name"] == "Contoso 00007"
    assert items[0]["draft"]["name"] == "Contoso 00007"
    assert program.delete(f"{BULK}{draft['id']}/").status_code == 204
    assert program.get(f"{BULK}{draft['id']}/").status_code == 404


def test_what_makes_no_sense_is_refused_by_field(north: Scene, program: Client) -> None:
    ids = [str(north.tenant.pk)]
    for asked, field in (
        ({"plan": "link", "tenants": ids}, "organization"),
        ({"plan": "link", "tenants": ids, "organization": str(uuid4())}, "organization"),
        ({"plan": "suggestions", "tenants": ids}, "level"),
        ({"plan": "create"}, "tenants"),
        ({"plan": "create", "tenants": []}, "tenants"),
        ({"plan": "create", "tenants": ids, "query": {}}, "tenants"),
        ({"plan": "create", "tenants": [*ids, str(uuid4())]}, "tenants"),
        ({"plan": "create", "query": {}}, "expected_count"),
        ({"plan": "create", "query": {"colour": "red"}, "expected_count": 1}, "query"),
        ({"plan": "create", "query": {"linked": "perhaps"}, "expected_count": 1}, "query"),
        ({"plan": "create", "query": {"ordering": "size"}, "expected_count": 1}, "query"),
        ({"plan": "create", "tenants": ids, "colour": "red"}, "colour"),
    ):
        answer = post(program, BULK, asked)
        assert answer.status_code == 400, (asked, answer.content)
        assert field in answer.json()["fields"], (asked, answer.content)
    assert program.get(BULK).json()["results"] == []


def _bulk(answer: dict[str, Any]) -> BulkLink:

    return BulkLink(pk=answer["id"])
