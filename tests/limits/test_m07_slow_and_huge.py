"""M07: slow, huge and crooked requests are refused, and meanwhile everybody else is served."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from django.test import Client

from portal.web import server
from tests.factories.core import Person, make_person, make_reseller
from tests.limits.slow import SlowClients
from tests.limits.web import RunningWeb, web

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

SLOW, NORMAL = 500, 50
GROWTH_KIB = 48 * 1024
Record = Callable[[str, object], None]


@pytest.fixture
def person() -> Person:
    return make_person(make_reseller())


@pytest.fixture
def running(tmp_path: Path, transactional_db: None) -> Iterator[RunningWeb]:
    with web(tmp_path) as portal:
        yield portal


def normal_requests(running: RunningWeb, person: Person) -> tuple[list[int], float]:
    """Make fifty requests, each on a line of its own; return statuses and the 95th percentile."""
    headers = {"Authorization": f"Bearer {person.token()}"}
    statuses, seconds = [], []
    for _ in range(NORMAL):
        started = time.perf_counter()
        answer = requests.get(f"{running.url}/api/v1/me/", headers=headers, timeout=20)
        seconds.append(time.perf_counter() - started)
        statuses.append(answer.status_code)
    return statuses, sorted(seconds)[int(NORMAL * 0.95)]


def said(running: RunningWeb, *parts: bytes, limit: float = 30) -> str:
    """Send raw bytes until refused, and return the first line of the answer."""
    with socket.create_connection(("127.0.0.1", running.port), timeout=limit) as line:
        try:
            for part in parts:
                line.sendall(part)
        except OSError:
            pass
        return line.makefile("rb").readline().decode().strip()


def test_m07_500_slow_clients_keep_nobody_waiting(
    running: RunningWeb, person: Person, record_property: Record
) -> None:
    normal_requests(running, person)
    _, quiet = normal_requests(running, person)
    before = running.resident_kib()
    with SlowClients(running.port, SLOW) as slow:
        time.sleep(1)
        statuses, busy = normal_requests(running, person)
        held = slow.holding
        grown = running.resident_kib() - before
        slow.wait_until_all_are_refused(server.REQUEST_SECONDS + server.LINGER_SECONDS + 10)
        refused = slow.answers()["408"]
    record_property(
        "figure",
        f"M07: {statuses.count(200)} of {NORMAL} answered while {held} of {SLOW} slow clients held,"
        f" p95 {busy / quiet:.2f} times quiet, {grown} KiB more, {refused} refused with 408",
    )
    assert statuses == [200] * NORMAL
    assert held == SLOW
    assert refused == SLOW
    assert grown < GROWTH_KIB


def test_m07_huge_and_crooked_requests_are_refused_and_memory_stays_flat(
    running: RunningWeb, person: Person, record_property: Record
) -> None:
    normal_requests(running, person)
    before = running.resident_kib()
    token = {"Authorization": f"Bearer {person.token()}", "Content-Type": "application/json"}
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    mebibyte = b"x" * 2**20

    def post(path: str, body: bytes, headers: dict[str, str]) -> int:
        return requests.post(running.url + path, body, headers=headers, timeout=60).status_code

    def deep(opened: str) -> bytes:
        return (opened * 100_000).encode()

    fields = "&".join(f"field{number}=1" for number in range(10_000)).encode()
    answers = {
        "100 MB form": post("/auth/login/", mebibyte * 100, form),
        "100 MB JSON": post("/api/v1/organizations/", mebibyte * 100, token),
        "2.8 MB JSON": post("/api/v1/organizations/", b" " * 2_800_000, token),
        "10,000 fields": post("/auth/login/", fields, form),
        "10,000 fields for the API": post("/api/v1/organizations/", fields, {**token, **form}),
        "deep lists": post("/api/v1/organizations/", deep("["), token),
        "deep objects": post("/api/v1/organizations/", deep('{"a":'), token),
    }
    start = b"POST /auth/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    raw = {
        "no length": said(running, start, b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        "endless header": said(running, b"GET / HTTP/1.1\r\n", *[b"X: " + mebibyte] * 20),
        "endless header lines": said(running, b"GET / HTTP/1.1\r\n", *[b"A: b\r\n" * 999] * 99),
        "two lengths": said(running, start, b"Content-Length: 1\r\nContent-Length: 9\r\n\r\n"),
        "negative length": said(running, start, b"Content-Length: -1\r\n\r\n"),
        "no HTTP": said(running, b"\x16\x03\x01\x00\xff\x01\r\n\r\n"),
    }
    answers |= {name: int(line.split()[1]) for name, line in raw.items()}
    statuses, _ = normal_requests(running, person)
    grown = running.resident_kib() - before
    refused = [name for name, status in answers.items() if 400 <= status < 500]
    record_property(
        "figure",
        f"M07: {len(refused)} of {len(answers)} huge or crooked requests refused with 4xx,"
        f" {grown} KiB more, {statuses.count(200)} of {NORMAL} answered after",
    )
    assert sorted(refused) == sorted(answers), answers
    assert (answers["100 MB form"], answers["100 MB JSON"]) == (413, 413)
    assert answers["deep lists"] == answers["deep objects"] == 400
    assert statuses == [200] * NORMAL
    assert grown < GROWTH_KIB


def test_m07_what_comes_in_pieces_or_together_is_served(
    running: RunningWeb, person: Person
) -> None:
    """A request torn into bytes, two in one piece, a body that waits to be asked for."""
    token = f"Authorization: Bearer {person.token()}\r\n"
    one = f"GET /api/v1/me/ HTTP/1.1\r\nHost: 127.0.0.1\r\n{token}\r\n".encode()
    body = json.dumps({"name": "x" * 200_000}).encode()
    asked = (
        f"POST /api/v1/organizations/ HTTP/1.1\r\nHost: 127.0.0.1\r\n{token}"
        f"Expect: 100-continue\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode()
    with socket.create_connection(("127.0.0.1", running.port), timeout=20) as line:
        for number in range(len(one)):
            line.sendall(one[number : number + 1])
        assert heard(line, 1) == [200]
        line.sendall(one + one + one[:40])
        assert heard(line, 2) == [200, 200]
        line.sendall(one[40:])
        assert heard(line, 1) == [200]
        line.sendall(asked)
        assert line.recv(4096).startswith(b"HTTP/1.1 100 Continue")
        line.sendall(body)
        assert 400 in heard(line, 1)


def heard(line: socket.socket, answers: int) -> list[int]:
    """Read so many answers and return their statuses, those that only ask to go on left out."""
    text = b""
    found: list[int] = []
    while len(found) < answers:
        piece = line.recv(65536)
        assert piece, text
        text += piece
        while b"\r\n\r\n" in text:
            head, rest = text.split(b"\r\n\r\n", 1)
            status = int(head.split()[1])
            length = next(
                (
                    int(row.split(b":")[1])
                    for row in head.split(b"\r\n")
                    if row.lower().startswith(b"content-length:")
                ),
                0,
            )
            if len(rest) < length:
                break
            text = rest[length:]
            if status != 100:
                found.append(status)
    return found


def test_m07_a_body_of_the_api_is_bounded_without_our_server_too(person: Person) -> None:
    client = Client(headers={"authorization": f"Bearer {person.token()}"})
    for content, status in ((b"[" * 100_000, 400), (b" " * 2_700_000, 413)):
        answer = client.post("/api/v1/organizations/", content, content_type="application/json")
        assert (answer.status_code, sorted(answer.json())) == (status, ["code", "detail", "fields"])
