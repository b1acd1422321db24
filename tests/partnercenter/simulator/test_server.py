"""The server on a socket: keep-alive, two protocols on one port, lost connections, MSAL."""

import http.client
import json
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlencode

import msal
import pytest
import requests

from partnercenter.simulator import Simulator, SimulatorError
from partnercenter.simulator.certificates import Certificates, open_certificates
from partnercenter.simulator.server import SimulatorServer
from tests.partnercenter.simulator.calls import COMMERCE, HOME, Clock, app_caller, user_caller
from tests.partnercenter.simulator.sample_worlds import customer_id
from tests.partnercenter.simulator.test_create_customer import order

MakeApplication = Callable[..., msal.ConfidentialClientApplication]


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return open_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def clock() -> Clock:
    """Replace the standing clock: MSAL looks at the real time when it keeps a token."""
    return Clock(datetime.now(UTC))


@pytest.fixture
def server(simulator: Simulator, certificates: Certificates) -> Iterator[SimulatorServer]:
    running = SimulatorServer(simulator.wsgi, host="127.0.0.1", port=0)
    running.tls = certificates.context()
    running.start()
    yield running
    running.stop()


@pytest.fixture
def bearer(simulator: Simulator) -> dict[str, str]:
    return app_caller(simulator).headers


def connect(server: SimulatorServer) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)


def test_one_connection_serves_many_requests(
    server: SimulatorServer, bearer: dict[str, str]
) -> None:
    connection = connect(server)
    sockets = set()
    for target in ("/v1/customers?size=2", "/v1/nothing", f"/v1/customers/{customer_id(1)}"):
        connection.request("GET", target, headers=bearer)
        response = connection.getresponse()
        response.read()
        sockets.add(connection.sock)
    connection.request("HEAD", "/v1/domains/sample1.onmicrosoft.com", headers=bearer)
    assert connection.getresponse().read() == b""
    connection.request("DELETE", f"/v1/customers/{customer_id(1)}", headers=bearer)
    assert connection.getresponse().status == 204
    assert len(sockets) == 1
    connection.close()


def test_http_and_https_share_the_port(
    server: SimulatorServer, certificates: Certificates, bearer: dict[str, str]
) -> None:
    target = f"localhost:{server.port}/v1/customers?size=2"
    plain = requests.get(f"http://{target}", headers=bearer, timeout=10)
    secure = requests.get(
        f"https://{target}", headers=bearer, timeout=10, verify=str(certificates.authority)
    )
    assert plain.json() == secure.json()
    assert secure.json()["totalCount"] == 2


def test_certificate_is_trusted_only_with_its_authority(server: SimulatorServer) -> None:
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"https://127.0.0.1:{server.port}/v1/customers", timeout=10)


def test_tls_hello_without_a_certificate_is_closed(simulator: Simulator) -> None:
    running = SimulatorServer(simulator.wsgi, host="127.0.0.1", port=0)
    running.start()
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get(f"https://127.0.0.1:{running.port}/", timeout=10, verify=False)
    running.stop()


def test_chunked_answer_is_whole(
    server: SimulatorServer, simulator: Simulator, bearer: dict[str, str]
) -> None:
    headers = user_caller(simulator, amr="pwd").headers
    connection = connect(server)
    connection.request("GET", "/v1/customers", headers=headers)
    response = connection.getresponse()
    assert (response.status, response.reason) == (401, "Unauthorized - MFA required")
    assert response.headers["Transfer-Encoding"] == "chunked"
    assert response.read() == b""
    connection.request("GET", "/v1/customers", headers=bearer)
    assert connection.getresponse().status == 200
    connection.close()


def test_date_is_that_of_the_clock_and_comes_once(
    server: SimulatorServer, bearer: dict[str, str], clock: Clock
) -> None:
    clock.advance(minutes=30)
    connection = connect(server)
    connection.request("GET", "/v1/customers", headers=bearer)
    response = connection.getresponse()
    assert response.headers.get_all("Date") == [format_datetime(clock(), usegmt=True)]
    connection.close()


def test_dropped_connection_reaches_the_client_as_one(
    server: SimulatorServer, simulator: Simulator, bearer: dict[str, str]
) -> None:
    simulator.faults.add(
        [
            {"path": "^/v1/customers$", "method": "POST", "action": "drop_after", "times": 1},
            {"path": "^/v1/invoices", "action": "cut"},
        ]
    )
    base = f"http://127.0.0.1:{server.port}/v1"
    headers = bearer | {"MS-RequestId": "4549ac0c-0f1d-4d8f-b02f-6d36fadcccee"}
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.post(f"{base}/customers", json=order(), headers=headers, timeout=10)
    retried = requests.post(f"{base}/customers", json=order(), headers=headers, timeout=10)
    created = simulator.ledger.find(kind="customer_created")
    assert [effect.subject for effect in created] == [retried.json()["id"]]
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        requests.get(f"{base}/invoices", headers=bearer, timeout=10)


def test_same_create_sent_at_once_by_many_makes_one_tenant(
    server: SimulatorServer, simulator: Simulator, bearer: dict[str, str]
) -> None:
    barrier = threading.Barrier(8)
    url = f"http://127.0.0.1:{server.port}/v1/customers"

    def send(number: int) -> requests.Response:
        # Four retries of one operation race four other operations for the same domain.
        request_id = "same" if number < 4 else f"other-{number}"
        barrier.wait()
        return requests.post(
            url, json=order(), headers=bearer | {"MS-RequestId": request_id}, timeout=20
        )

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))
    made = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    assert len(made) == 1
    assert {answer.status_code for answer in answers} == {201, 409}
    assert len(simulator.ledger.find(kind="customer_created")) == 1


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (b"POST /v1/customers HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", b"411"),
        (b"POST /v1/customers HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n", b"413"),
        (b"POST /v1/customers HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n", b"411"),
        (b"nonsense\r\n\r\n", b"400"),
    ],
)
def test_request_that_cannot_be_read_is_refused_and_the_connection_closed(
    server: SimulatorServer, lines: bytes, status: bytes
) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(lines)
        received = b"".join(iter(lambda: connection.recv(4096), b""))
    assert status in received


def test_busy_port_is_said_clearly(server: SimulatorServer, simulator: Simulator) -> None:
    with pytest.raises(SimulatorError, match=f"port {server.port}.*--port"):
        SimulatorServer(simulator.wsgi, host="127.0.0.1", port=server.port)


def test_certificates_are_reused_and_replaced_when_spoilt(tmp_path: Path) -> None:
    first = open_certificates(tmp_path).certificate.read_bytes()
    assert open_certificates(tmp_path).certificate.read_bytes() == first
    (tmp_path / "server.pem").write_text("spoilt")
    second = open_certificates(tmp_path)
    assert second.certificate.read_bytes() != first
    assert isinstance(second.context(), ssl.SSLContext)
    assert second.key.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["events.pem", "events.key"])
def test_certificates_for_events_are_replaced_when_spoilt(tmp_path: Path, name: str) -> None:
    first = open_certificates(tmp_path)
    before, authority = (tmp_path / name).read_bytes(), first.authority.read_bytes()
    assert open_certificates(tmp_path).authority.read_bytes() == authority
    (tmp_path / name).write_text("spoilt")
    assert open_certificates(tmp_path).authority.read_bytes() != authority
    assert (tmp_path / name).read_bytes() not in (before, b"spoilt")
    assert first.event_key.stat().st_mode & 0o077 == 0


def test_certificate_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SimulatorError, match="Certificate folder"):
        open_certificates(tmp_path / "file" / "folder")


@pytest.fixture
def make_application(
    server: SimulatorServer,
    simulator: Simulator,
    certificates: Certificates,
) -> MakeApplication:
    session = requests.Session()
    # A bundle named in the environment would win over `verify`.
    session.trust_env = False
    session.verify = str(certificates.authority)
    partner = simulator.site.world.partner

    def make(*, secret: str = partner.client_secret) -> msal.ConfidentialClientApplication:
        return msal.ConfidentialClientApplication(
            partner.client_id,
            client_credential=secret,
            authority=f"https://localhost:{server.port}/{partner.tenant_id}",
            instance_discovery=False,
            http_client=session,
        )

    return make


def test_msal_gets_a_token_for_the_application(
    server: SimulatorServer, make_application: MakeApplication
) -> None:
    result = make_application().acquire_token_for_client([f"{COMMERCE}/.default"])
    headers = {"Authorization": f"Bearer {result['access_token']}"}
    answer = requests.get(
        f"http://127.0.0.1:{server.port}/v1/customers", headers=headers, timeout=10
    )
    assert answer.json()["totalCount"] == 5


def test_msal_signs_a_user_in_and_refreshes(
    server: SimulatorServer,
    make_application: MakeApplication,
) -> None:
    application = make_application()
    scopes = [f"{COMMERCE}/user_impersonation"]
    flow = application.initiate_auth_code_flow(scopes, redirect_uri=HOME, response_mode="form_post")
    page = application.http_client.get(flow["auth_uri"], timeout=10).text
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page))
    result = application.acquire_token_by_auth_code_flow(flow, fields)
    assert "error" not in result, json.dumps(result)
    (account,) = application.get_accounts()
    renewed = application.acquire_token_silent(scopes, account, force_refresh=True)
    headers = {"Authorization": f"Bearer {renewed['access_token']}"}
    answer = requests.get(
        f"http://127.0.0.1:{server.port}/v1/profiles/organization", headers=headers, timeout=10
    )
    assert answer.status_code == 200
    assert application.acquire_token_by_refresh_token(result["refresh_token"], scopes)


def test_msal_reports_a_wrong_secret(make_application: MakeApplication) -> None:
    result = make_application(secret="wrong").acquire_token_for_client([f"{COMMERCE}/.default"])
    assert (result["error"], result["error_codes"]) == ("invalid_client", [7000215])


def test_form_fields_survive_the_socket(server: SimulatorServer, simulator: Simulator) -> None:
    partner = simulator.site.world.partner
    form = {
        "client_id": partner.client_id,
        "client_secret": partner.client_secret,
        "grant_type": "client_credentials",
        "resource": COMMERCE,
    }
    connection = connect(server)
    connection.request(
        "POST",
        f"/{partner.tenant_id}/oauth2/token",
        urlencode(form),
        {"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert json.loads(connection.getresponse().read())["token_type"] == "Bearer"
    connection.close()
