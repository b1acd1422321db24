"""Delegated admin relationships and service health, which Graph answers with its own token."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from partnercenter.simulator import Simulator
from partnercenter.simulator.routes.billing_exports import BASE
from partnercenter.simulator.wire import LARGEST_BODY
from tests.partnercenter.simulator.calls import (
    GRAPH,
    Answer,
    Caller,
    Clock,
    app_caller,
    user_caller,
)
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.receivers import attach, register
from tests.partnercenter.simulator.sample_worlds import customer_id, make_customer

RELATIONSHIPS = "/v1.0/tenantRelationships/delegatedAdminRelationships"
HEALTH = "/v1.0/admin/serviceAnnouncement/healthOverviews"


def graph_caller(simulator: Simulator) -> Caller:
    return app_caller(simulator, resource=GRAPH)


@pytest.mark.parametrize("path", [RELATIONSHIPS, HEALTH])
def test_a_token_for_commerce_is_refused(app: Caller, path: str) -> None:
    assert app.get(path).status == 401
    assert app.get(path.replace("/v1.0", "/v1")).status == 404


def test_customers_with_delegated_access_have_one_active_relationship(
    make_simulator: MakeSimulator, clock: Clock
) -> None:
    customers = [make_customer(number, allowDelegatedAccess=number != 2) for number in range(1, 4)]
    simulator = make_simulator(customers=customers)
    graph = graph_caller(simulator)
    value = graph.get(RELATIONSHIPS).json()["value"]
    assert [one["customer"]["tenantId"] for one in value] == [customer_id(1), customer_id(3)]
    assert {one["status"] for one in value} == {"active"}
    assert all(one["createdDateTime"] < clock.now.isoformat() for one in value)
    assert all(one["endDateTime"] > clock.now.isoformat() for one in value)
    assert len({one["displayName"] for one in value}) == 2
    assert all(len(one["displayName"]) <= 50 and len(one["id"]) == 73 for one in value)
    single = graph.get(f"{RELATIONSHIPS}/{value[0]['id']}").json()
    assert single.pop("@odata.context").endswith("/$entity")
    assert single == value[0]
    assert graph.get(f"{RELATIONSHIPS}/unknown").status == 404


def test_relationships_are_filtered_by_their_customer(simulator: Simulator) -> None:
    graph = graph_caller(simulator)
    proposed = {
        "displayName": "Second",
        "duration": "P30D",
        "customer": {"tenantId": customer_id(3)},
        "accessDetails": {"unifiedRoles": [{"roleDefinitionId": customer_id(9)}]},
    }
    second = graph.post(RELATIONSHIPS, proposed).json()["id"]
    condition = f"%24filter=customer/tenantId%20eq%20'{customer_id(3).upper()}'"
    first = graph.get(f"{RELATIONSHIPS}?{condition}&%24top=1").json()
    assert [one["customer"]["tenantId"] for one in first["value"]] == [customer_id(3)]
    following = urlsplit(first["@odata.nextLink"])
    page = graph.get(f"{following.path}?{following.query}").json()
    assert [one["id"] for one in page["value"]] == [second]
    assert "@odata.nextLink" not in page
    assert graph.get(f"{RELATIONSHIPS}?%24filter=status%20eq%20'active'").status == 400


def test_the_relationship_that_ends_is_the_one_listed(simulator: Simulator) -> None:
    graph = graph_caller(simulator)
    listed = graph.get(RELATIONSHIPS).json()["value"][0]["id"]
    receiver = attach(simulator)
    register(simulator, "granular-admin-relationship-terminated")
    Caller(simulator).post("/_simulator/customers/remove", {"id": customer_id(1)})
    simulator.courier.deliver_due()
    assert receiver.arrivals[0].json()["ResourceUri"].endswith(f"/{listed}")
    assert listed not in [one["id"] for one in graph.get(RELATIONSHIPS).json()["value"]]


@pytest.mark.parametrize("own", [True, False])
def test_pages_of_relationships_go_on_by_their_next_link(
    make_simulator: MakeSimulator, own: bool
) -> None:
    rows = [{"id": f"r{number}", "customer": {"tenantId": f"t{number}"}} for number in range(5)]
    simulator = make_simulator(**({"delegated_relationships": rows} if own else {}))
    graph = graph_caller(simulator)
    found: list[str] = []
    target = f"{RELATIONSHIPS}?$top=2"
    pages = 0
    while target:
        body = graph.get(target).json()
        found += [one["customer"]["tenantId"] for one in body["value"]]
        following = urlsplit(body.get("@odata.nextLink", ""))
        target = following.path and f"{following.path}?{following.query}"
        pages += 1
    wanted = [f"t{number}" for number in range(5)]
    assert found == (wanted if own else [customer_id(number) for number in range(1, 6)])
    assert pages == 3
    assert graph.get(f"{RELATIONSHIPS}?$top=301").status == 400
    assert graph.get(f"{RELATIONSHIPS}?$top=0").status == 400


PROPOSAL = {
    "displayName": "Quay Resale administration",
    "duration": "P2Y",
    "customer": {"tenantId": customer_id(1), "displayName": "Sample 1"},
    "accessDetails": {"unifiedRoles": [{"roleDefinitionId": "r"}]},
    "autoExtendDuration": "P180D",
}


def test_a_proposed_relationship_is_created_once_by_its_name(
    simulator: Simulator, app: Caller
) -> None:
    graph = graph_caller(simulator)
    created = graph.post(RELATIONSHIPS, PROPOSAL)
    assert created.status == 201
    assert graph.get(urlsplit(created.headers["location"]).path).json() == created.json()
    assert {key: created.json()[key] for key in PROPOSAL} == PROPOSAL
    assert (created.json()["status"], created.json()["endDateTime"]) == ("created", None)
    assert graph.post(RELATIONSHIPS, PROPOSAL).status == 400
    first = graph.get(f"{RELATIONSHIPS}?$top=5").json()
    following = urlsplit(first["@odata.nextLink"])
    last = graph.get(f"{following.path}?{following.query}").json()["value"]
    assert [one["displayName"] for one in last] == [PROPOSAL["displayName"]]
    (record,) = app.get("/v1/auditrecords").json()["items"]
    assert record["operationType"] == "create_delegated_relationship"


@pytest.mark.parametrize(
    "change",
    [
        {"displayName": ""},
        {"displayName": "x" * 51},
        {"duration": "P731D"},
        {"duration": "P0D"},
        {"duration": "two years"},
        {"autoExtendDuration": "P90D"},
        {"accessDetails": {"unifiedRoles": []}},
    ],
)
def test_a_faulty_proposal_is_refused(simulator: Simulator, change: dict[str, object]) -> None:
    graph = graph_caller(simulator)
    assert graph.post(RELATIONSHIPS, PROPOSAL | change).status == 400
    assert simulator.ledger.find(kind="delegated_relationship_created") == []


def test_services_are_well_and_issues_come_only_when_asked_for(simulator: Simulator) -> None:
    graph = graph_caller(simulator)
    plain = graph.get(HEALTH).json()
    assert {service["status"] for service in plain["value"]} == {"ServiceOperational"}
    assert all(set(service) == {"service", "status", "id"} for service in plain["value"])
    full = graph.get(f"{HEALTH}?$expand=issues").json()
    assert full["@odata.context"].endswith("healthOverviews(issues())")
    issues = [issue for service in full["value"] for issue in service["issues"]]
    assert [issue["isResolved"] for issue in issues] == [True]
    assert graph.get(f"{HEALTH}?$expand=issues").json() == full


def test_health_has_a_hundred_services_a_page(make_simulator: MakeSimulator) -> None:
    rows = [{"id": f"s{number}", "service": "x", "status": "y"} for number in range(130)]
    graph = graph_caller(make_simulator(service_health=rows))
    first = graph.get(HEALTH).json()
    following = urlsplit(first["@odata.nextLink"])
    second = graph.get(f"{following.path}?{following.query}").json()
    assert (len(first["value"]), len(second["value"])) == (100, 30)
    assert "@odata.nextLink" not in second


def graph_error(answer: Answer) -> dict[str, str]:
    """Return the error in the envelope Graph has, and check that it is that envelope."""
    assert set(answer.json()) == {"error"}
    error: dict[str, str] = answer.json()["error"]
    assert set(error) == {"code", "message", "innerError"}
    return error


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", f"{RELATIONSHIPS}/unknown", 404, "ResourceNotFound"),
        ("GET", f"{RELATIONSHIPS}?$top=0", 400, "badRequest"),
        ("POST", RELATIONSHIPS, 400, "badRequest"),
        ("DELETE", RELATIONSHIPS, 405, "MethodNotAllowed"),
        ("GET", f"{HEALTH}/nothing/there", 404, "ResourceNotFound"),
        ("GET", f"{HEALTH}?$skip=-1", 400, "badRequest"),
        ("GET", f"{BASE}/operations/unknown", 404, "ResourceNotFound"),
        ("PUT", f"{BASE}/manifests/unknown", 405, "MethodNotAllowed"),
        ("GET", "/v1.0/reports/partners/other", 404, "ResourceNotFound"),
    ],
)
def test_every_refusal_of_graph_has_graphs_envelope(
    simulator: Simulator, method: str, path: str, status: int, code: str
) -> None:
    answer = graph_caller(simulator).send(method, path, headers={"client-request-id": "mine"})
    error = graph_error(answer)
    assert (answer.status, error["code"]) == (status, code)
    assert answer.headers["client-request-id"] == "mine"


def test_strangers_and_oversized_bodies_are_refused_in_graphs_envelope_too(
    simulator: Simulator, app: Caller
) -> None:
    plain = Caller(simulator)
    for caller in (plain, app):
        answer = caller.get(HEALTH)
        assert (answer.status, graph_error(answer)["code"]) == (401, "InvalidAuthenticationToken")
        assert answer.headers["www-authenticate"].startswith("Bearer")
    large = graph_caller(simulator).post(RELATIONSHIPS, b" " * (LARGEST_BODY + 1))
    assert (large.status, graph_error(large)["code"]) == (413, "RequestEntityTooLarge")
    weak = user_caller(simulator, resource=GRAPH, amr="pwd").get(HEALTH)
    assert (weak.status, graph_error(weak)["code"]) == (401, "InvalidAuthenticationToken")


def test_partner_centers_own_paths_keep_their_envelope(app: Caller) -> None:
    for path in ("/v1/customers/unknown", "/v1.0/customers/unknown", "/v1/nothing"):
        assert {"code", "description"} <= set(app.get(path).json())


def test_a_faulty_world_file_is_told_in_graphs_envelope(
    make_simulator: MakeSimulator, tmp_path: Path
) -> None:
    simulator = make_simulator(service_health=[{"id": "Exchange"}])
    (tmp_path / "world" / "service_health.jsonl").write_text("")
    answer = graph_caller(simulator).get(HEALTH)
    assert (answer.status, graph_error(answer)["code"]) == (500, "InternalServerError")
