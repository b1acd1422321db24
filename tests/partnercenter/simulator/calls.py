"""Calls into a simulator in this process, at the level of the wire.

Not the project's client: the fidelity rules are about status, headers and bytes, which a client
hides.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from partnercenter.simulator import Simulator

COMMERCE = "https://api.partnercenter.microsoft.com"
GRAPH = "https://graph.microsoft.com"
RETIRED = "https://graph.windows.net"
HOME = "https://portal.example.test/callback"


@dataclass
class Clock:
    """A clock that moves when told to."""

    now: datetime = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> None:
        """Move on by a duration in the units of `timedelta`."""
        self.now += timedelta(**duration)


@dataclass
class Answer:
    """One answer as it left; header names in lower case."""

    status: int
    reason: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the decoded body, with or without a byte order mark."""
        return json.loads(self.body.decode("utf-8-sig"))

    @property
    def code(self) -> int:
        """Return the code of an error body as a number."""
        return int(self.json()["code"])


@dataclass
class Caller:
    """Sends requests with the same headers each time."""

    simulator: Simulator
    headers: dict[str, str] = field(default_factory=dict)

    def send(
        self,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        peer: str = "127.0.0.1",
    ) -> Answer:
        """Send a request; a dict or list is sent as JSON, bytes as they are."""
        path, _, query = target.partition("?")
        content = body if isinstance(body, bytes) else b""
        if isinstance(body, (dict, list)):
            content = json.dumps(body).encode()
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": unquote(path, "latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "443",
            "REMOTE_ADDR": peer,
            "CONTENT_TYPE": {**self.headers, **(headers or {})}.get(
                "Content-Type", "application/json"
            ),
            "CONTENT_LENGTH": str(len(content)),
            "wsgi.url_scheme": "https",
            "wsgi.input": io.BytesIO(content),
        }
        for name, value in {**self.headers, **(headers or {})}.items():
            environ["HTTP_" + name.upper().replace("-", "_")] = value
        started: list[Any] = []

        def start_response(status: str, headers: Any, exc_info: Any = None) -> Any:
            started.extend((status, headers))

        parts = self.simulator.wsgi(environ, start_response)
        received = b"".join(parts)
        status, _, reason = started[0].partition(" ")
        return Answer(
            status=int(status),
            reason=reason,
            headers={name.lower(): value for name, value in started[1]},
            body=received,
        )

    def get(self, target: str, **more: Any) -> Answer:
        """Send a GET."""
        return self.send("GET", target, **more)

    def post(self, target: str, body: Any = None, **more: Any) -> Answer:
        """Send a POST."""
        return self.send("POST", target, body=body, **more)

    def follow(self, link: Mapping[str, Any]) -> Answer:
        """Send the request a `next` link describes."""
        headers = {header["key"]: header["value"] for header in link["headers"]}
        return self.get("/v1" + link["uri"], headers=headers)

    def all_items(self, target: str) -> list[Any]:
        """Return the items of all pages."""
        body = self.get(target).json()
        items = list(body["items"])
        while "next" in body.get("links", {}):
            body = self.follow(body["links"]["next"]).json()
            items += body["items"]
        return items


def ask_token(simulator: Simulator, *, version: int = 1, tenant: str = "", **form: str) -> Answer:
    """Ask for a token with the world's own client; fields given replace the usual ones."""
    partner = simulator.site.world.partner
    usual = {"client_id": partner.client_id, "client_secret": partner.client_secret}
    usual |= {"resource": COMMERCE} if version == 1 else {"scope": f"{COMMERCE}/.default"}
    path = f"/{tenant or partner.tenant_id}/oauth2/{'' if version == 1 else 'v2.0/'}token"
    return Caller(simulator).post(path, urlencode(usual | form).encode())


def authorization_code(simulator: Simulator, **query: str) -> str:
    """Sign in as the administrator and return the authorization code."""
    partner = simulator.site.world.partner
    asked = {"client_id": partner.client_id, "redirect_uri": HOME, "response_type": "code"} | query
    path = f"/{partner.tenant_id}/oauth2/v2.0/authorize"
    answer = Caller(simulator).get(f"{path}?{urlencode(asked)}")
    assert answer.status == 302, answer.body
    return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]


def app_caller(simulator: Simulator, **form: Any) -> Caller:
    """Return a caller that is an application alone."""
    token = ask_token(simulator, grant_type="client_credentials", **form).json()["access_token"]
    return Caller(simulator, {"Authorization": f"Bearer {token}"})


def sign_in(simulator: Simulator, *, resource: str = COMMERCE, **query: str) -> dict[str, Any]:
    """Return the token body of a user who signed in."""
    code = authorization_code(simulator, **query)
    body: dict[str, Any] = ask_token(
        simulator,
        grant_type="authorization_code",
        code=code,
        redirect_uri=HOME,
        resource=resource,
    ).json()
    return body


def user_caller(simulator: Simulator, *, resource: str = COMMERCE, **query: str) -> Caller:
    """Return a caller with a signed-in user."""
    token = sign_in(simulator, resource=resource, **query)["access_token"]
    return Caller(simulator, {"Authorization": f"Bearer {token}"})
