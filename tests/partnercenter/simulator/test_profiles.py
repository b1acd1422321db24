"""Profiles of customers and of the partner, beside their rules in rules/."""

import pytest

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import Caller
from tests.partnercenter.simulator.sample_worlds import PARTNER, customer_id

BILLING = f"/v1/customers/{customer_id(1)}/profiles/billing"


def test_billing_profile_with_a_bad_address_is_refused(app: Caller) -> None:
    profile = app.get(BILLING).json()
    headers = {"If-Match": f'"{profile["attributes"]["etag"]}"'}
    body = profile | {"defaultAddress": {"country": "US"}}
    assert app.send("PUT", BILLING, body=body, headers=headers).status == 400


@pytest.mark.parametrize(
    ("name", "object_type"),
    [
        ("legalbusiness", "LegalBusinessProfile"),
        ("organization", "OrganizationProfile"),
        ("billing", "BillingProfile"),
        ("support", "SupportProfile"),
        ("mpn", "MpnProfile"),
    ],
)
def test_partner_profiles_are_there(user: Caller, name: str, object_type: str) -> None:
    body = user.get(f"/v1/profiles/{name}").json()
    assert body["attributes"]["objectType"] == object_type
    assert body["links"]["self"]["uri"] == f"/profiles/{name}"


def test_organization_profile_says_who_the_partner_is(user: Caller) -> None:
    body = user.get("/v1/profiles/organization").json()
    assert (body["tenantId"], body["companyName"], body["domain"]) == (
        PARTNER["tenantId"],
        PARTNER["companyName"],
        PARTNER["domain"],
    )


def test_written_partner_profile_is_kept(simulator: Simulator, user: Caller) -> None:
    body = user.get("/v1/profiles/support").json() | {"telephone": "4255550199"}
    assert user.send("PUT", "/v1/profiles/supportprofile", body=body).status == 200
    assert user.get("/v1/profiles/support").json()["telephone"] == "4255550199"
    effects = simulator.ledger.find(kind="partner_profile_written", subject="support")
    assert [effect.data["profile"]["telephone"] for effect in effects] == ["4255550199"]


def test_etag_of_a_partner_profile_changes_with_its_content(user: Caller) -> None:
    before = user.get("/v1/profiles/billing").json()
    answer = user.send("PUT", "/v1/profiles/billing", body=before | {"taxId": "11-1111111"})
    assert answer.json()["TaxId"] == "11-1111111"
    after = user.get("/v1/profiles/billing").json()
    assert after["taxId"] == "11-1111111"
    assert after["attributes"]["etag"] != before["attributes"]["etag"]


def test_unknown_vetting_version_is_refused(user: Caller) -> None:
    assert user.get("/v1/profiles/legalbusiness?vettingVersion=lastfinalized").status == 200
    assert user.get("/v1/profiles/legalbusiness?vettingVersion=Yesterday").status == 400
