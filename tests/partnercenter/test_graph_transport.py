"""Microsoft Graph beside Partner Center: another host, another token, other ids."""

from urllib.parse import parse_qs

import pytest

from partnercenter import errors
from partnercenter.client import Endpoints
from tests.partnercenter.fake_service import API, Asked, FakeService, Reply, replying

PATH = "/v1.0/tenantRelationships/delegatedAdminRelationships"


def _scopes(service: FakeService) -> list[str]:
    return [parse_qs(asked.body.decode())["scope"][0] for asked in service.token_calls]


def test_each_service_gets_a_token_of_its_own() -> None:
    service = FakeService(replying(Reply(body={})))
    client = service.client()
    for _ in range(2):
        client.transport.get("/v1/profiles/organization", read=dict)
        client.graph_transport.get(PATH, read=dict)
    audiences = [scope.split("/.default")[0] for scope in _scopes(service)]
    assert audiences == [API, "https://graph.microsoft.com"]
    commerce, graph = service.calls[:2]
    assert (commerce.host, graph.host) == ("api.example.test", "graph.example.test")
    assert commerce.headers["authorization"] != graph.headers["authorization"]


def test_graph_is_told_which_call_it_is_in_its_own_words() -> None:
    service = FakeService(replying(Reply(body={})))
    service.client(correlation_id="job-7").graph_transport.get(PATH, read=dict)
    headers = service.calls[0].headers
    assert headers["client-request-id"]
    assert headers["return-client-request-id"] == "true"
    assert not any(name.startswith("ms-") for name in headers)


def test_answer_to_another_call_of_graph_is_not_used() -> None:
    service = FakeService(
        replying(Reply(body={"value": []}, headers={"client-request-id": "somebody-elses"}))
    )
    with pytest.raises(errors.MixedUpAnswer) as caught:
        service.client().graph_transport.get(PATH, read=dict)
    assert caught.value.request_id == caught.value.correlation_id
    assert caught.value.request_id == service.calls[-1].headers["client-request-id"]


def test_id_that_graph_repeats_is_accepted() -> None:
    def answer(asked: Asked) -> Reply:
        echoed = asked.headers["client-request-id"].upper()
        return Reply(body={"value": []}, headers={"client-request-id": echoed})

    assert FakeService(answer).client().graph_transport.get(PATH, read=dict) == {"value": []}


@pytest.mark.parametrize(
    "endpoints", [Endpoints.global_(), Endpoints.us_government(), Endpoints.china()]
)
def test_tokens_for_graph_are_made_out_to_the_clouds_own(endpoints: Endpoints) -> None:
    assert endpoints.graph_audience == endpoints.graph


def test_a_write_is_read_within_its_call() -> None:
    service = FakeService(replying(Reply(201, body={"id": 7})))
    transport = service.client().transport
    assert transport.send("POST", "/v1/x", body={}, read=dict, request_id="mine") == {"id": 7}
    assert service.calls[0].headers["ms-requestid"] == "mine"


def test_a_write_whose_answer_cannot_be_read_is_not_repeated() -> None:
    service = FakeService(replying(Reply(201, body=b"<html>done</html>")))
    with pytest.raises(errors.GatewayPage) as caught:
        service.client().transport.send("POST", "/v1/x", body={}, read=dict)
    assert caught.value.outcome_unknown
    assert caught.value.request_id
    assert len(service.calls) == 1
