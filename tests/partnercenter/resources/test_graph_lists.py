"""Collections of Microsoft Graph: whole or not at all, and never followed elsewhere."""

from typing import Any

import pytest

from partnercenter import errors
from tests.partnercenter.fake_service import GUIDS, Asked, FakeService, Reply, replying

PATH = "/v1.0/tenantRelationships/delegatedAdminRelationships"
HOST = "https://graph.example.test"


def _row(number: int, tenant: str = GUIDS[0]) -> dict[str, Any]:
    return {
        "id": f"{GUIDS[number]}-{GUIDS[99]}",
        "displayName": f"Relationship {number}",
        "status": "active",
        "customer": {"tenantId": tenant.upper(), "displayName": "Contoso"},
        "accessDetails": {"unifiedRoles": [{"roleDefinitionId": GUIDS[7].upper()}, {}]},
        "duration": "P730D",
        "autoExtendDuration": "P180D",
        "@odata.etag": 'W/"x"',
        "endDateTime": "2027-01-01T00:00:00Z",
    }


def _paged(pages: int, per_page: int = 2) -> FakeService:
    def answer(asked: Asked) -> Reply:
        page = int(asked.query.get("$skiptoken", "0"))
        rows = [_row(page * per_page + number) for number in range(per_page)]
        body: dict[str, Any] = {"value": rows}
        if page + 1 < pages:
            body["@odata.nextLink"] = f"{HOST}{PATH}?$top=300&$skiptoken={page + 1}"
        return Reply(body=body)

    return FakeService(answer)


@pytest.mark.parametrize("pages", [1, 2, 7])
def test_every_relationship_comes_once(pages: int) -> None:
    service = _paged(pages)
    found = list(service.client().delegated_admin.list())
    assert [one.name for one in found] == [f"Relationship {n}" for n in range(2 * pages)]
    assert len(service.calls) == pages
    assert {asked.host for asked in service.calls} == {"graph.example.test"}
    assert {asked.query["$top"] for asked in service.calls} == {"300"}


def test_relationship_is_read_whole() -> None:
    service = FakeService(replying(Reply(body=_row(3))))
    identity = f"{GUIDS[3]}-{GUIDS[99]}"
    found = service.client().delegated_admin.get(identity.upper())
    assert found.is_active
    assert found.customer_id == GUIDS[0]
    assert found.role_ids == (GUIDS[7],)
    assert found.etag == 'W/"x"'
    with pytest.raises(errors.MixedUpAnswer):
        service.client().delegated_admin.get(f"{GUIDS[4]}-{GUIDS[99]}")


def test_relationships_of_another_customer_are_not_used() -> None:
    service = FakeService(replying(Reply(body={"value": [_row(1, GUIDS[5])]})))
    client = service.client()
    assert list(client.delegated_admin.list(GUIDS[5].upper()))
    assert service.calls[0].query["$filter"] == f"customer/tenantId eq '{GUIDS[5]}'"
    with pytest.raises(errors.MixedUpAnswer):
        list(client.delegated_admin.list(GUIDS[6]))
    with pytest.raises(errors.InvalidRequest):
        client.delegated_admin.list("x' or 1 eq 1")


@pytest.mark.parametrize(
    "link",
    [
        f"https://evil.example{PATH}?$skiptoken=1",
        f"{HOST}/v1.0/users?$skiptoken=1",
        f"http://graph.example.test{PATH}?$skiptoken=1",
        f"{HOST}.evil.example{PATH}?$skiptoken=1",
        7,
        [],
    ],
    ids=range(6),
)
def test_link_to_another_place_is_refused(link: object) -> None:
    service = FakeService(replying(Reply(body={"value": [], "@odata.nextLink": link})))
    with pytest.raises(errors.LinkRefused):
        list(service.client().delegated_admin.list())
    assert {asked.host for asked in service.calls} == {"graph.example.test"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"value": None},
        {"value": {}},
        {"value": [{}]},
        {"value": [7]},
        {"value": [_row(1), _row(1)]},
        {"value": [], "@odata.nextLink": f"{HOST}{PATH}"},
        {"value": [], "@odata.nextLink": f"{HOST}{PATH}?a"},
        {"value": [], "@odata.nextLink": f"{HOST}{PATH}?$skip=1&$skip=2"},
        {"value": [], "@odata.nextLink": f"{HOST}{PATH}?$top=300"},
        {"value": [_row(1)], "@odata.nextLink": f"{HOST}{PATH}?$skiptoken=1"},
    ],
    ids=range(11),
)
def test_half_a_list_does_not_pass_for_the_whole(body: object) -> None:
    with pytest.raises(errors.PagingError):
        list(FakeService(replying(Reply(body=body))).client().delegated_admin.list())


def test_health_of_services_with_their_issues() -> None:
    issue = {"id": "EX1", "title": "Mail", "isResolved": False, "startDateTime": "2026-01-01"}
    row = {"id": "Exchange", "service": "Exchange Online", "status": "ServiceOperational"}
    body = {"value": [{**row, "issues": [issue]}, {"id": "x", "status": "new_word"}]}
    service = FakeService(replying(Reply(body=body)))
    exchange, other = service.client().service_status.list()
    assert exchange.is_operational
    assert exchange.issues[0].title == "Mail"
    assert (other.is_operational, other.issues) == (False, ())
    assert service.calls[0].query == {"$top": "100", "$expand": "issues"}
    list(service.client().service_status.list(issues=False))
    assert service.calls[1].query == {"$top": "100"}


def test_refusal_of_graph_is_read() -> None:
    body = {"error": {"code": "Authorization_RequestDenied", "message": "no", "innerError": {}}}
    with pytest.raises(errors.PermissionRefused) as caught:
        list(FakeService(replying(Reply(403, body=body))).client().delegated_admin.list())
    assert (caught.value.code, caught.value.detail) == ("Authorization_RequestDenied", "no")
