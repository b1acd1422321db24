"""E06: no address a reseller gives leads anywhere but into the world."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from portal.core.errors import InvalidInput, PortalError, Unavailable
from portal.notify import outgoing
from portal.notify.outgoing import check_url, post

REFUSED = [
    "http://example.com/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://example.com/",
    "javascript:alert(1)",
    "//example.com/",
    "example.com",
    "",
    "https://",
    "https:///path",
    "https://user@example.com/",
    "https://user:password@example.com/",
    "https://example.com/#fragment",
    "https://example.com:99999/",
    "https://example.com\\@127.0.0.1/",
    "https://example.com /",
    "https://example.com/\r\nHost: other",
    "https://example.com/\x00",
    "https://localhost/",
    "https://intranet/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://127.000.000.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.1/",
    "https://0177.0.0.1/",
    "https://0/",
    "https://0.0.0.0/",
    "https://10.1.2.3/",
    "https://100.64.0.1/",
    "https://100.127.255.254/",
    "https://168.63.129.16/",
    "https://169.254.169.254/latest/meta-data/",
    "https://172.16.0.1/",
    "https://172.31.255.255/",
    "https://192.0.0.8/",
    "https://192.0.2.1/",
    "https://192.88.99.1/",
    "https://192.168.0.1/",
    "https://198.18.0.1/",
    "https://198.51.100.7/",
    "https://203.0.113.9/",
    "https://224.0.0.1/",
    "https://239.255.255.250/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    "https://①②⑦.⓪.⓪.①/",
    "https://127。0。0。1/",
    "https://[::]/",
    "https://[::1]/",
    "https://[::127.0.0.1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:a9fe:a9fe]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
    "https://[2001:db8::1]/",
    "https://[fc00::1]/",
    "https://[fd12:3456::1]/",
    "https://[fe80::1]/",
    "https://[fec0::1]/",
    "https://[ff02::1]/",
    "https://[fe80::1%25eth0]/",
]


def test_e06_every_form_of_an_inner_address_is_refused(
    monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    def connect(*_: Any, **__: Any) -> Any:
        raise AssertionError("a connection was made")

    monkeypatch.setattr(socket, "create_connection", connect)
    through = []
    for form in REFUSED:
        try:
            address = check_url(form)
            post(address, body=b"{}", headers={})
        except InvalidInput as error:
            assert error.fields["url"]
        except AssertionError:
            through.append(form)
        else:
            through.append(form)
    record_property("figure", f"E06: connected {len(through)} of {len(REFUSED)} refused forms")
    assert through == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://hooks.example.com/x?y=1", "https://hooks.example.com/x?y=1"),
        (" https://HOOKS.example.com:8443 ", "https://hooks.example.com:8443"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://8.8.8.8/", "https://8.8.8.8/"),
        ("https://[2606:4700::1111]/", "https://[2606:4700::1111]/"),
    ],
)
def test_an_address_in_the_world_is_kept_as_it_will_be_called(given: str, kept: str) -> None:
    assert check_url(given) == kept


@pytest.mark.parametrize(
    "found",
    [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["::1"], ["::ffff:10.0.0.1"], ["fe80::1%eth0"]],
)
def test_e06_a_name_that_leads_inside_is_refused_when_it_is_called(
    found: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [_entry(one) for one in found])
    monkeypatch.setattr(socket, "create_connection", _never)
    with pytest.raises(InvalidInput):
        post("https://hooks.example.com/", body=b"{}", headers={})


def test_e06_the_connection_is_made_to_the_address_that_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name that is asked for a second time could lead elsewhere; it is asked once."""
    asked, connected = [], []

    def resolve(name: str, *_: Any, **__: Any) -> list[Any]:
        asked.append(name)
        return [_entry("8.8.8.8" if len(asked) == 1 else "127.0.0.1")]

    def connect(address: Any, **_: Any) -> Any:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(Unavailable):
        post("https://hooks.example.com/", body=b"{}", headers={})
    assert (asked, connected) == (["hooks.example.com"], [("8.8.8.8", 443)])


def test_a_host_without_a_name_can_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*_: Any, **__: Any) -> Any:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(PortalError) as refused:
        post("https://hooks.example.com/", body=b"{}", headers={})
    assert refused.value.transient


class Receiver:
    """A program of a reseller: keeps what it is told, and answers as it is told to."""

    def __init__(self) -> None:
        self.told: list[tuple[dict[str, str], dict[str, Any], bytes]] = []
        self.answers: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.told.append((dict(self.headers), json.loads(body), body))
                status = receiver.answers.pop(0) if receiver.answers else 204
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", receiver.url)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                return

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOKS_TO_PRIVATE = True
    made = Receiver()
    yield made
    made.close()


def test_redirects_are_not_followed(receiver: Receiver) -> None:
    receiver.answers = [302]
    assert post(receiver.url, body=b"{}", headers={}) == 302
    assert len(receiver.told) == 1


def _entry(address: str) -> Any:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return (family, socket.SOCK_STREAM, 6, "", (address, 443))


def _never(*_: Any, **__: Any) -> Any:
    raise AssertionError(f"a connection was made, past {outgoing.__name__}")
