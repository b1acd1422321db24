"""A service that answers as a test says: token endpoint and API behind one session.

Not a second simulator: it knows no resource. It hands each request to the test's function and keeps
what was asked, so that a test can look at the wire itself.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import requests

from partnercenter.client import AppCredentials, Endpoints, PartnerCenter
from partnercenter.wsgi_adapter import WSGIAdapter

API = "https://api.example.test"
AUTHORITY = "https://login.example.test"
ENDPOINTS = Endpoints(
    api=API, authority=AUTHORITY, graph="https://graph.example.test", audience=API
)
SECRET = "s3cret~of.the-application"
TENANT = "11111111-2222-4333-8444-555555555555"
CREDENTIALS = AppCredentials(tenant=TENANT, client_id="the-app", client_secret=SECRET)
REQUEST_ID = "0f0e0d0c-0000-4000-8000-00000000abcd"
GUIDS = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(1, 5_001)]


@dataclass
class Asked:
    """One request as it arrived."""

    method: str
    host: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    raw_query: str = ""


@dataclass
class Reply:
    """One answer; a body that is not bytes is sent as JSON."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    echo: bool = True

    def encoded(self) -> bytes:
        """Return the body as it goes over the wire."""
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


Answering = Callable[[Asked], Reply]


class FakeService:
    """The two hosts, with a list of what each was asked."""

    def __init__(self, api: Answering, token: Answering | None = None) -> None:
        self._answer_api = api
        self._answer_token = token or self._issue
        self.calls: list[Asked] = []
        self.token_calls: list[Asked] = []
        self.slept: list[float] = []

    def _issue(self, _: Asked) -> Reply:
        token = f"token-{len(self.token_calls)}"
        return Reply(
            body={"token_type": "Bearer", "expires_in": 3600, "access_token": token},
            headers={"Content-Type": "application/json"},
        )

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        asked = _asked(environ)
        if asked.host == AUTHORITY.removeprefix("https://"):
            self.token_calls.append(asked)
            reply = self._answer_token(asked)
        else:
            self.calls.append(asked)
            reply = self._answer_api(asked)
        headers = {"Content-Type": "application/json; charset=utf-8", **reply.headers}
        if reply.echo:
            for name in ("MS-RequestId", "MS-CorrelationId"):
                headers[name] = asked.headers.get(name.lower(), "")
        start_response(f"{reply.status} Status", list(headers.items()))
        return [reply.encoded()]

    def session(self) -> requests.Session:
        """Return a session whose every request comes here."""
        session = requests.Session()
        session.mount("https://", WSGIAdapter(self))
        session.mount("http://", WSGIAdapter(self))
        return session

    def client(self, **options: Any) -> PartnerCenter:
        """Return a client that speaks to this service and sleeps on paper."""
        return PartnerCenter(
            **{
                "endpoints": ENDPOINTS,
                "credentials": CREDENTIALS,
                "session": self.session(),
                "sleep": self.slept.append,
                **options,
            }
        )


def replying(*replies: Reply) -> Answering:
    """Return a function that gives these replies in turn, the last one for ever."""
    left = list(replies)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def collection(items: list[Any], *, token: str = "", path: str = "/customers") -> Reply:
    """Return a page of a collection; with a token it names a next one."""
    links: dict[str, Any] = {}
    if token:
        links["next"] = {
            "uri": f"{path}?size=2&seekOperation=Next",
            "method": "GET",
            "headers": [{"key": "MS-ContinuationToken", "value": token}],
        }
    return Reply(body={"totalCount": len(items), "items": items, "links": links})


def customer(identity: str, name: str = "Contoso") -> dict[str, Any]:
    """Return a customer as lists show it."""
    return {
        "id": identity,
        "companyProfile": {
            "tenantId": identity,
            "domain": f"{name.lower()}.onmicrosoft.com",
            "companyName": name,
        },
        "relationshipToPartner": "reseller",
        "futureField": {"kept": True},
    }


def _asked(environ: dict[str, Any]) -> Asked:
    return Asked(
        method=environ["REQUEST_METHOD"],
        host=environ["HTTP_HOST"],
        path=environ["REQUEST_URI"].partition("?")[0],
        query={
            name: values[0]
            for name, values in parse_qs(environ["QUERY_STRING"], keep_blank_values=True).items()
        },
        headers={
            name.removeprefix("HTTP_").replace("_", "-").lower(): value
            for name, value in environ.items()
            if name.startswith("HTTP_") or name == "CONTENT_TYPE"
        },
        body=environ["wsgi.input"].read(),
        raw_query=environ["QUERY_STRING"],
    )
