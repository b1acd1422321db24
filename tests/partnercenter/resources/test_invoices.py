"""Invoices: a list with two kinds of paging at once, one by id, and lines."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnercenter import errors
from partnercenter.continuation import Continuation
from tests.partnercenter.fake_service import Asked, FakeService, Reply, replying


def _invoice(invoice_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": invoice_id,
        "invoiceDate": "2024-03-08T22:40:37.5897767Z",
        "totalCharges": 12.5,
        "currencyCode": "usd",
        "invoiceType": "OneTime" if invoice_id.startswith("G") else "Recurring",
        "documentType": "invoice",
        "invoiceDetails": [
            {
                "invoiceLineItemType": "billing_line_items",
                "billingProvider": "one_time",
                "links": {
                    "self": {"uri": "/invoices/OneTime-G1/lineitems/OneTime/BillingLineItems"}
                },
            }
        ],
        **changes,
    }


def _line(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "customerId": "",
        "subscriptionId": f"s{number}",
        "subtotal": "1.00",
        "taxTotal": "0",
        "totalForCustomer": "1.00",
        "currency": "USD",
        **changes,
    }


def _split_list(legacy: int, new: int, *, ignore_size: bool) -> Any:
    """Return a service whose offset counts legacy invoices; new ones come on every page."""

    def answer(asked: Asked) -> Reply:
        offset, size = int(asked.query["offset"]), int(asked.query["size"])
        ids = [f"D{number}" for number in range(legacy)][offset : offset + size]
        rest = new if ignore_size else min(new, size)
        ids += [f"G{number}" for number in range(rest)]
        return Reply(body={"items": [_invoice(each) for each in ids]})

    return answer


def _one_list(total: int) -> Any:
    """Return a service that pages one mixed list by offset, as other routes do."""

    def answer(asked: Asked) -> Reply:
        offset, size = int(asked.query["offset"]), int(asked.query["size"])
        ids = [f"{'DG'[number % 2]}{number}" for number in range(total)][offset : offset + size]
        return Reply(body={"items": [_invoice(each) for each in ids]})

    return answer


@given(st.integers(0, 12), st.integers(0, 6), st.integers(1, 5))
def test_every_invoice_comes_once_although_new_ones_ignore_the_offset(
    legacy: int, new: int, size: int
) -> None:
    service = FakeService(_split_list(legacy, new, ignore_size=True))
    got = [invoice.id for invoice in service.client().invoices.list(size=size)]
    assert sorted(got) == sorted([f"D{n}" for n in range(legacy)] + [f"G{n}" for n in range(new)])
    assert len(service.calls) <= legacy + new + 2


@given(st.integers(0, 12), st.integers(1, 5))
def test_every_invoice_comes_once_when_the_offset_counts_all(total: int, size: int) -> None:
    service = FakeService(_one_list(total))
    got = [invoice.id for invoice in service.client().invoices.list(size=size)]
    assert len(got) == len(set(got)) == total


def test_invoice_that_changes_while_the_list_is_read_raises() -> None:
    pages = [[_invoice("D1"), _invoice("G1")], [_invoice("G1", totalCharges=99)]]
    service = FakeService(replying(*[Reply(body={"items": page}) for page in pages]))
    with pytest.raises(errors.PagingError) as caught:
        list(service.client().invoices.list())
    assert caught.value.page == 2


@pytest.mark.parametrize(
    "items",
    [None, {}, "text", [None], [_invoice("")], [_invoice("D1", totalCharges=None)],
     [_invoice("D1", currencyCode=None)], [_invoice("D1"), _invoice("D1")]],
)  # fmt: skip
def test_invoice_list_that_cannot_be_trusted_raises(items: object) -> None:
    service = FakeService(replying(Reply(body={"items": items})))
    with pytest.raises(errors.PagingError):
        list(service.client().invoices.list())


def test_invoice_is_read_with_its_details() -> None:
    service = FakeService(replying(Reply(body=_invoice("G1", amendsOf="G0", status="due"))))
    invoice = service.client().invoices.get("OneTime-G1")
    assert (invoice.id, invoice.total, invoice.currency) == ("G1", Decimal("12.5"), "USD")
    assert (invoice.amends_of, invoice.status, invoice.is_new_commerce) == ("G0", "due", True)
    assert invoice.period_start is None
    assert invoice.details[0].provider == "one_time"
    assert service.calls[0].path == "/v1/invoices/OneTime-G1"


def test_answer_about_another_invoice_is_not_used() -> None:
    service = FakeService(replying(Reply(body=_invoice("G2"))))
    with pytest.raises(errors.MixedUpAnswer) as caught:
        service.client().invoices.get("G1")
    assert caught.value.correlation_id


def test_unknown_invoice_is_told_as_such() -> None:
    with pytest.raises(errors.InvoiceNotFound):
        FakeService(replying(Reply(404))).client().invoices.get("G1")


def test_invoice_id_cannot_leave_its_place_in_the_path() -> None:
    service = FakeService(replying(Reply(404)))
    with pytest.raises(errors.InvoiceNotFound):
        service.client().invoices.get("../customers?x=1")
    assert service.calls[0].path == "/v1/invoices/..%2Fcustomers%3Fx%3D1"
    with pytest.raises(errors.InvalidRequest):
        service.client().invoices.get("..")


def test_new_commerce_lines_are_sought_with_the_size_repeated() -> None:
    def answer(asked: Asked) -> Reply:
        sent = asked.headers.get("ms-continuationtoken")
        uri = "/invoices/OneTime-G1/lineitems/OneTime/BillingLineItems?seekOperation=Next"
        more = {"next": {"uri": uri, "headers": []}}
        body: dict[str, Any] = {"items": [_line(2 if sent else 1, invoiceNumber="G1")]}
        return Reply(body=body if sent else {**body, "links": more, "continuationToken": "a,b/c="})

    service = FakeService(answer)
    pages = list(service.client().invoices.line_items("G1", "one_time", "billing_line_items", 1))
    assert [line.subscription_id for page in pages for line in page.items] == ["s1", "s2"]
    assert service.calls[0].query == {
        "provider": "onetime",
        "invoicelineitemtype": "billinglineitems",
        "size": "1",
    }
    assert service.calls[1].query == {**service.calls[0].query, "seekOperation": "Next"}
    assert service.calls[1].headers["ms-continuationtoken"] == "a,b/c="


def _by_offset(total: int, *, cap: int) -> Any:
    def answer(asked: Asked) -> Reply:
        offset, size = int(asked.query["offset"]), min(int(asked.query["size"]), cap)
        return Reply(body={"items": [_line(n) for n in range(total)][offset : offset + size]})

    return answer


@given(st.integers(0, 12), st.integers(1, 5), st.integers(1, 5))
def test_legacy_lines_come_whole_though_the_service_gives_smaller_pages(
    total: int, size: int, cap: int
) -> None:
    service = FakeService(_by_offset(total, cap=cap))
    pages = list(service.client().invoices.line_items("D1", "office", "billinglineitems", size))
    assert [line.subscription_id for page in pages for line in page.items] == [
        f"s{number}" for number in range(total)
    ]
    assert pages[-1].after is None


def test_lines_go_on_in_another_process() -> None:
    client = FakeService(_by_offset(5, cap=2)).client()
    first = next(client.invoices.line_items("D1", "azure", "usagelineitems", 2))
    assert first.after is not None
    place = Continuation.from_dict(first.after.to_dict())
    rest = client.invoices.line_items("D1", "azure", "usagelineitems", 2, after=place)
    assert [line.subscription_id for page in rest for line in page.items] == ["s2", "s3", "s4"]


def test_service_that_ignores_the_offset_does_not_double_lines() -> None:
    service = FakeService(replying(Reply(body={"items": [_line(1), _line(2)]})))
    with pytest.raises(errors.PagingError):
        list(service.client().invoices.line_items("D1", "office", "billinglineitems"))


def test_line_of_another_invoice_is_refused() -> None:
    service = FakeService(replying(Reply(body={"items": [_line(1, invoiceNumber="G2")]})))
    with pytest.raises(errors.PagingError) as caught:
        list(service.client().invoices.line_items("G1", "onetime", "billinglineitems"))
    assert not caught.value.transient


@pytest.mark.parametrize(
    ("provider", "size"), [("one time", 1), ("a&b", 1), ("", 1), ("office", 0), ("office", 2_001)]
)
def test_question_that_makes_no_sense_is_not_asked(provider: str, size: int) -> None:
    service = FakeService(replying(Reply(body={"items": []})))
    with pytest.raises(errors.InvalidRequest):
        service.client().invoices.line_items("G1", provider, "billinglineitems", size)
    assert not service.calls
