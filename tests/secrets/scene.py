"""The story of the product with secrets that can be found again: connect, test, discover, import.

Everything runs in this process and Partner Center is the simulator; what is sent passes through
here, so that the tokens it hands out are known, and any call can be made to fail.
"""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

import requests
from django.db import transaction
from django.test import Client
from requests.adapters import BaseAdapter

from partnercenter.wsgi_adapter import WSGIAdapter
from portal.core.access import Role, acting, system_actor
from portal.core.identity.models import Reseller
from portal.core.jobs.models import Job
from portal.core.jobs.worker import run_job
from tests.billing.worlds import PARTNER
from tests.factories.core import Person, make_person, make_reseller
from tests.flows.world import MONTH, InProcess, small_business

SECRET = "SECRET-CANARY-client~of.the_partner"
PASSWORD = "SECRET-CANARY password of the administrator"

Fail = Callable[[requests.PreparedRequest], None]


class Scene:
    """A reseller with its administrator, and everything secret that came up so far."""

    def __init__(self, folder: Path) -> None:
        with patch("tests.flows.world.PARTNER", PARTNER | {"clientSecret": SECRET}):
            self.center = InProcess(small_business(folder))
        self.reseller: Reseller = make_reseller(name="Lantern")
        self.admin: Person = make_person(self.reseller, Role.ADMIN, password=PASSWORD)
        self.secrets = {SECRET, PASSWORD}
        self.calls = 0
        self.before: Fail = lambda request: None
        self.after: Fail = lambda request: None
        self.spoil: Callable[[str], str] = lambda answer: answer

    def session(self) -> requests.Session:
        """Open a session in which every address leads to the simulator."""
        session = requests.Session()
        for prefix in ("http://", "https://"):
            session.mount(prefix, _Watched(self, WSGIAdapter(self.center.simulator.wsgi)))
        return session

    def found_in(self, text: str) -> list[str]:
        """Return the secrets a text holds; of a token its signature is enough."""
        known = {
            secret.rpartition(".")[2] if "eyJ" in secret else secret for secret in self.secrets
        }
        return sorted(secret for secret in known if secret in text)

    def browser(self) -> Client:
        """Return the administrator's browser, signed in by the form."""
        client = Client(raise_request_exception=False)
        answer = client.post("/auth/login/", {"login": self.admin.user.email, "password": PASSWORD})
        assert answer.status_code == 302, answer.content
        return client

    def program(self) -> Client:
        """Return a program with an API token, which is a secret from now on."""
        token = self.admin.token()
        self.secrets.add(token)
        return Client(headers={"authorization": f"Bearer {token}"}, raise_request_exception=False)

    def connect(self, client: Client) -> str:
        """Connect the account through the API and return the connection's id."""
        body = {
            "name": "Netherlands",
            "cloud": "simulator",
            "partner_tenant": PARTNER["tenantId"],
            "client_id": PARTNER["clientId"],
            "secret": SECRET,
        }
        answer = client.post("/api/v1/connections/", body, content_type="application/json")
        assert answer.status_code == 201, answer.content
        return str(answer.json()["id"])

    def jobs(self) -> list[UUID]:
        """Return the ids of the jobs that wait."""
        with acting(system_actor(self.reseller.pk, "tests")), transaction.atomic():
            return list(Job.objects.filter(state=Job.State.WAITING).values_list("pk", flat=True))

    def run_jobs(self) -> None:
        for job_id in self.jobs():
            run_job(job_id)

    def play(self, client: Client) -> str:
        """Connect, test, discover and import; return the connection's id."""
        connection = self.connect(client)
        api = "/api/v1"
        for address, body in (
            (f"{api}/connections/{connection}/test/", {}),
            (f"{api}/discovery-runs/", {"connection": connection}),
            (f"{api}/invoices/", {"connection": connection, "month": MONTH}),
        ):
            answer = client.post(address, body, content_type="application/json")
            assert answer.status_code in (200, 202), answer.content
            self.run_jobs()
        return connection


class _Watched(BaseAdapter):
    """Stands before the simulator: counts, fails where told to, and notes tokens."""

    def __init__(self, scene: Scene, inner: WSGIAdapter) -> None:
        super().__init__()
        self._scene = scene
        self._inner = inner

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> Any:
        self._scene.calls += 1
        self._scene.before(request)
        answer = self._inner.send(request, *args, **options)
        if (request.url or "").endswith("/token") and answer.ok:
            self._scene.secrets.add(json.loads(answer.content)["access_token"])
            # Not by way of a variable of this frame, which reports of a failure would show.
            answer._content = self._scene.spoil(answer.text).encode(errors="surrogateescape")
            answer.raw = io.BytesIO(answer.content)
        self._scene.after(request)
        return answer

    def close(self) -> None:
        self._inner.close()
