"""Domains and profiles: the small resources."""

import pytest

from partnercenter import errors
from tests.partnercenter.fake_service import GUIDS, FakeService, Reply, replying


@pytest.mark.parametrize(("status", "taken"), [(200, True), (404, False)])
def test_domain_is_taken_or_free(status: int, taken: bool) -> None:
    service = FakeService(replying(Reply(status)))
    assert service.client().domains.is_taken(" Contoso.onmicrosoft.com ") is taken
    assert (service.calls[0].method, service.calls[0].path) == (
        "HEAD",
        "/v1/domains/contoso.onmicrosoft.com",
    )


@pytest.mark.parametrize("status", [400, 403, 500])
def test_failure_is_never_taken_for_a_free_domain(status: int) -> None:
    with pytest.raises(errors.PartnerCenterError):
        FakeService(replying(Reply(status))).client().domains.is_taken("contoso.onmicrosoft.com")


def test_company_profile_of_another_customer_is_not_used() -> None:
    service = FakeService(replying(Reply(body={"tenantId": GUIDS[1]})))
    with pytest.raises(errors.MixedUpAnswer):
        service.client().profiles.customer_company(GUIDS[0])


def test_company_profile_needs_a_signed_in_user() -> None:
    service = FakeService(replying(Reply(403, body={"code": 900329, "description": "no"})))
    with pytest.raises(errors.AppOnlyRefused) as caught:
        service.client().profiles.customer_company(GUIDS[0])
    assert "signed-in user" in caught.value.advice


def test_partner_profile_is_asked_for_by_number_or_as_our_own() -> None:
    service = FakeService(replying(Reply(body={"mpnId": 4391227, "partnerName": "Us"})))
    profiles = service.client().profiles
    assert profiles.mpn().mpn_id == "4391227"
    assert profiles.mpn("4391227").partner_name == "Us"
    assert [asked.query for asked in service.calls] == [{}, {"mpnId": "4391227"}]


def test_profile_of_another_partner_is_not_used() -> None:
    service = FakeService(replying(Reply(body={"mpnId": "4391227"})))
    with pytest.raises(errors.MixedUpAnswer):
        service.client().profiles.mpn("7")


def test_profile_that_is_no_object_is_refused() -> None:
    service = FakeService(replying(Reply(body=[1])))
    profiles = service.client().profiles
    for ask in (profiles.organization, profiles.legal_business, profiles.billing, profiles.mpn):
        with pytest.raises(errors.MalformedAnswer):
            ask()
    with pytest.raises(errors.MalformedAnswer):
        profiles.customer_billing(GUIDS[0])
