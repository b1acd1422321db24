"""Calling one route as one person, and making two answers comparable.

A client keeps cookies, and signing out or switching would spoil the next call, so each is made
with a fresh one that carries only the session or the token it began with.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.test import Client
from django.test.client import ClientHandler
from django.urls import reverse

from tests.access.matrix import Row
from tests.access.routes import Route, all_routes
from tests.factories.core import Person

CSRF = re.compile(
    rb'((?:csrfmiddlewaretoken|csrf-token|X-CSRFToken)[^>]{0,80}?")[A-Za-z0-9]{20,}(?=")'
)
FORM_TOKEN = re.compile(rb'(name="token" value=")[0-9a-f-]{36}(?=")')
HANDLER = ClientHandler(enforce_csrf_checks=False)
"""One for all calls: making the chain of middleware anew costs more than most answers."""
ROUTES = {route.name: route for route in all_routes()}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. ``crash`` is the traceback's last line where the portal failed."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    crash: str = ""

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace").lower()

    @property
    def place(self) -> str:
        """Where the answer sends the browser, if it does."""
        return self.headers.get("Location", "") or self.headers.get("HX-Redirect", "")

    def without(self, *texts: str) -> bytes:
        """Return the body with what differs from call to call taken out, and ``texts`` too."""
        body = FORM_TOKEN.sub(rb"\1", CSRF.sub(rb"\1", self.body))
        request_id = self.headers.get("X-Request-ID", "")
        for text in filter(None, (request_id, *texts)):
            body = body.replace(text.encode(), b"~")
        return body


@dataclass(frozen=True, slots=True)
class Caller:
    """A person with a session and a token, or a stranger with neither."""

    session: str = ""
    token: str = ""

    @classmethod
    def of(cls, person: Person) -> "Caller":
        return cls(person.client().cookies[settings.SESSION_COOKIE_NAME].value, person.token())

    def call(
        self,
        row: Row,
        objects: Mapping[str, str],
        *,
        query: Mapping[str, str] | None = None,
        sends: Mapping[str, Any] | None = None,
        htmx: bool = False,
    ) -> Answer:
        """Call a row of the matrix on ``objects``; ``sends`` replaces the body it names."""
        address = address_of(row, objects)
        body = row.body(objects) if sends is None else dict(sends)
        return self.request(row.verb, address, body=body, query=query, is_api=row.is_api, htmx=htmx)

    def request(
        self,
        verb: str,
        address: str,
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        is_api: bool = False,
        htmx: bool = False,
    ) -> Answer:
        """Make one request as a browser would, or as a program on the API."""
        if is_api:
            content = b"" if verb == "get" else json.dumps(body or {}).encode()
            return self.send(verb, address, content, query=query)
        client = self._client(is_api=False, htmx=htmx)
        data = {} if verb == "get" else {"data": dict(body or {})}
        return _answer(getattr(client, verb)(address, query_params=dict(query or {}), **data))

    def send(
        self, verb: str, address: str, content: bytes, *, query: Mapping[str, str] | None = None
    ) -> Answer:
        """Make one request on the API with this body, which may be anything but should be JSON."""
        client = self._client(is_api=True, htmx=False)
        response = client.generic(
            verb.upper(),
            address,
            content,
            content_type="application/json",
            query_params=dict(query or {}),
        )
        return _answer(response)

    def _client(self, *, is_api: bool, htmx: bool) -> Client:
        headers = {"HX-Request": "true"} if htmx else {}
        if is_api and self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        client = Client(headers=headers, raise_request_exception=False)
        client.handler = HANDLER
        if self.session and not is_api:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.session
        return client


STRANGER = Caller()


def _answer(response: Any) -> Answer:
    content = response.getvalue() if response.streaming else response.content
    crash = response.exc_info[1] if getattr(response, "exc_info", None) else ""
    return Answer(response.status_code, content, response.headers, repr(crash) if crash else "")


def address_of(row: Row, objects: Mapping[str, str]) -> str:
    """Return the address of a row with the object it is about in it."""
    route = ROUTES[row.route]
    return reverse(route.name, kwargs={name: _value(row, name, objects) for name in _needed(route)})


@contextmanager
def undone() -> Iterator[None]:
    """Run a block in a transaction of its own that is never committed."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _needed(route: Route) -> tuple[str, ...]:
    return tuple(name for name in route.parameters if name != "format")


def _value(row: Row, parameter: str, objects: Mapping[str, str]) -> str:
    named = [name for name in ROUTES[row.route].parameters if name == "pk" or name.endswith("_id")]
    # Where one object is below another in the address, the row is about the inner one.
    if row.on and parameter == (named[-1] if named else "month"):
        return objects[row.on]
    return objects[parameter.removesuffix("_id")]
