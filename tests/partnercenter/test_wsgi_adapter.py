"""The in-process way to an application behaves as a server would."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from partnercenter.wsgi_adapter import WSGIAdapter


def _session(application: Any) -> requests.Session:
    session = requests.Session()
    session.mount("https://app.example.test", WSGIAdapter(application))
    return session


def test_request_arrives_as_it_was_sent() -> None:
    seen: dict[str, Any] = {}

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.update(environ, body=environ["wsgi.input"].read())
        start_response("201 Created", [("Content-Type", "text/plain"), ("X-A", "1"), ("X-A", "2")])
        return [b"do", b"ne"]

    response = _session(application).post(
        "https://app.example.test:8443/a%20b/%2F?q=x%26y", data=b"payload", headers={"MS-Id": "7"}
    )
    assert (response.status_code, response.reason, response.text) == (201, "Created", "done")
    assert response.headers["x-a"] == "1, 2"
    assert (seen["REQUEST_METHOD"], seen["PATH_INFO"]) == ("POST", "/a b//")
    assert (seen["QUERY_STRING"], seen["REQUEST_URI"]) == ("q=x%26y", "/a%20b/%2F?q=x%26y")
    assert (seen["HTTP_MS_ID"], seen["CONTENT_LENGTH"], seen["body"]) == ("7", "7", b"payload")
    assert (seen["HTTP_HOST"], seen["SERVER_PORT"]) == ("app.example.test:8443", "8443")


class _Endless:
    """A body without an end that counts what was taken and knows when it was closed."""

    def __init__(self) -> None:
        self.taken = 0
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        while True:
            self.taken += 1
            yield b"x" * 1_000

    def close(self) -> None:
        self.closed = True


def test_body_is_streamed_and_closed() -> None:
    body = _Endless()

    def application(_: dict[str, Any], start_response: Any) -> _Endless:
        start_response("200 OK", [])
        return body

    response = _session(application).get("https://app.example.test/", stream=True)
    assert len(next(response.iter_content(2_500))) == 2_500
    assert body.taken < 100
    response.close()
    assert body.closed


def test_head_has_no_body_even_if_the_application_gives_one() -> None:
    def application(_: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Length", "4")])
        return [b"body"]

    response = _session(application).head("https://app.example.test/")
    assert (response.status_code, response.content) == (200, b"")


def test_status_may_come_with_the_first_chunk() -> None:
    def application(_: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("204 No Content", [])
        yield b""

    assert _session(application).get("https://app.example.test/").status_code == 204


def test_application_without_a_status_is_a_broken_connection() -> None:
    with pytest.raises(requests.ConnectionError):
        _session(lambda _environ, _start: []).get("https://app.example.test/")


def test_exception_of_the_application_comes_through() -> None:
    def application(_: dict[str, Any], __: Any) -> list[bytes]:
        raise requests.ReadTimeout("as a test wants it")

    with pytest.raises(requests.ReadTimeout):
        _session(application).get("https://app.example.test/")
