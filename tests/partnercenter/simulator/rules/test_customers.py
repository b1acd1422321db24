"""A customer's data behind delegated access and under its etag: fidelity rules 20 and 30."""

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import Caller, user_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_worlds import customer_id, make_customer

CUSTOMER = f"/v1/customers/{customer_id(1)}"
BILLING = f"{CUSTOMER}/profiles/billing"


def test_rule_20_without_delegated_access_directory_data_is_withheld(
    make_simulator: MakeSimulator,
) -> None:
    caller = user_caller(make_simulator(customers=[make_customer(1, allowDelegatedAccess=False)]))
    customer = caller.get(CUSTOMER).json()
    assert "customDomains" not in customer
    for profile in (
        customer["companyProfile"],
        caller.get(f"{CUSTOMER}/profiles/company").json(),
    ):
        assert not profile.keys() & {"address", "email"}
    for path in ("organization", "customDomains", "users", "subscribedskus", "directoryroles"):
        answer = caller.get(f"{CUSTOMER}/{path}")
        assert (answer.status, answer.code) == (403, 900308)


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


def test_added_domain_is_the_customers_and_taken(user: Caller) -> None:
    target = f"{CUSTOMER}/verifieddomain"
    assert user.send("HEAD", f"{target}?domain=quay.example").status == 404
    added = user.post(target, {"Domain": {"Name": "Quay.example"}})
    assert (added.status, added.json()["name"]) == (201, "quay.example")
    assert user.send("HEAD", f"{target}?domain=QUAY.example").status == 200
    assert user.send("HEAD", "/v1/domains/quay.example").status == 200
    assert "quay.example" in user.get(f"{CUSTOMER}/customDomains").json()
    again = user.post(target, {"name": "quay.example"})
    assert (again.status, again.code) == (409, 800002)
    assert user.post(target, {"name": "no domain"}).status == 400
    user.simulator.reset()
    fresh = user_caller(user.simulator)
    assert fresh.send("HEAD", "/v1/domains/quay.example").status == 404
