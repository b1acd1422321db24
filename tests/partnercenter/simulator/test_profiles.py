"""Profiles of customers and of the partner: fidelity rules 30 and 36."""

import pytest

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import Caller
from tests.partnercenter.simulator.sample_worlds import PARTNER, RESELLER, customer_id

BILLING = f"/v1/customers/{customer_id(1)}/profiles/billing"


def test_rule_30_billing_profile_is_written_under_its_quoted_etag(
    simulator: Simulator, app: Caller
) -> None:
    profile = app.get(BILLING).json()
    etag = profile["attributes"]["etag"]
    changed = profile | {"email": "new@sample1.example"}

    def put(**headers: str) -> int:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return app.send("PUT", BILLING, body=changed, headers=named).status

    assert put() == 400
    assert put(If_Match='"1"') == 412
    assert put(If_Match=etag) == 412
    assert simulator.ledger.find(kind="billing_profile_written") == []
    assert put(If_Match=f'"{etag}"') == 200
    now = app.get(BILLING).json()
    assert now["email"] == "new@sample1.example"
    assert now["attributes"]["etag"] != etag
    assert int(now["attributes"]["etag"])
    assert put(If_Match=f'"{etag}"') == 412
    customer = app.get(f"/v1/customers/{customer_id(1)}").json()
    assert customer["billingProfile"]["email"] == "new@sample1.example"


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


def test_rule_36_mpn_profile_of_an_unknown_id_is_404_with_3000(user: Caller) -> None:
    answer = user.get("/v1/profiles/mpn?mpnId=1")
    assert (answer.status, answer.code) == (404, 3000)
    own = user.get("/v1/profiles/partnernetworkprofile").json()
    assert own["mpnId"] == PARTNER["mpnId"]
    reseller = user.get(f"/v1/profiles/mpn?mpnId={RESELLER['mpnId']}")
    assert reseller.json()["mpnId"] == RESELLER["mpnId"]
