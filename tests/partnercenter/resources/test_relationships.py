"""Providers, resellers and the invitations between them."""

import pytest

from partnercenter import errors
from tests.partnercenter.fake_service import GUIDS, FakeService, Reply, collection, replying

ROW = {
    "id": GUIDS[0].upper(),
    "name": "First Up",
    "relationshipType": "is_indirect_cloud_solution_provider_of",
    "state": "Active",
    "mpnId": 4847383,
    "location": "us",
}


def test_direction_is_asked_for_with_an_underscore() -> None:
    service = FakeService(replying(collection([ROW, ROW])))
    relationships = service.client().relationships
    resellers = relationships.indirect_resellers()
    relationships.indirect_providers()
    # One reseller can be there once for each partner id and place.
    assert [reseller.id for reseller in resellers] == [GUIDS[0]] * 2
    assert (resellers[0].mpn_id, resellers[0].location) == ("4847383", "US")
    assert resellers[0].relationship_type == "isindirectcloudsolutionproviderof"
    assert [asked.query for asked in service.calls] == [
        {"relationship_type": "IsIndirectCloudSolutionProviderOf"},
        {"relationship_type": "IsIndirectResellerOf"},
    ]


def test_resellers_of_a_customer_and_one_without_id() -> None:
    service = FakeService(replying(collection([ROW])))
    assert service.client().relationships.of_customer(GUIDS[4])[0].name == "First Up"
    assert service.calls[0].path == f"/v1/customers/{GUIDS[4]}/relationships"
    nameless = FakeService(replying(collection([{"name": "x"}])))
    with pytest.raises(errors.PagingError):
        nameless.client().relationships.of_customer(GUIDS[4])


def test_invitation_link_is_made_fit_for_a_page() -> None:
    body = {"url": "https://portal.example/signup.aspx?type=R&amp;id=1&amp;csp=1"}
    service = FakeService(replying(Reply(body=body)))
    link = service.client().relationships.request_link(indirect_provider_id=GUIDS[0].upper())
    assert link == "https://portal.example/signup.aspx?type=R&id=1&csp=1"
    assert service.calls[0].query == {"indirectCloudSolutionProviderId": GUIDS[0]}


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        7,
        "javascript:alert(1)",
        "http://admin.example/x",
        "https://user@admin.example/",
        "https:///x",
        "//x",
        "https://x.example/ y",
        'https://x.example/"onload=',
        "https://x.example:port/",
        "https://[x/",
    ],
    ids=range(12),
)
def test_link_that_cannot_be_offered_is_refused(url: object) -> None:
    with pytest.raises(errors.MalformedAnswer):
        FakeService(replying(Reply(body={"url": url}))).client().relationships.request_link()


def test_reseller_is_named_in_one_way_only() -> None:
    service = FakeService(replying(Reply(body={"isAgreementSigned": True})))
    relationships = service.client().relationships
    assert relationships.has_signed(mpn_id="7")
    assert relationships.has_signed(tenant_id=GUIDS[0])
    assert [asked.query for asked in service.calls] == [{"mpnid": "7"}, {"tenantId": GUIDS[0]}]
    for ask in ({}, {"mpn_id": "7", "tenant_id": GUIDS[0]}, {"tenant_id": "no guid"}):
        with pytest.raises(errors.InvalidRequest):
            relationships.has_signed(**ask)
    assert len(service.calls) == 2


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (2000, errors.InvalidRequest),
        (2001, errors.InvalidRequest),
        (2200, errors.PartnerAccountUnknown),
        (2201, errors.PartnerRegionMismatch),
        (2203, errors.PartnerAgreementMissing),
        (2204, errors.PartnerAccountUnknown),
        (2205, errors.PartnerAccountUnknown),
        (2206, errors.PartnerAgreementMissing),
    ],
)
def test_reason_why_nothing_is_signed(code: int, kind: type[errors.PartnerCenterError]) -> None:
    service = FakeService(replying(Reply(400, body={"code": code, "source": "PartnerFD"})))
    with pytest.raises(kind) as caught:
        service.client().relationships.has_signed(mpn_id="7")
    assert type(caught.value) is kind


def test_what_is_not_said_is_not_signed() -> None:
    with pytest.raises(errors.MalformedAnswer):
        FakeService(replying(Reply(body={}))).client().relationships.has_signed(mpn_id="7")
