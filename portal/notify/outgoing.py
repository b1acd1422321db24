"""The one way to an address that a reseller gave: checked, then connected to as it was checked.

Whoever may enter a webhook's address could otherwise have the server ask its own network, or the
cloud's metadata service. So the name is resolved once, every address it has is compared with a list
of our own (Python's ``is_private`` and ``is_global`` each miss some), and the connection is made to
the address that was checked, with the certificate checked against the name: a name that leads
elsewhere a moment later gains nothing. Redirects are not followed, nothing of the answer is kept
but its status, and a slow or endless answer is cut off.
"""

import http.client
import socket
import ssl
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, urlsplit

import idna
from django.conf import settings

from portal.core.errors import InvalidInput, Unavailable

SECONDS: Final = 10.0
ANSWER_BYTES: Final = 65_536
URL_LENGTH: Final = 500
_V4_REFUSED = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's own services, behind a public address
        "169.254.0.0/16",  # link-local, and the metadata service of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, reserved, broadcast
    )
)
# Of IPv6 only what is handed out to the world, less what leads to IPv4 or to examples in it.
_V6_ALLOWED = ip_network("2000::/3")
_V6_REFUSED = tuple(
    ip_network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
REFUSED = "An address in this portal's own network, or none that the world can reach, is refused."


def check_url(text: str) -> str:
    """Return an address that may be called, spelt in full, without asking for its name.

    Raises:
        InvalidInput: for ``url``: it is no https address of a public host.
    """
    parts = _split(text)
    host = parts.hostname or ""
    address = _as_address(host)
    if address is not None and not is_public(address) and not settings.WEBHOOKS_TO_PRIVATE:
        raise _bad(REFUSED)
    if address is None and "." not in host and not settings.WEBHOOKS_TO_PRIVATE:
        raise _bad("Give the full name of the host, such as hooks.example.com.")
    return parts.geturl()


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether an address may be called."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _V4_REFUSED)
    return address in _V6_ALLOWED and not any(address in network for network in _V6_REFUSED)


def post(url: str, *, body: bytes, headers: Mapping[str, str]) -> int:
    """Send a body and return the answer's status.

    Raises:
        InvalidInput: the address may not be called, or no longer.
        Unavailable: the host has no name, does not answer, or not in time.
    """
    parts = _split(text=url)
    connection = _connection(parts)
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    try:
        connection.request("POST", path, body=body, headers=dict(headers))
        answer = connection.getresponse()
        answer.read(ANSWER_BYTES)
        return answer.status
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unavailable(
            f"{parts.hostname} did not answer: {type(error).__name__}.", code="webhook_unreachable"
        ) from None
    finally:
        connection.close()


class _Pinned(http.client.HTTPConnection):
    """A connection to an address that was checked, under the name it was found by."""

    def __init__(self, address: str, *, name: str, port: int, secure: bool) -> None:
        super().__init__(name, port, timeout=SECONDS)
        self._address = address
        self._secure = secure

    def connect(self) -> None:
        line = socket.create_connection((self._address, self.port), timeout=SECONDS)
        if self._secure:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(line, server_hostname=self.host)
        else:
            self.sock = line


def _connection(parts: SplitResult) -> _Pinned:
    name, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unavailable(f"There is no host called {name}.", code="webhook_unreachable") from None
    addresses = [str(entry[4][0]).split("%")[0] for entry in found]
    if not settings.WEBHOOKS_TO_PRIVATE and not all(
        is_public(ip_address(address)) for address in addresses
    ):
        raise _bad(REFUSED)
    return _Pinned(addresses[0], name=name, port=port, secure=secure)


def _split(text: str) -> SplitResult:
    text = text.strip()
    if len(text) > URL_LENGTH or not text.isprintable() or " " in text or "\\" in text:
        raise _bad(f"Give one web address of at most {URL_LENGTH} characters.")
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise _bad("This is not a web address.") from None
    allowed = ("https", "http") if settings.WEBHOOKS_TO_PRIVATE else ("https",)
    if parts.scheme not in allowed:
        raise _bad("The address begins with https://.")
    if not host or parts.username is not None or parts.password is not None or parts.fragment:
        raise _bad("Give an address without user, password and #, such as https://example.com/x.")
    plain = _plain_host(host)
    where = f"[{plain}]" if ":" in plain else plain
    netloc = f"{where}:{parts.port}" if parts.port else where
    if not parts.path.isascii() or not parts.query.isascii():
        raise _bad("Write the path of the address in plain letters, %-encoded where needed.")
    return parts._replace(netloc=netloc)


def _plain_host(host: str) -> str:
    """Return a host as the resolver will read it: circled digits are digits to it, too."""
    if host.isascii():
        return host.rstrip(".")
    try:
        return idna.encode(host, uts46=True).decode().rstrip(".")
    except idna.IDNAError:
        raise _bad("This host's name cannot be read.") from None


def _as_address(host: str) -> IPv4Address | IPv6Address | None:
    """Read a host that is an address, in every spelling that C libraries take for one."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def _bad(text: str) -> InvalidInput:
    return InvalidInput(text, fields={"url": [text]})
