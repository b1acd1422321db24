"""N05: what a stranger can make the portal say tells nothing of what it is made of."""

import re
import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from importlib.metadata import distributions
from pathlib import Path

import pytest

from tests.database import PROJECT
from tests.procs import free_port, running
from tests.secrets.conftest import Figure
from tests.secrets.production import HOST, NOWHERE, ended, environment, gunicorn, start

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

SECURE = {"Host": HOST, "X-Forwarded-Proto": "https"}
ASKED: list[tuple[str, str, dict[str, str]]] = [
    ("GET", "/", {}),
    ("GET", "/auth/login/", {}),
    ("GET", "/auth/password/reset/key/1-abc/", {}),
    ("GET", "/nowhere/", {}),
    ("GET", "/tenants/not-an-id/", {}),
    ("GET", "/auth/signup/", {}),
    ("GET", "/admin/", {}),
    ("GET", "/gallery/", {}),
    ("GET", "/static/nothing.css", {}),
    ("GET", "/.env", {}),
    ("GET", "/%00", {}),
    ("GET", "/health/live/", {}),
    ("GET", "/health/ready/", {}),
    ("GET", "/auth/login/?next=" + "x" * 3_000, {}),
    ("POST", "/auth/login/", {}),
    ("POST", "/auth/login/", {"Content-Type": "multipart/form-data; boundary=x"}),
    ("POST", "/auth/login/", {"Cookie": "__Host-sessionid=wrong; __Host-csrftoken=short"}),
    ("PUT", "/auth/login/", {}),
    ("TRACE", "/", {}),
    ("OPTIONS", "/api/v1/tenants/", {}),
    ("GET", "/", {"Host": "somebody.else.example"}),
    ("GET", "/", {"Host": "bad host"}),
    ("GET", "/api/", {}),
    ("GET", "/api/v1/", {}),
    ("GET", "/api/v1/tenants/", {}),
    ("GET", "/api/v1/tenants/", {"Authorization": "Bearer tnt_wrong"}),
    ("GET", "/api/v1/tenants/", {"Accept": "text/html"}),
    ("GET", "/api/v1/nowhere/", {}),
    ("POST", "/api/v1/connections/", {"Content-Type": "application/json"}),
    ("GET", "/api/schema/", {}),
    ("GET", "/api/docs/", {}),
    ("GET", "/metrics", {}),
]
RAW = [b"nonsense\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\nBad Header\r\n\r\n"]
"""What the server itself answers, before the portal is asked."""

PACKAGES = {
    str(found.metadata["Name"]).lower()
    for found in distributions()
    if len(str(found.metadata["Name"])) > 4
} - {"referencing", "attrs", "packaging", "requests", "redis"}
NAMES = sorted({"gunicorn", "django", "python", "postgres", "celery", "redis", "valkey"} | PACKAGES)
TELLING = {
    "software": re.compile(rf"(?<![\w./-])({'|'.join(map(re.escape, NAMES))})(?![\w-])", re.I),
    "version": re.compile(r"(?<![\w.])v?\d+\.\d+\.\d+(?![\w.])"),
    "path": re.compile(r"/(?:home|usr|opt|var|root|app|srv|tmp|work)/\w|\.py\b|site-packages"),
    "stack": re.compile(r"Traceback|File \"|line \d+, in |Exception\b|Error at /"),
    "place": re.compile(re.escape(str(PROJECT))),
}
OWN_STATIC = re.compile(r'(?:href|src)="/static/[^"]+"')
"""Names of our files; what they are made of is no secret of this installation."""


def ask(port: int, method: str, path: str, headers: dict[str, str]) -> tuple[int, str]:
    """Return the status and the whole answer: status line, headers and body."""
    web = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        web.request(method, path, body=b"{" if method in {"POST", "PUT"} else None, headers=headers)
        answer = web.getresponse()
        body = answer.read().decode(errors="replace")
        return answer.status, f"{answer.status} {answer.reason}\n{answer.headers}\n{body}"
    finally:
        web.close()


def say(port: int, sent: bytes) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        line.sendall(sent)
        return b"".join(iter(lambda: line.recv(65_536), b"")).decode(errors="replace")


def told_by(answer: str) -> list[str]:
    text = OWN_STATIC.sub("", answer)
    return [
        f"{what}: {found[0]}" for what, shape in TELLING.items() if (found := shape.search(text))
    ]


@pytest.fixture(scope="module")
def static_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Collect styles and scripts as the container image does; pages name them by their hash."""
    folder = tmp_path_factory.mktemp("static")
    collect = start(["manage.py", "collectstatic", "--no-input"], PORTAL_STATIC_ROOT=str(folder))
    said = ended(collect)
    assert collect.returncode == 0, said
    return folder


@pytest.fixture(params=[True, False], ids=["database there", "database away"])
def port(request: pytest.FixtureRequest, static_files: Path, tmp_path: Path) -> Iterator[int]:
    """Run the web as in production, once without its database: then pages fail with 500."""
    chosen = free_port()
    settings = {"PORTAL_STATIC_ROOT": str(static_files)}
    if not request.param:
        settings["DATABASE_URL"] = NOWHERE
    with running(
        gunicorn(chosen),
        log=tmp_path / "web.log",
        ready=lambda said: "Booting worker" in said,
        env=environment(**settings, PYTHONWARNINGS="ignore"),
    ):
        yield chosen


def test_n05_a_stranger_learns_nothing_of_what_it_is_made_of(port: int, figure: Figure) -> None:
    answers = {
        f"{method} {path[:40]} {headers}": ask(port, method, path, SECURE | headers)
        for method, path, headers in ASKED
    }
    texts = {name: text for name, (_, text) in answers.items()}
    texts |= {repr(sent): say(port, sent) for sent in RAW}
    telling = {name: told for name, text in texts.items() if (told := told_by(text))}
    statuses = sorted({status for status, _ in answers.values()})
    figure(f"N05: {len(telling)} of {len(texts)} answers tell, statuses {statuses}")
    assert not telling, telling
    assert {400, 404} <= set(statuses)
