"""Audit records, service requests and the count of sign-ins."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from partnercenter import errors
from tests.partnercenter.fake_service import (
    GUIDS,
    Asked,
    FakeService,
    Reply,
    collection,
    replying,
)

RECORD: dict[str, Any] = {
    "id": "p_c_order_update_636679632433466529",
    "customerId": GUIDS[0].upper(),
    "operationType": "update_customer_order",
    "operationDate": "2026-11-20T10:00:00.1234567Z",
    "operationStatus": "Succeeded",
    "resourceType": "order",
    "resourceNewValue": '{"Id":"x","Total":10.10}',
    "resourceOldValue": None,
    "customizedData": [{"key": "Subscription", "value": "s"}, {"key": "Order"}],
}


def test_record_holds_the_thing_as_it_was() -> None:
    service = FakeService(replying(Reply(body=RECORD)))
    record = service.client().audit.get(RECORD["id"])
    assert record.operation == "updatecustomerorder"
    assert record.status == "succeeded"
    assert record.customer_id == GUIDS[0]
    assert str(record.resource()["Total"]) == "10.10"
    assert record.earlier_resource() is None
    assert record.details == {"Subscription": "s", "Order": ""}
    assert record.happened == datetime(2026, 11, 20, 10, 0, 0, 123456, tzinfo=UTC)
    assert "Total" not in repr(record)


@pytest.mark.parametrize("text", ["{", "NaN", "[" * 10_000, '{"a":1,"a":2}', "\ud800"])
def test_thing_nobody_can_read_is_none(text: str) -> None:
    service = FakeService(replying(Reply(body={**RECORD, "resourceNewValue": text})))
    assert service.client().audit.get(RECORD["id"]).resource() is None


def test_another_record_than_asked_for_is_not_used() -> None:
    service = FakeService(replying(Reply(body=RECORD)))
    with pytest.raises(errors.MixedUpAnswer):
        service.client().audit.get("another")


def test_records_are_read_page_by_page() -> None:
    first = collection([RECORD], token="a,b/c+d==", path="/auditrecords")
    service = FakeService(replying(first, collection([{**RECORD, "id": "y"}])))
    pages = service.client().audit.pages(
        date(2026, 11, 1), date(2026, 11, 21), customer_id=GUIDS[0].upper(), size=1
    )
    assert [record.id for page in pages for record in page.items] == [RECORD["id"], "y"]
    assert service.calls[1].headers["ms-continuationtoken"] == "a,b/c+d=="
    asked = service.calls[1].query
    assert json.loads(asked.pop("filter")) == {
        "Field": "CustomerId",
        "Value": GUIDS[0],
        "Operator": "equals",
    }
    assert asked == {
        "startDate": "2026-11-01",
        "endDate": "2026-11-21",
        "size": "1",
        "seekOperation": "Next",
    }


def test_records_are_searched_by_one_condition() -> None:
    service = FakeService(replying(collection([])))
    audit = service.client().audit
    list(audit.pages(date(2026, 11, 1), company_name="Cont"))
    list(audit.pages(date(2026, 11, 1), resource_type="order"))
    filters = [json.loads(asked.query["filter"]) for asked in service.calls]
    assert [(f["Field"], f["Operator"]) for f in filters] == [
        ("CompanyName", "substring"),
        ("ResourceType", "equals"),
    ]
    with pytest.raises(errors.InvalidRequest):
        audit.pages(date(2026, 11, 1), company_name="a", resource_type="order")
    with pytest.raises(errors.InvalidRequest):
        audit.pages(date(2026, 11, 1), customer_id="no guid")
    with pytest.raises(errors.InvalidRequest):
        audit.pages(date(2026, 11, 1), size=0)


def _cases(total: int) -> FakeService:
    def answer(asked: Asked) -> Reply:
        offset, size = int(asked.query["offset"]), int(asked.query["size"])
        numbers = range(offset, min(offset + size, total))
        return collection([{"id": str(number), "severity": 0, "status": 1} for number in numbers])

    return FakeService(answer)


@pytest.mark.parametrize("total", [0, 1, 4, 5])
def test_service_requests_are_read_by_offset(total: int) -> None:
    service = _cases(total)
    cases = list(service.client().service_requests.list(GUIDS[0], size=2))
    assert [case.id for case in cases] == [str(number) for number in range(total)]
    assert {asked.path for asked in service.calls} == {f"/v1/customers/{GUIDS[0]}/servicerequests"}
    assert all(case.closed is None and case.severity == "0" for case in cases)


def test_list_that_ignores_the_offset_does_not_go_on_for_ever() -> None:
    service = FakeService(replying(collection([{"id": "1"}])))
    with pytest.raises(errors.PagingError):
        list(service.client().service_requests.list())


def test_service_request_is_the_one_asked_for() -> None:
    service = FakeService(
        replying(Reply(body={"id": "7", "lastClosedDate": "0001-01-01T00:00:00"}))
    )
    requests = service.client().service_requests
    assert requests.get("7").closed is None
    with pytest.raises(errors.MixedUpAnswer):
        requests.get("8")


def test_sign_ins_without_mfa_are_told() -> None:
    row = {"upn": "a@b.example", "mfaCompliant": False, "sourceIpAddress": "203.0.113.1"}
    service = FakeService(replying(collection([row])))
    security = service.client().security
    (request,) = security.api_requests()
    assert (request.mfa_compliant, request.ip_address) == (False, "203.0.113.1")
    assert security.principals_without_mfa()[0].user == "a@b.example"
    assert security.mfa_adoption(date(2026, 1, 1), date(2026, 2, 1)) == (row,)
    assert service.calls[2].query == {"startDate": "2026-01-01", "endDate": "2026-02-01"}
