"""L07, L10: connect, discover and import with canaries; no way out of the portal carries one.

Every secret that comes up is looked for: the client secret, each access token Partner Center hands
out, a password, an API token, and the key of a link that sets a new password.
"""

import logging
import re
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from requests.adapters import HTTPAdapter
from structlog import get_logger

from portal.core.access import acting, system_actor
from portal.core.jobs.worker import run_job
from tenants.connections.models import Connection
from tests.flows.world import MONTH
from tests.procs import free_port
from tests.secrets import channels
from tests.secrets.conftest import Figure
from tests.secrets.reports import reports_of
from tests.secrets.scene import PASSWORD, SECRET, Scene

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = ["/", "/tenants/", "/connections/", "/invoices/", "/reports/", "/audit/", "/jobs/", "/me/"]
API = [
    f"/api/v1/{name}/"
    for name in (
        "connections",
        "discovery-runs",
        "tenants",
        "jobs",
        "audit-events",
        "invoices",
        "me",
    )
]
DESCRIPTION = ["/api/schema/", "/api/docs/"]
EXPORTS = ["/tenants/export/", f"/api/v1/reports/{MONTH}/export/"]


class Told(dict[str, str]):
    """What came out, by channel."""

    def add(self, channel: str, text: object) -> None:
        self[channel] = f"{self.get(channel, '')}\n{text}"


def ask_for_new_password(scene: Scene, told: Told) -> None:
    """Have a link mailed and use it; its key is a secret to all but the mail."""
    visitor = Client(raise_request_exception=False)
    visitor.post("/auth/password/reset/", {"email": scene.admin.user.email})
    (message,) = mail.outbox
    link = re.search(r"https?://\S+?(/auth/\S*?/key/([^/\s]+)/)", str(message.body))
    assert link, message.body
    told.add("mail", str(message.message()).replace(link[2], ""))
    scene.secrets.add(link[2])
    page = visitor.get(link[1], follow=True)
    told.add("pages", page.content.decode())


def use(scene: Scene, told: Told) -> None:
    """Work with what was imported, by page, API and export."""
    browser, program = scene.browser(), scene.program()
    for client, channel, addresses in (
        (browser, "pages", PAGES),
        (program, "API answers", API),
        (browser, "API description", DESCRIPTION),
    ):
        bodies, heads = channels.answers_of(client, addresses)
        told.add(channel, bodies)
        told.add("headers and cookies", heads)
    told.add("CSV exports", channels.answers_of(browser, EXPORTS[:1])[0])
    told.add("CSV exports", channels.answers_of(program, EXPORTS[1:])[0])
    stranger = Client()
    for address in ("/auth/login/", "/health/ready/", "/api/v1/connections/"):
        told.add("answers to strangers", stranger.get(address).content.decode())


def fail_with_everything(scene: Scene, connection: str, told: Told) -> None:
    """Let calls fail with a text that has the secret in its address, its headers or its body."""
    texts = {
        "exception with a secret in the address": lambda sent: f"{sent.url}?sig={SECRET}",
        "exception with a secret in the headers": lambda sent: str(dict(sent.headers)),
        "exception with a secret in the body": lambda sent: f"{sent.body!r} {SECRET}",
    }
    client = scene.program()
    for channel, text in texts.items():

        def fail(sent: requests.PreparedRequest, text: Any = text) -> None:
            raise requests.ConnectionError(text(sent))

        scene.before = fail
        answer = client.post(f"/api/v1/connections/{connection}/test/")
        told.add(channel, answer.content.decode())
        client.post(
            "/api/v1/discovery-runs/", {"connection": connection}, content_type="application/json"
        )
        for job_id in scene.jobs():
            run_job(job_id)
        told.add(channel, client.get("/api/v1/jobs/").content.decode())
    scene.before = lambda sent: None


def fail_unforeseen(scene: Scene, told: Told) -> None:
    """Raise past everything, with the secret at hand, and collect the reports of that."""

    def fail(sent: requests.PreparedRequest) -> None:
        raise AssertionError("not foreseen")

    scene.before = fail
    client = scene.program()
    connection = client.get("/api/v1/connections/").json()["results"][0]["id"]
    answer = client.post(f"/api/v1/connections/{connection}/test/")
    assert answer.status_code == 500
    told.add("page of error 500", answer.content.decode())
    for channel, text in reports_of(answer.exc_info[1]).items():  # type: ignore[attr-defined]
        told.add(channel, text)
    scene.before = lambda sent: None
    told.add("constraint violation", violation(scene))


def let_libraries_log() -> None:
    """Have urllib3 log an address as it does over a real connection, and others what they might."""
    session = requests.Session()
    session.mount("http://", HTTPAdapter(max_retries=1))
    with pytest.raises(requests.ConnectionError):
        session.get(f"http://127.0.0.1:{free_port()}/v1/invoices?sig={SECRET}")
    for name in ("msal.application", "kombu.transport", "requests", "celery.app.trace", "py"):
        log = logging.getLogger(name)
        log.debug("sent %s", {"client_secret": SECRET, "Authorization": f"Bearer {SECRET}"})
        log.debug("sent %r", f"client_secret={SECRET}&scope=x".encode())
        try:
            raise AssertionError(f"https://partner.test/token?client_secret={SECRET}")
        except AssertionError:
            log.exception("failed")
    get_logger("ours").info(
        "sent", headers={"Authorization": SECRET}, body=SECRET.encode(), n={SECRET}
    )


def violation(scene: Scene) -> str:
    """Store a connection twice and return what the database says of that."""
    with acting(system_actor(scene.reseller.pk, "tests")):
        with transaction.atomic():
            row = Connection.objects.get()
        row.pk, row._state.adding = None, True
        row.id = Connection().id
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as error:
            return f"{error} {error.__cause__!r}"
    raise AssertionError("it was stored twice")


@pytest.fixture(params=[False, True], ids=["json", "plain"])
def told(request: Any, scene: Scene, capfd: Any) -> Iterator[Told]:
    """Play the story with everything listening, and return what was heard, by channel."""
    found = Told()
    with (
        channels.every_log_at_debug(plain=request.param) as log,
        warnings.catch_warnings(record=True) as warned,
    ):
        warnings.simplefilter("always")
        connection = scene.play(scene.program())
        use(scene, found)
        ask_for_new_password(scene, found)
        fail_with_everything(scene, connection, found)
        fail_unforeseen(scene, found)
        let_libraries_log()
        found.add("messages of the queue", channels.messages_as_text())
    found.add("log at DEBUG", log.getvalue())
    found.add("warnings", [str(warning) for warning in warned])
    said = capfd.readouterr()
    found.add("standard output and error", said.out + said.err)
    found.add("Redis, keys and values", channels.redis_as_text())
    dump = channels.database_as_text()
    for table, rows in channels.tables_of(dump).items():
        found.add(
            {
                "core_auditevent": "audit rows",
                "core_job": "job rows",
                "django_session": "session rows",
                "tenants_connection": "connection rows",
            }.get(table, "all other rows"),
            rows,
        )
    yield found


EMPTY_IS_FINE = {"warnings", "standard output and error", "session rows"}


@pytest.mark.processes
def test_l07_no_channel_carries_a_secret(scene: Scene, told: Told, figure: Figure) -> None:
    leaking = {name: scene.found_in(text) for name, text in told.items() if scene.found_in(text)}
    figure(f"L07: {len(leaking)} of {len(told)} channels tell one of {len(scene.secrets)} secrets")
    figure(f"L07 channels: {', '.join(sorted(told))}")
    assert {SECRET, PASSWORD} < scene.secrets and len(scene.secrets) >= 6
    assert len(told) >= 15
    assert [
        name for name, text in told.items() if not text.strip() and name not in EMPTY_IS_FINE
    ] == []
    for heard in ("urllib3.connectionpool", "redis", "django", "?sig=***", "Bearer ***"):
        assert heard in told["log at DEBUG"], heard
    assert not leaking, {
        name: [around(told[name], secret) for secret in found] for name, found in leaking.items()
    }


def around(text: str, secret: str) -> str:
    at = text.index(secret)
    return text[max(0, at - 150) : at + 60]
