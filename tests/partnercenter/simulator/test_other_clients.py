"""Clients that are not ours, over a socket: what they make of the simulator was not agreed with us.

MSAL's part is in test_server.py. This one was generated from Microsoft's published description of
2019 and hides refusals, so the status of every answer is looked at too.
"""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from microsoft.store.partnercenterservices import MicrosoftPartnerStoreApis
from msrest.authentication import BasicTokenAuthentication

from partnercenter.simulator import Simulator
from partnercenter.simulator.server import SimulatorServer
from partnercenter.simulator.worlds import open_world
from partnercenter.simulator.worlds.generator import make_world
from tests.partnercenter.simulator.calls import Caller, ask_token

CUSTOMERS, SIZE = 250, 100

# The library's own words for what its age lets it do.
pytestmark = [
    pytest.mark.processes,
    pytest.mark.filterwarnings("ignore:datetime.datetime.utc.*:DeprecationWarning"),
]


@pytest.fixture
def simulator(tmp_path: Path) -> Simulator:
    folder = tmp_path / "world"
    make_world(folder, customers=CUSTOMERS, lines=1_000, seed=4, today=date(2026, 11, 21))
    return Simulator(open_world(str(folder), cache=tmp_path / "cache"))


@pytest.fixture
def server(simulator: Simulator) -> Iterator[SimulatorServer]:
    running = SimulatorServer(simulator.wsgi, host="127.0.0.1", port=0)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def client(simulator: Simulator, server: SimulatorServer) -> MicrosoftPartnerStoreApis:
    token = ask_token(simulator, grant_type="client_credentials").json()["access_token"]
    return MicrosoftPartnerStoreApis(
        BasicTokenAuthentication({"access_token": token}),
        base_url=f"http://127.0.0.1:{server.port}",
    )


def list_customers(client: MicrosoftPartnerStoreApis) -> list[list[Any]]:
    """Return the customers by page, following the link each page has."""
    listing = client.getvversioncustomersfilterfilter
    asked: dict[str, Any] = {}
    pages = []
    while True:
        answer = listing.value(version="1", size=SIZE, raw=True, **asked)
        assert answer.response.status_code == 200
        pages.append(answer.output.items)
        following = answer.output.links.next
        if following is None:
            return pages
        headers = {header.key: header.value for header in following.headers}
        asked = {"seek_operation": "Next", "custom_headers": headers}


@pytest.mark.parametrize("bom", [False, True])
def test_another_client_lists_customers_across_pages_and_reads_their_subscriptions(
    simulator: Simulator, client: MicrosoftPartnerStoreApis, bom: bool
) -> None:
    simulator.site.switches = simulator.site.switches.changed({"bom": bom})
    pages = list_customers(client)
    assert [len(page) for page in pages] == [100, 100, 50]
    customers = [customer for page in pages for customer in page]
    written = list(simulator.site.world.collection("customers"))
    assert [(one.id, one.company_profile.company_name) for one in customers] == [
        (row["id"], row["companyProfile"]["companyName"]) for row in written
    ]
    found = 0
    for customer in customers[:40]:
        answer = client.getvversioncustomerscustomer.value9(
            customer_id=customer.id, version="1", raw=True
        )
        assert answer.response.status_code == 200
        wire = json.loads(answer.response.content.decode("utf-8-sig"))["items"]
        assert [(one.id, one.quantity, one.status) for one in answer.output.items] == [
            (row["id"], row["quantity"], row["status"]) for row in wire
        ]
        found += len(wire)
    assert found >= 40


def test_another_client_is_told_what_it_may_not_have(
    simulator: Simulator, client: MicrosoftPartnerStoreApis
) -> None:
    unknown = "00000000-0000-4000-8000-000000000000"
    answer = client.getvversioncustomerscustomer.id(customer_id=unknown, version="1", raw=True)
    assert (answer.output, answer.response.status_code) == (None, 404)
    assert Caller(simulator).get("/v1/customers").status == 401
