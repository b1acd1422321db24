"""Partners among each other: fidelity rules 34 to 36."""

from typing import Any

import pytest

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import Answer, Caller, user_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_worlds import (
    PARTNER,
    RESELLER,
    customer_id,
    make_customer,
)

PROVIDER_OF = "/v1/relationships?relationship_type=IsIndirectCloudSolutionProviderOf"
RESELLER_OF = "/v1/relationships?relationship_type=IsIndirectResellerOf"
STATUS = "/v1/compliance/csp/agreementstatus"
NEW = {
    "mpnId": "6363276",
    "tenant": {"domainPrefix": "pierresale", "country": "US", "adminFirstName": "Ada"},
    "legalBusinessProfile": {"companyName": "Pier Resale"},
}


def reseller(number: int, **changes: Any) -> dict[str, Any]:
    own = {"id": f"5e110000-0000-4000-8000-{number:012d}", "mpnId": str(7_100_000 + number)}
    return RESELLER | own | changes


def refusal(answer: Answer) -> tuple[int, int]:
    return answer.status, answer.code


def test_rule_34_relationships_depend_on_their_type_and_on_who_asks(
    make_simulator: MakeSimulator,
) -> None:
    provider = user_caller(make_simulator())
    assert refusal(provider.get("/v1/relationships")) == (400, 800002)
    camel = PROVIDER_OF.replace("relationship_type", "relationshipType")
    assert refusal(provider.get(camel)) == (400, 800002)
    (found,) = provider.get(PROVIDER_OF).json()["items"]
    assert found == RESELLER | {"attributes": {"objectType": "PartnerRelationship"}}
    assert provider.get(RESELLER_OF).json()["items"] == []
    other = reseller(1, name="Bay Distribution")
    world = {"partner": {"program": "indirectReseller"}, "indirect_providers": [other]}
    asked = user_caller(make_simulator(**world))
    assert asked.get(PROVIDER_OF).json()["items"] == []
    (found,) = asked.get(RESELLER_OF).json()["items"]
    assert (found["name"], found["relationshipType"]) == (
        "Bay Distribution",
        "is_indirect_reseller_of",
    )


def test_direct_partner_has_no_relationships(make_simulator: MakeSimulator) -> None:
    caller = user_caller(make_simulator(partner={"program": "direct"}))
    assert caller.get(PROVIDER_OF).json()["items"] == []
    assert caller.get(RESELLER_OF).json()["items"] == []
    assert caller.get("/v1/relationships?relationship_type=IsCousinOf").status == 400


def test_rule_35_agreement_status_has_a_code_for_every_doubt(
    make_simulator: MakeSimulator,
) -> None:
    resellers = [
        reseller(1),
        reseller(2, location="IN"),
        reseller(3, mpaSigned=False),
        reseller(4, cspAccount=False),
    ]
    user = user_caller(make_simulator(indirect_resellers=resellers))
    mpn = [str(one["mpnId"]) for one in resellers]
    expected = {
        "?tenantId=not-a-guid": 2000,
        "?mpnid=12AB567": 2000,
        f"?mpnid={mpn[0]}&tenantId={resellers[0]['id']}": 2000,
        "": 2001,
        "?mpnid=1": 2200,
        f"?mpnid={mpn[1]}": 2201,
        f"?mpnid={mpn[2]}": 2203,
        f"?mpnid={mpn[3]}": 2204,
        f"?tenantId={customer_id(1)}": 2205,
        f"?tenantId={resellers[2]['id']}": 2206,
    }
    for query, code in expected.items():
        assert refusal(user.get(f"{STATUS}{query}")) == (400, code), query
    for query in (f"?mpnid={mpn[0]}", f"?tenantId={PARTNER['tenantId']}"):
        assert user.get(f"{STATUS}{query}").json() == {"isAgreementSigned": True}


def test_marks_of_a_reseller_stay_in_the_world(make_simulator: MakeSimulator) -> None:
    marked = reseller(1, mpaSigned=False, cspAccount=True)
    user = user_caller(make_simulator(indirect_resellers=[marked]))
    (found,) = user.get(PROVIDER_OF).json()["items"]
    assert not found.keys() & {"mpaSigned", "cspAccount"}


def test_rule_36_mpn_profile_of_an_unknown_id_is_404_with_3000(user: Caller) -> None:
    assert refusal(user.get("/v1/profiles/mpn?mpnId=1")) == (404, 3000)
    for path in ("mpn", "partnernetworkprofile"):
        assert user.get(f"/v1/profiles/{path}").json()["mpnId"] == PARTNER["mpnId"]
    known = user.get(f"/v1/profiles/mpn?mpnId={RESELLER['mpnId']}").json()
    assert (known["mpnId"], known["profileType"]) == (RESELLER["mpnId"], "MpnProfile")


def test_resellers_of_a_customer_are_its_own_and_those_of_its_subscriptions(
    make_simulator: MakeSimulator,
) -> None:
    links = {"self": {"uri": f"/customers/{customer_id(1)}/subscriptions/s1"}}
    user = user_caller(
        make_simulator(
            customers=[make_customer(1, associatedPartnerId=RESELLER["mpnId"]), make_customer(2)],
            indirect_resellers=[RESELLER, reseller(1)],
            subscriptions=[{"id": "s1", "partnerId": reseller(1)["mpnId"], "links": links}],
        )
    )
    items = user.get(f"/v1/customers/{customer_id(1)}/relationships").json()["items"]
    assert [item["mpnId"] for item in items] == [RESELLER["mpnId"], reseller(1)["mpnId"]]
    assert not items[0].keys() & {"state", "location"}
    assert user.get(f"/v1/customers/{customer_id(2)}/relationships").json()["items"] == []


def test_invitation_names_the_partner_and_is_not_there_in_a_sandbox(
    make_simulator: MakeSimulator,
) -> None:
    target = "/v1/customers/relationshiprequests"
    assert user_caller(make_simulator()).get(target).status == 403
    user = user_caller(make_simulator(partner={"sandbox": False}))
    assert f"partnerId={PARTNER['tenantId']}" in user.get(target).json()["url"]
    url = user.get(f"{target}?indirectResellerId={RESELLER['id']}").json()["url"]
    assert f"indirectResellerId={RESELLER['id']}" in url
    assert user.get(f"{target}?indirectResellerId=7").status == 400


def test_sandbox_reseller_is_made_and_deleted(simulator: Simulator, user: Caller) -> None:
    answer = user.post("/v1/sandboxIndirectReseller", NEW)
    assert answer.status == 200
    account = answer.json()["accountId"]
    listed = [item["id"] for item in user.get(PROVIDER_OF).json()["items"]]
    assert listed == [RESELLER["id"], account]
    password = answer.json()["tenant"]["password"]
    created = simulator.ledger.find(kind="indirect_reseller_created")
    assert password not in str([effect.data for effect in created])
    assert user.get("/v1/profiles/mpn?mpnId=6363276").status == 200
    target = f"/v1/sandboxIndirectReseller/{account}"
    assert [user.send("DELETE", target).status for _ in range(2)] == [204, 404]
    assert user.get("/v1/profiles/mpn?mpnId=6363276").status == 404


def test_rule_77_sandbox_holds_five_indirect_resellers(make_simulator: MakeSimulator) -> None:
    resellers = [reseller(number) for number in range(5)]
    user = user_caller(make_simulator(indirect_resellers=resellers))
    assert refusal(user.post("/v1/sandboxIndirectReseller", NEW)) == (400, 800018)
    user.send("DELETE", f"/v1/sandboxIndirectReseller/{resellers[0]['id']}")
    assert user.post("/v1/sandboxIndirectReseller", NEW).status == 200


def test_resellers_cannot_be_made_outside_a_sandbox(make_simulator: MakeSimulator) -> None:
    user = user_caller(make_simulator(partner={"sandbox": False}))
    assert user.post("/v1/sandboxIndirectReseller", NEW).status == 403
    assert user.send("DELETE", f"/v1/sandboxIndirectReseller/{RESELLER['id']}").status == 403


@pytest.mark.parametrize("missing", ["mpnId", "tenant", "legalBusinessProfile"])
def test_reseller_needs_its_parts(simulator: Simulator, user: Caller, missing: str) -> None:
    body = {key: value for key, value in NEW.items() if key != missing}
    assert refusal(user.post("/v1/sandboxIndirectReseller", body)) == (400, 800002)
    assert simulator.ledger.find(kind="indirect_reseller_created") == []


def test_delegated_access_is_counted(make_simulator: MakeSimulator) -> None:
    customers = [make_customer(number, allowDelegatedAccess=number > 1) for number in range(1, 5)]
    user = user_caller(make_simulator(customers=customers))
    body = user.get("/CustomerServiceAdminApi/Web/v1/delegatedAdminStatistics").json()
    assert body["totalDapCustomerCount"] == 3
    assert [day["count"] for day in body["establishedDapCount"]] == [3, 3]
    assert [day["count"] for day in body["inactiveDapCount"]] == [1, 1]
    assert body["establishedDapCount"][1]["date"] == "11/21/2026"
