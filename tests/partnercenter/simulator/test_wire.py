"""What every answer has in common: fidelity rules 9 to 12, 16 and 78."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnercenter.simulator import Simulator, SwitchError, Switches
from partnercenter.simulator.fields import camel_keys, pascal_keys, read_enum, without_nulls
from tests.partnercenter.simulator.calls import Caller, app_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_worlds import (
    customer_id,
    make_customer,
    make_invoice,
)

keys = st.text(alphabet="abcXYZ", min_size=1, max_size=5)
trees = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=10,
)


def test_rule_09_request_ids_are_echoed_or_generated(app: Caller) -> None:
    given_ids = {"MS-RequestId": str(uuid.uuid4()), "MS-CorrelationId": str(uuid.uuid4())}
    for target in ("/v1/customers", "/v1/nothing", f"/v1/customers/{customer_id(99)}"):
        echoed = app.get(target, headers=given_ids).headers
        assert echoed["ms-requestid"] == given_ids["MS-RequestId"]
        assert echoed["ms-correlationid"] == given_ids["MS-CorrelationId"]
        fresh = app.get(target).headers
        assert uuid.UUID(fresh["ms-requestid"]) != uuid.UUID(
            app.get(target).headers["ms-requestid"]
        )
        assert uuid.UUID(fresh["ms-correlationid"])


def test_answers_carry_the_service_headers(app: Caller) -> None:
    headers = app.get("/v1/customers", headers={"X-Locale": "nl-NL"}).headers
    assert headers["x-locale"] == "nl-NL,nl-NL"
    assert headers["request-context"].startswith("appId=cid-v1:")
    assert {"ms-cv", "ms-serverid", "date"} <= headers.keys()
    assert headers["content-type"] == "application/json; charset=utf-8"


def test_rule_10_bom_mode_puts_the_mark_before_json(make_simulator: MakeSimulator) -> None:
    caller = app_caller(make_simulator(switches={"bom": True}))
    answer = caller.get("/v1/customers")
    assert answer.body[:3] == b"\xef\xbb\xbf"
    assert len(answer.json()["items"]) == 5
    assert len(answer.body) == int(answer.headers["content-length"])


def test_rule_11_keys_are_camel_case_and_nulls_left_out(make_simulator: MakeSimulator) -> None:
    holey = make_customer(1, associatedPartnerId=None)
    body = (
        app_caller(make_simulator(customers=[holey])).get(f"/v1/customers/{customer_id(1)}").json()
    )
    assert "associatedPartnerId" not in body
    assert all(key[0].islower() for key in body)


@pytest.mark.parametrize(
    "spell", [str, str.lower, str.upper, lambda key: key[:1].upper() + key[1:]]
)
def test_rule_12_request_keys_are_read_in_any_case(user: Caller, spell: object) -> None:
    assert callable(spell)
    body = {spell("relationshipToPartner"): "NONE", spell("attributes"): {}}
    assert user.send("PATCH", f"/v1/customers/{customer_id(1)}", body=body).status == 200


@given(st.sampled_from(["one_time", "ONETIME", "OneTime", "oneTime", "One_Time"]))
def test_rule_12_enum_values_are_read_in_any_case_with_or_without_underscores(text: str) -> None:
    assert read_enum(text, ("office", "one_time")) == "one_time"


def test_rule_16_links_are_relative_without_version(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator(invoices=[make_invoice("D1"), make_invoice("G1")])
    caller = app_caller(simulator)
    links = caller.get("/v1/customers?size=2").json()["links"]
    assert [link["uri"][:11] for link in links.values()] == ["/customers?", "/customers?"]
    simulator.site.switches = simulator.site.switches.changed({"links_with_version": True})
    assert caller.get("/v1/customers?size=2").json()["links"]["self"]["uri"].startswith("/v1/")


def test_rule_16_prefixed_invoice_ids_resolve(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator(
        invoices=[make_invoice("D1"), make_invoice("G1")], lines={"D1": [], "G1": []}
    )
    caller = app_caller(simulator)
    for prefixed in ("Recurring-D1", "OneTime-G1", "onetime-g1"):
        answer = caller.get(f"/v1/invoices/{prefixed}/lineitems/OneTime/BillingLineItems")
        assert answer.status == 200


def test_rule_78_error_bodies_have_code_and_description(app: Caller) -> None:
    as_number = app.get(f"/v1/customers/{customer_id(99)}").json()
    as_text = app.get("/v1/invoices/G404/lineitems?provider=onetime").json()
    for body in (as_number, as_text):
        assert body.keys() == {"code", "description", "data", "source"}
    assert (as_number["code"], as_text["code"]) == (60003, "1000")


def test_body_that_is_no_json_is_refused(app: Caller) -> None:
    for body in (b"{", b"[1]", b"\xff"):
        answer = app.post("/v1/customers", body)
        assert (answer.status, answer.code) == (400, 800002)


def test_too_large_body_is_refused(simulator: Simulator, app: Caller) -> None:
    assert app.post("/v1/customers", b" " * (8 * 1024 * 1024 + 1)).status == 413


def test_unknown_switch_and_wrong_type_are_refused() -> None:
    for changes in ({"nothing": True}, {"bom": 1}, {"access_token_seconds": True}):
        with pytest.raises(SwitchError):
            Switches().changed(changes)


@given(trees)
def test_keys_of_any_tree_survive_both_spellings(tree: object) -> None:
    assert camel_keys(pascal_keys(camel_keys(tree))) == camel_keys(tree)


@given(trees)
def test_no_null_is_left_in_any_object(tree: object) -> None:
    def nulls(value: object) -> int:
        if isinstance(value, dict):
            return sum(1 if inner is None else nulls(inner) for inner in value.values())
        return sum(nulls(inner) for inner in value) if isinstance(value, list) else 0

    assert nulls(without_nulls(tree)) == 0
