"""Customers: short and full form, searches, and what a wrong answer does."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnercenter import errors
from partnercenter.schemas.customers import read_customer, read_customer_summary
from tests.partnercenter.fake_service import (
    GUIDS,
    FakeService,
    Reply,
    collection,
    customer,
    replying,
)

FULL = {
    **customer(GUIDS[0], "Fabrikam"),
    "commerceId": "c-1",
    "allowDelegatedAccess": True,
    "customDomains": ["fabrikam.example", None],
    "associatedPartnerId": 1234567,
    "billingProfile": {
        "id": "b-1",
        "firstName": "Ada",
        "email": "ada@fabrikam.example",
        "culture": "de-DE",
        "companyName": "Fabrikam GmbH",
        "organizationRegistrationNumber": "HRB 1",
        "defaultAddress": {"country": "de", "city": "Bonn ", "postalCode": "53111"},
        "attributes": {"etag": "-4242"},
    },
    "userCredentials": {"userName": "admin", "password": "hunter2"},
}


def test_summary_keeps_what_it_does_not_know() -> None:
    row = customer(GUIDS[0].upper(), "Contoso")
    summary = read_customer_summary(row)
    assert (summary.id, summary.company_name) == (GUIDS[0], "Contoso")
    assert (summary.domain, summary.relationship) == ("contoso.onmicrosoft.com", "reseller")
    assert summary.raw is row


def _pascal(value: Any) -> Any:
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: _pascal(item) for key, item in value.items()}
    return value


def test_spelling_of_keys_makes_no_difference() -> None:
    usual, pascal = customer(GUIDS[0]), _pascal(customer(GUIDS[0]))
    one, other = read_customer_summary(usual), read_customer_summary(pascal)
    assert (one.id, one.company_name, one.domain, one.relationship) == (
        other.id,
        other.company_name,
        other.domain,
        other.relationship,
    )
    assert other.raw is pascal


def test_customer_without_a_profile_is_still_a_customer() -> None:
    summary = read_customer_summary({"id": GUIDS[0]})
    assert (summary.company_name, summary.domain, summary.relationship) == ("", "", "")


def test_customer_is_read_in_full() -> None:
    full = FakeService(replying(Reply(body=FULL))).client().customers.get(GUIDS[0])
    assert (full.commerce_id, full.associated_partner_id) == ("c-1", "1234567")
    assert full.allow_delegated_access is True
    assert full.custom_domains == ("fabrikam.example", "")
    assert full.registration_number == "HRB 1"
    assert full.company_profile is not None
    billing = full.billing_profile
    assert billing is not None
    assert (billing.email, billing.etag) == ("ada@fabrikam.example", "-4242")
    assert billing.address is not None
    assert (billing.address.country, billing.address.city) == ("DE", "Bonn")


def test_credentials_are_not_kept() -> None:
    full = read_customer(FULL)
    assert "hunter2" not in repr(full) + json.dumps(dict(full.raw))


def test_answer_about_another_customer_is_not_used() -> None:
    service = FakeService(replying(Reply(body=customer(GUIDS[1]))))
    with pytest.raises(errors.MixedUpAnswer):
        service.client().customers.get(GUIDS[0])


@pytest.mark.parametrize("body", [None, [], "x", 7, {}, {"id": "x"}, {"id": None}, {"id": 7}])
def test_answer_without_a_customer_is_refused(body: object) -> None:
    service = FakeService(replying(Reply(body=json.dumps(body).encode())))
    with pytest.raises(errors.MalformedAnswer) as caught:
        service.client().customers.get(GUIDS[0])
    assert caught.value.request_id == service.calls[0].headers["ms-requestid"]


@pytest.mark.parametrize(
    "identity", ["", "x", "../invoices", f"{GUIDS[0]}/profiles", GUIDS[0][:-1]]
)
def test_what_is_no_tenant_id_is_never_asked_for(identity: str) -> None:
    service = FakeService(replying(Reply()))
    with pytest.raises(errors.InvalidRequest):
        service.client().customers.get(identity)
    assert not service.calls


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(404, body={"code": 60003}), errors.CustomerNotFound),
        (Reply(404, body={"code": 1000}), errors.CustomerNotFound),
        (Reply(404), errors.CustomerNotFound),
        (Reply(403, body={"code": 20002}), errors.NoResellerRelationship),
        (Reply(400, body={"code": "20002"}), errors.NoResellerRelationship),
    ],
)
def test_customer_of_somebody_else_or_of_nobody(
    reply: Reply, kind: type[errors.PartnerCenterError]
) -> None:
    with pytest.raises(kind):
        FakeService(replying(reply)).client().customers.get(GUIDS[0])


@given(st.text(min_size=1, max_size=30))
def test_search_sends_the_text_whole(text: str) -> None:
    service = FakeService(replying(collection([customer(GUIDS[0])])))
    (found,) = service.client().customers.search("companyname", text)
    assert found.id == GUIDS[0]
    assert json.loads(service.calls[0].query["filter"]) == {
        "Field": "CompanyName",
        "Value": text,
        "Operator": "starts_with",
    }


@pytest.mark.parametrize(("field", "text"), [("Colour", "red"), ("Domain", "")])
def test_search_that_cannot_be_is_refused(field: str, text: str) -> None:
    with pytest.raises(errors.InvalidRequest):
        FakeService(replying(Reply())).client().customers.search(field, text)


@given(
    st.dictionaries(
        st.sampled_from([*FULL, "Id", "companyprofile"]),
        st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just({}) | st.just([]),
    )
)
def test_damaged_customer_is_read_or_refused(changes: dict[str, Any]) -> None:
    for read in (read_customer, read_customer_summary):
        try:
            got = read({**FULL, **changes})
        except errors.MalformedAnswer:
            continue
        assert got.id in GUIDS
