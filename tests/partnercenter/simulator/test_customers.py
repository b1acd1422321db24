"""Reading customers: fidelity rules 13 to 15 and 17 to 19 and 21."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.identity import Signer
from partnercenter.simulator.paging import ContinuationTokens, Mark, cut_page
from tests.partnercenter.simulator.calls import Answer, Caller, app_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_worlds import RESELLER, customer_id, make_customer

IDS = [customer_id(number) for number in range(1, 6)]


def search(caller: Caller, field: str, value: str, *, operator: str = "starts_with") -> Answer:
    text = json.dumps({"Field": field, "Value": value, "Operator": operator})
    return caller.get(f"/v1/customers?size=0&filter={quote(text)}")


def ids_of(answer: Answer) -> list[str]:
    return [item["id"] for item in answer.json()["items"]]


class Rows:
    """Rows in memory, for the cutting of pages alone."""

    def __init__(self, rows: list[dict[str, Any] | None]) -> None:
        self.rows = rows

    def page(self, offset: int, limit: int) -> list[dict[str, Any] | None]:
        return self.rows[offset : offset + limit]


def test_rule_13_five_customers_by_two_are_three_pages(app: Caller) -> None:
    first = app.get("/v1/customers?size=2").json()
    assert first["links"]["next"]["uri"] == "/customers?size=2&seekOperation=Next"
    second = app.follow(first["links"]["next"]).json()
    third = app.follow(second["links"]["next"]).json()
    pages = [[item["id"] for item in page["items"]] for page in (first, second, third)]
    assert pages == [IDS[:2], IDS[2:4], IDS[4:]]
    assert [page["totalCount"] for page in (first, second, third)] == [2, 2, 1]
    assert "next" not in third["links"]


def test_page_that_ends_with_the_last_customer_has_no_next(app: Caller) -> None:
    assert "next" not in app.get("/v1/customers?size=5").json()["links"]


def test_rule_14_seek_without_the_header_does_not_advance(app: Caller) -> None:
    again = app.get("/v1/customers?size=2&seekOperation=Next")
    assert ids_of(again) == IDS[:2]
    token = app.get("/v1/customers?size=2").json()["links"]["next"]["headers"][0]["value"]
    header_alone = app.get("/v1/customers?size=2", headers={"MS-ContinuationToken": token})
    assert ids_of(header_alone) == IDS[:2]


def test_rule_15_tokens_hold_awkward_characters_and_work_only_unchanged(app: Caller) -> None:
    token = app.get("/v1/customers?size=2").json()["links"]["next"]["headers"][0]["value"]
    assert all(character in token for character in ",/+=")
    target = "/v1/customers?size=2&seekOperation=Next"
    for spoilt in (token.replace("+", " "), token.split(",")[0], token[:-1], "x"):
        answer = app.get(target, headers={"MS-ContinuationToken": spoilt})
        assert (answer.status, answer.code) == (400, 800002)


def test_token_of_one_search_is_refused_by_another(app: Caller) -> None:
    token = app.get("/v1/customers?size=2").json()["links"]["next"]["headers"][0]["value"]
    text = quote('{"Field":"Domain","Value":"s","Operator":"starts_with"}')
    target = f"/v1/customers?size=2&seekOperation=Next&filter={text}"
    assert app.get(target, headers={"MS-ContinuationToken": token}).status == 400


def test_rule_17_list_items_hold_less_than_a_single_customer(app: Caller) -> None:
    item = app.get("/v1/customers?size=1").json()["items"][0]
    assert item.keys() == {"id", "companyProfile", "relationshipToPartner", "links", "attributes"}
    assert not item["companyProfile"].keys() & {"address", "email"}
    whole = app.get(f"/v1/customers/{IDS[0].upper()}").json()
    assert {"billingProfile", "allowDelegatedAccess", "commerceId"} <= whole.keys()


@pytest.mark.parametrize(
    ("field", "value", "found"),
    [
        ("CompanyName", "SAMPLE", IDS),
        ("companyname", "sample 3", IDS[2:3]),
        ("Domain", "Sample4.", IDS[3:4]),
        ("CompanyName", "ample", []),
    ],
)
def test_rule_18_search_by_beginning_ignores_case_and_has_no_page_limit(
    app: Caller, field: str, value: str, found: list[str]
) -> None:
    answer = search(app, field, value)
    assert ids_of(answer) == found
    assert "links" not in answer.json()


@pytest.mark.parametrize(
    ("field", "operator"),
    [("CompanyName", "equals"), ("CompanyName", "substring"), ("Country", "starts_with")],
)
def test_rule_18_other_fields_and_operators_are_refused(
    app: Caller, field: str, operator: str
) -> None:
    assert search(app, field, "s", operator=operator).status == 400


@pytest.mark.parametrize("text", ["{", "[]", "1"])
def test_filter_that_is_no_object_is_refused(app: Caller, text: str) -> None:
    assert app.get(f"/v1/customers?filter={quote(text)}").status == 400


def test_rule_19_search_by_reseller_takes_its_tenant_id(make_simulator: MakeSimulator) -> None:
    customers = [
        make_customer(1, associatedPartnerId=RESELLER["mpnId"]),
        make_customer(2, associatedPartnerId="7000009"),
        make_customer(3),
    ]
    caller = app_caller(make_simulator(customers=customers))
    assert ids_of(search(caller, "IndirectReseller", RESELLER["id"].upper())) == IDS[:1]
    assert ids_of(search(caller, "IndirectReseller", RESELLER["mpnId"])) == []


def test_filtered_search_is_paged_too(make_simulator: MakeSimulator) -> None:
    customers = [
        make_customer(number, companyProfile={"companyName": "odd" if number % 2 else "even"})
        for number in range(1, 30)
    ]
    caller = app_caller(make_simulator(customers=customers))
    text = quote('{"Field":"CompanyName","Value":"odd","Operator":"starts_with"}')
    found = caller.all_items(f"/v1/customers?size=4&filter={text}")
    assert [item["id"] for item in found] == [customer_id(number) for number in range(1, 30, 2)]


def test_with_delegated_access_directory_data_is_shown(user: Caller) -> None:
    customer = user.get(f"/v1/customers/{IDS[0]}").json()
    assert customer["companyProfile"].keys() >= {"address", "email"}
    domains = user.get(f"/v1/customers/{IDS[0]}/customDomains").json()
    assert domains == ["sample1.onmicrosoft.com", "sample1.example"]
    organization = user.get(f"/v1/customers/{IDS[0]}/organization").json()
    assert organization[0]["displayName"] == "Sample 1"


def test_rule_21_domain_probe_has_a_status_and_never_a_body(app: Caller) -> None:
    taken = app.send("HEAD", "/v1/domains/SAMPLE1.onmicrosoft.com")
    custom = app.send("HEAD", "/v1/domains/sample1.example")
    free = app.send("HEAD", "/v1/domains/sample6.onmicrosoft.com")
    assert [answer.status for answer in (taken, custom, free)] == [200, 200, 404]
    assert taken.body == custom.body == free.body == b""
    assert app.get("/v1/validations/checkdomainavailability/sample1").json() is False
    assert app.get("/v1/validations/checkdomainavailability/sample6").json() is True


@pytest.mark.parametrize("size", ["-1", "two", "1.5", "9999999999"])
def test_page_size_that_is_no_count_is_refused(app: Caller, size: str) -> None:
    assert app.get(f"/v1/customers?size={size}").status == 400


def test_unknown_customer_is_60003_and_its_subscriptions_20002(app: Caller) -> None:
    unknown = app.get(f"/v1/customers/{customer_id(99)}")
    assert (unknown.status, unknown.code) == (404, 60003)
    unrelated = app.get(f"/v1/customers/{customer_id(99)}/subscriptions")
    assert (unrelated.status, unrelated.code) == (403, 20002)


def test_subscriptions_are_listed_for_the_customer_in_their_link(
    make_simulator: MakeSimulator,
) -> None:
    def subscription(number: int, owner: int) -> dict[str, Any]:
        identity = f"50000000-0000-4000-8000-{number:012d}"
        uri = f"/customers/{customer_id(owner).upper()}/subscriptions/{identity}"
        return {"id": identity, "status": "active", "links": {"self": {"uri": uri}}}

    rows = [subscription(number, 1 + number % 2) for number in range(6)]
    caller = app_caller(make_simulator(subscriptions=rows))
    base = f"/v1/customers/{IDS[1]}/subscriptions"
    assert [item["id"] for item in caller.get(base).json()["items"]] == [
        rows[number]["id"] for number in (1, 3, 5)
    ]
    assert caller.get(f"{base}/{rows[1]['id']}").status == 200
    foreign = caller.get(f"{base}/{rows[0]['id']}")
    assert (foreign.status, foreign.code) == (404, 20003)
    assert caller.get(f"/v1/customers/{IDS[4]}/subscriptions").json()["items"] == []


@given(
    rows=st.lists(st.sampled_from([None, "kept", "dropped"]), max_size=40),
    size=st.integers(min_value=0, max_value=7),
)
def test_pages_together_are_every_kept_row_once(rows: list[str | None], size: int) -> None:
    source = Rows([row and {"kind": row, "at": at} for at, row in enumerate(rows)])  # type: ignore[misc]
    seen: list[int] = []
    position: int | None = 0
    pages = 0
    while position is not None:
        page = cut_page(
            source, Mark(position, size), lambda row: row if row["kind"] == "kept" else None
        )
        assert len(page.items) == size or page.next_position is None or not size
        seen += [item["at"] for item in page.items]
        position, pages = page.next_position, pages + 1
    kept = [at for at, row in enumerate(rows) if row == "kept"]
    assert seen == kept
    assert pages == max(1, -(-len(kept) // size) if size else 1)


@given(
    position=st.integers(min_value=0, max_value=10**9),
    size=st.integers(min_value=0, max_value=2000),
    scope=st.text(max_size=20),
)
def test_rule_15_continuation_tokens_survive_a_round_trip(
    position: int, size: int, scope: str
) -> None:
    tokens = ContinuationTokens(Signer(b"key"))
    token = tokens.issue(Mark(position, size), scope=scope)
    assert tokens.read(token, scope=scope) == Mark(position, size)
    assert all(character in token for character in ",/+=")
    with pytest.raises(Problem):
        ContinuationTokens(Signer(b"other")).read(token, scope=scope)
