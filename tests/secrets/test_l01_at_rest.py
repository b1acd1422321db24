"""L01: after the real thing, with worker, broker and HTTPS, no secret lies anywhere in clear."""

import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from partnercenter.simulator.worlds import make_world
from portal.core.access import Role
from tests import procs
from tests.factories.core import Person, make_person, make_reseller
from tests.secrets import channels
from tests.secrets.conftest import Figure

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

SECRET = "SECRET-CANARY-client~of.the_partner"
PASSWORD = "SECRET-CANARY password of the administrator"
SECONDS = 60


def partner_in(folder: Path) -> dict[str, Any]:
    """Make a world whose partner has the canary for its client secret, and return the partner."""
    make_world(folder, customers=6, lines=48, seed=5, hostile=0)
    path = folder / "partner.json"
    partner: dict[str, Any] = json.loads(path.read_text()) | {"clientSecret": SECRET}
    path.write_text(json.dumps(partner))
    return partner


def post(client: Client, address: str, **body: Any) -> Any:
    answer = client.post(f"/api/v1/{address}", body, content_type="application/json")
    assert answer.status_code in (200, 201, 202), answer.content
    return answer.json()


FOLLOWING = {"organizations.suggest", "billing.read_unbilled"}
"""What a discovery and an import ask for in their turn; it is no part of the story."""


def wait_for_jobs(client: Client, count: int) -> list[str]:
    """Wait until ``count`` jobs have ended and return how."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        rows = client.get("/api/v1/jobs/").json()["results"]
        states = [row["state"] for row in rows if row["kind"] not in FOLLOWING]
        if len(states) == count and not {"waiting", "running"} & set(states):
            return states
        time.sleep(0.2)
    raise AssertionError(f"The jobs did not end: {states}")


def forms_of(secret: str) -> set[bytes]:
    """Return how a secret might lie about: as it is, in hexadecimal, and in base64."""
    raw = secret.encode()
    shifted = {base64.b64encode(b"x" * skip + raw)[4:-4] for skip in range(3)}
    return {raw, raw.hex().encode(), *shifted}


def play(person: Person, partner: dict[str, Any], token: str) -> None:
    client = Client(headers={"authorization": f"Bearer {token}"})
    connection = post(
        client,
        "connections/",
        name="Direct",
        cloud="simulator",
        partner_tenant=partner["tenantId"],
        client_id=partner["clientId"],
        secret=SECRET,
    )["id"]
    assert post(client, f"connections/{connection}/test/")["state"] == "working"
    post(client, "discovery-runs/", connection=connection)
    assert wait_for_jobs(client, 1) == ["done"]
    post(client, "invoices/", connection=connection)
    assert wait_for_jobs(client, 2) == ["done"] * 2
    browser = Client()
    signed_in = browser.post("/auth/login/", {"login": person.user.email, "password": PASSWORD})
    assert signed_in.status_code == 302
    assert browser.get("/tenants/").status_code == 200


def test_l01_no_secret_lies_in_database_queue_or_files(
    tmp_path: Path, settings: Any, figure: Figure
) -> None:
    partner = partner_in(tmp_path / "world")
    person = make_person(make_reseller(), Role.ADMIN, password=PASSWORD)
    token = person.token()
    portal = tmp_path / "portal"
    portal.mkdir()
    with procs.simulator(str(tmp_path / "world"), tmp_path / "microsoft") as simulator:
        addresses = dict.fromkeys(("API", "AUTHORITY", "GRAPH"), simulator.url)
        bundle = str(simulator.certificate)
        settings.PARTNERCENTER_CLOUDS = {"simulator": {**addresses, "CA_BUNDLE": bundle}}
        environment = {
            "PARTNERCENTER_SIMULATORS": f"simulator={simulator.url}",
            "PARTNERCENTER_CA_BUNDLE": bundle,
            "PORTAL_LOG_LEVEL": "DEBUG",
            "HOME": str(portal),
        }
        with procs.worker(portal, environment):
            play(person, partner, token)
            queue = channels.redis_as_text()
    files = [path for path in portal.rglob("*") if path.is_file()]
    places = {str(path.relative_to(portal)): path.read_bytes() for path in files}
    dump = channels.database_as_text()
    places |= {"the dump": dump.encode(), "Redis": queue.encode()}
    secrets = {SECRET, PASSWORD, token}
    found = [
        (name, secret)
        for name, content in places.items()
        for secret in secrets
        if any(form in content for form in forms_of(secret))
    ]
    figure(
        f"L01: {len(found)} of {len(secrets)} secrets lie in a dump of {len(dump):,} characters,"
        f" in Redis ({len(queue):,}) or in {len(files)} files"
    )
    assert partner["tenantId"] in dump and "worker.log" in places
    assert not found, found
