"""A Partner Center in this process for connections, whose customers a test may change."""

import itertools
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

import requests

from partnercenter.simulator import Simulator, Switches
from partnercenter.simulator.worlds import open_world
from partnercenter.wsgi_adapter import WSGIAdapter
from portal.core.identity.models import Reseller
from tenants.connections.models import Connection
from tests.factories.tenants import make_connection

CLIENT, SECRET = "demo", "s3cr3t-of-the-simulated-partner"
ADDRESS = "https://partner.test"
CLOUD = {"API": ADDRESS, "AUTHORITY": ADDRESS, "GRAPH": ADDRESS, "CA_BUNDLE": ""}


def customer_id(number: int) -> str:
    """Return the tenant id of the n-th customer."""
    return f"c0000000-0000-4000-8000-{number:012x}"


def customer(number: int, **changes: Any) -> dict[str, Any]:
    """Return a whole customer; ``name``, ``domain`` and ``id`` change what they say."""
    identity = changes.pop("id", customer_id(number))
    profile = {
        "tenantId": identity,
        "domain": changes.pop("domain", f"customer{number}.onmicrosoft.com"),
        "companyName": changes.pop("name", f"Customer {number:05}"),
    }
    return {
        "id": identity,
        "companyProfile": profile,
        "relationshipToPartner": "reseller",
    } | changes


def customers(count: int, *, first: int = 1) -> list[dict[str, Any]]:
    """Return customers one after the other."""
    return [customer(number) for number in range(first, first + count)]


class PartnerCenterInProcess:
    """What sessions of the connections reach. One per cloud address, one partner each."""

    def __init__(self, folder: Path, *, number: int = 1, address: str = ADDRESS) -> None:
        self.folder = folder
        self.address = address
        self.tenant_id = str(UUID(int=number, version=4))
        self.calls: list[str] = []
        self._worlds = itertools.count(1)
        self.page_size = 500
        self.lists([])

    def lists(
        self,
        rows: Iterable[dict[str, Any]],
        *,
        page_size: int | None = None,
        resellers: Iterable[dict[str, Any]] | None = None,
    ) -> None:
        """Let the partner have these customers from now on, ``page_size`` to a page.

        With ``resellers`` it is an indirect provider and those are its indirect resellers.
        """
        self.page_size = page_size or self.page_size
        folder = self.folder / f"world-{next(self._worlds)}"
        folder.mkdir(parents=True)
        partner = {
            "tenantId": self.tenant_id,
            "companyName": "Harbour Cloud",
            "country": "NL",
            "domain": "harbourcloud.onmicrosoft.com",
            "program": "direct" if resellers is None else "indirectProvider",
            "mpnId": "7000001",
            "clientId": CLIENT,
            "clientSecret": SECRET,
            "sandbox": False,
        }
        (folder / "partner.json").write_text(json.dumps(partner))
        with (folder / "customers.jsonl").open("w") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
        with (folder / "indirect_resellers.jsonl").open("w") as file:
            file.writelines(json.dumps(row) + "\n" for row in resellers or ())
        world = open_world(str(folder), cache=folder / "cache")
        switches = Switches(customer_page_cap=self.page_size)
        self.simulator = Simulator(world, switches=switches, state_folder=self.folder / "state")
        self.simulator.ledger.clear()

    def fail(self, *rules: dict[str, Any]) -> None:
        """Script faults; none at all ends those in force."""
        self.simulator.faults.replace(rules)

    def session(self) -> requests.Session:
        """Open a session that reaches nothing else."""
        session = requests.Session()
        session.adapters.clear()
        session.mount(self.address, WSGIAdapter(self._serve))
        return session

    def connect(self, reseller: Reseller, **options: Any) -> Connection:
        """Add a connection to this partner."""
        given = {"partner_tenant": self.tenant_id, "client_id": CLIENT, "secret": SECRET}
        return make_connection(reseller, **(given | options))

    def _serve(self, environ: Any, start_response: Any) -> Any:
        self.calls.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        return self.simulator.wsgi(environ, start_response)
