"""What else is known of a customer: its organization, its account, whose customer it is."""

import json

import pytest

from partnercenter import errors
from tests.partnercenter.fake_service import (
    GUIDS,
    FakeService,
    Reply,
    collection,
    customer,
    replying,
)


def test_customers_of_a_reseller_are_asked_for_by_its_tenant() -> None:
    service = FakeService(replying(collection([customer(GUIDS[1])])))
    found = list(service.client().customers.of_indirect_reseller(GUIDS[0].upper()))
    assert [one.id for one in found] == [GUIDS[1]]
    assert json.loads(service.calls[0].query["filter"]) == {
        "Field": "IndirectReseller",
        "Value": GUIDS[0],
        "Operator": "starts_with",
    }


def test_reseller_is_not_named_by_partner_id() -> None:
    service = FakeService(replying(collection([])))
    with pytest.raises(errors.InvalidRequest):
        service.client().customers.of_indirect_reseller("4391227")
    assert not service.calls


def test_organization_is_a_bare_list() -> None:
    row = {
        "displayName": "Contoso",
        "countryLetterCode": "us",
        "technicalNotificationMails": ["a@b"],
    }
    service = FakeService(replying(Reply(body=[row])))
    (organization,) = service.client().customers.organization(GUIDS[0])
    assert (organization.display_name, organization.country) == ("Contoso", "US")
    assert organization.technical_emails == ("a@b",)
    with pytest.raises(errors.MalformedAnswer):
        FakeService(replying(Reply(body={}))).client().customers.organization(GUIDS[0])


@pytest.mark.parametrize(
    ("status", "read", "blocks"),
    [
        ("UnderReview", "underreview", True),
        ("under_review", "underreview", True),
        ("NotAllowed", "notallowed", True),
        ("Unknown", "unknown", True),
        ("Allowed", "allowed", False),
        ("Not Ready", "notready", False),
        ("SomethingNew", "somethingnew", False),
    ],
)
def test_account_status_blocks_purchases_or_not(status: str, read: str, blocks: bool) -> None:
    body = {"type": "account", "status": status, "lastUpdateDateTime": "2026-01-02T03:04:05Z"}
    service = FakeService(replying(Reply(body=body)))
    account = service.client().customers.account_status(GUIDS[0])
    assert account is not None
    assert (account.status, account.blocks_purchases) == (read, blocks)
    assert service.calls[0].query == {"type": "account"}


def test_no_account_status_is_no_error_but_no_customer_is() -> None:
    none = FakeService(replying(Reply(404, body={"code": 600074, "errorName": "x"})))
    assert none.client().customers.account_status(GUIDS[0]) is None
    gone = FakeService(replying(Reply(404, body={"code": 60003})))
    with pytest.raises(errors.CustomerNotFound):
        gone.client().customers.account_status(GUIDS[0])
    empty = FakeService(replying(Reply(body={"type": "account"})))
    with pytest.raises(errors.MalformedAnswer):
        empty.client().customers.account_status(GUIDS[0])
