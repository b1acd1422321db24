"""Mail by a provider's API: what is sent, and what becomes of a refusal."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import pytest
from anymail.exceptions import AnymailRecipientsRefused
from django.core import mail
from django.core.exceptions import ImproperlyConfigured

import organizations.tasks
import portal.notify.tasks
from organizations.passwords.models import FirstPassword
from portal.core.errors import InvalidInput, PortalError, Unavailable
from portal.core.jobs import operations as job_operations
from portal.core.mail_providers import PROVIDERS, backend_of, provider_settings
from portal.notify.mail import send_text
from tests.organizations.alert.telling import send
from tests.organizations.linking.scene import make_scene
from tests.organizations.passwords.desk import PASSWORD, fresh, keep, letters, sent, welcome

assert organizations.tasks and portal.notify.tasks  # registers what sends
KEY = "SECRET-CANARY-key-of-the-provider"
INACTIVE = (
    "This recipient is marked as inactive. Found inactive addresses: it@example.com. Inactive"
    " recipients are ones that have generated a hard bounce."
)
TAKEN = {"To": "it@example.com", "MessageID": "of-the-provider", "ErrorCode": 0, "Message": "OK"}


class Endpoint(ThreadingHTTPServer):
    """A provider's API on this machine: keeps what it is given and answers what it is told."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status, self.body = 200, json.dumps(TAKEN)
        self.hangs_up = False
        self.given: list[tuple[str, dict[str, str], Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"

    def answers(self, status: int, content: Any) -> None:
        self.status = status
        self.body = content if isinstance(content, str) else json.dumps(content)


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server: Any = self.server
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        server.given.append((self.path, dict(self.headers), json.loads(raw)))
        if server.hangs_up:
            return
        body = server.body.encode()
        self.send_response(server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        return


@contextmanager
def listening() -> Iterator[Endpoint]:
    with Endpoint() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def endpoint(settings: Any) -> Iterator[Endpoint]:
    """Let mail leave by Postmark's API, played by an endpoint of the test's own."""
    with listening() as server:
        settings.MAIL_PROVIDER = "postmark"
        settings.EMAIL_BACKEND = backend_of("postmark")
        settings.ANYMAIL = provider_settings(
            "postmark", key=KEY, second="", domain="", url=server.url
        )
        yield server


def post() -> str:
    return send_text(
        subject="Welcome",
        text="Good morning",
        html="<p>Good morning</p>",
        to=["it@example.com"],
        delivery_id=uuid4(),
        language="en",
    )


def refused(kind: type[PortalError]) -> PortalError:
    with pytest.raises(kind) as found:
        post()
    assert KEY not in f"{found.value}{found.value.detail}{found.value.data}"
    assert found.value.__cause__ is None
    return found.value


@pytest.mark.django_db(transaction=True)
def test_a_letter_leaves_by_the_provider_and_its_refusal_is_in_the_log(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_operations, "ring", lambda *_: True)
    north = make_scene()
    row = sent(north)
    ((path, headers, given),) = endpoint.given
    assert path == "/email" and headers["X-Postmark-Server-Token"] == KEY
    assert given["To"] == "it@example.com"
    assert given["Subject"] == "Your Microsoft cloud services: northbakery.onmicrosoft.com"
    assert "/welcome/" in given["TextBody"] and "/welcome/" in given["HtmlBody"]
    said = {header["Name"]: header["Value"] for header in given["Headers"]}
    (letter,) = letters(north.reseller)
    assert str(letter.pk) in said["Message-ID"]
    assert (letter.state, fresh(row).state) == ("sent", FirstPassword.State.SENT)
    assert PASSWORD not in json.dumps(given)

    endpoint.answers(422, {"ErrorCode": 406, "Message": f"{INACTIVE} ({KEY})"})
    other = keep(north)
    welcome(other)
    send(north.reseller)
    failed = letters(north.reseller)[-1]
    assert failed.state == "failed"
    assert failed.last_error == f"Postmark refuses it@example.com: {INACTIVE} (***)"
    page = north.operator.client().get(f"/first-passwords/{other.pk}/").content.decode()
    assert "Found inactive addresses" in page and KEY not in page


@pytest.mark.parametrize(
    ("status", "content", "kind", "says", "maybe_sent"),
    [
        (400, {"Message": "Bad request"}, InvalidInput, "refuses it (400): Bad request", None),
        (413, "<html><h1>Too large</h1></html>", InvalidInput, "refuses it (413).", None),
        (401, {"Message": "Bad token."}, Unavailable, "does not let the portal in (401)", False),
        (429, {"errors": [{"message": "Slower"}]}, Unavailable, "(429): Slower", False),
        (500, {"error": {"detail": "Broken"}}, Unavailable, "did not take it (500): Broken", True),
        (503, "Down for\nmaintenance", Unavailable, "(503): Down for maintenance", True),
    ],
)
def test_what_a_provider_says_is_told_in_its_words(
    endpoint: Endpoint,
    status: int,
    content: Any,
    kind: type[PortalError],
    says: str,
    maybe_sent: bool | None,
) -> None:
    endpoint.answers(status, content)
    error = refused(kind)
    assert says in error.detail
    assert error.data.get("maybe_sent") is maybe_sent
    assert error.transient == (kind is Unavailable)


def test_a_provider_that_does_not_answer_may_have_taken_it(endpoint: Endpoint) -> None:
    endpoint.hangs_up = True
    error = refused(Unavailable)
    assert "did not answer" in error.detail and error.data["maybe_sent"] is True


def test_a_provider_that_is_not_reached_has_taken_nothing(
    endpoint: Endpoint, settings: Any
) -> None:
    with listening() as gone:
        nowhere = gone.url
    settings.ANYMAIL = {**settings.ANYMAIL, "POSTMARK_API_URL": nowhere}
    assert refused(Unavailable).data["maybe_sent"] is False


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_provider_has_a_backend_that_takes_its_settings(name: str, settings: Any) -> None:
    provider = PROVIDERS[name]
    settings.ANYMAIL = provider_settings(
        name,
        key=KEY,
        second="s" * 20 if provider.second else "",
        domain="mail.example.com" if provider.domain else "",
        url="https://mail.example.com/",
    )
    backend: Any = mail.get_connection(backend_of(name))
    assert backend.api_url == "https://mail.example.com/"
    assert KEY in map(str, vars(backend).values()) or name == "sparkpost"


def test_the_form_that_anymail_itself_tests_with(settings: Any) -> None:
    """A whole mail by anymail's own test backend, and its refusal of a recipient."""
    settings.EMAIL_BACKEND = backend_of("test")
    assert post() == "Welcome"
    message: Any = mail.outbox[0]
    assert message.anymail_test_params["to"][0].addr_spec == "it@example.com"

    def refuses(*_: Any, **__: Any) -> None:
        raise AnymailRecipientsRefused

    settings.MAIL_PROVIDER = "postmark"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("anymail.backends.test.EmailBackend.post_to_esp", refuses)
        error = refused(InvalidInput)
    assert "it@example.com" in error.detail


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"name": "pigeon"}, "PORTAL_MAIL_PROVIDER"),
        ({"key": ""}, "PORTAL_MAIL_API_KEY"),
        ({"name": "mailjet"}, "PORTAL_MAIL_API_SECRET"),
        ({"second": "s"}, "PORTAL_MAIL_API_SECRET"),
        ({"domain": "example.com"}, "PORTAL_MAIL_DOMAIN"),
    ],
)
def test_a_wrong_setting_is_named(given: dict[str, str], names: str) -> None:
    told = {"name": "postmark", "key": KEY, "second": "", "domain": "", "url": ""} | given
    with pytest.raises(ImproperlyConfigured, match=names) as found:
        provider_settings(told.pop("name"), **told)
    assert KEY not in str(found.value)
