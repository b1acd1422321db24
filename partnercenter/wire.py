"""Single HTTP exchanges, bounded in time and size: the only place where a request leaves.

Redirects are not followed, compressed answers count unpacked, and whatever the HTTP library raises
becomes one of our errors, because its texts carry whole addresses.
"""

import http.client
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlencode

import requests
import urllib3
import urllib3.exceptions
from requests.adapters import HTTPAdapter

from partnercenter.connection_errors import connection_error
from partnercenter.decoding import decode_json
from partnercenter.errors import AnswerTooLarge, ConnectionTimedOut
from partnercenter.observing import ended, observed
from partnercenter.secrecy import SecretBytes

_CHUNK = 65_536
_FOREIGN = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    urllib3.exceptions.ProxySchemeUnsupported,
    ValueError,
)


# A query; a name with several values is sent once for each.
Params = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one exchange: seconds to connect, between two reads, for all of it; and bytes."""

    connect: float = 10.0
    read: float = 60.0
    whole: float = 180.0
    size: int = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer in memory; header names are read in any case.

    Neither is printed: the body of one may be a token, and headers lead to places.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def data(self) -> Any:
        """Return the body as JSON values. Raises: MalformedAnswer."""
        return decode_json(self.body, content_type=self.headers.get("Content-Type", ""))


def open_session() -> requests.Session:
    """Return a session that takes nothing from its surroundings and keeps no cookies.

    Environment variables and ``.netrc`` could otherwise swap certificates or the Authorization
    header. Pass a session of your own to go through a proxy.
    """
    session = requests.Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(max_retries=0, pool_connections=4, pool_maxsize=4))
    return session


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer that is read while it comes, as it is on the wire: packed, if it is packed."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    chunks: Iterator[bytes] = field(repr=False)


class Wire:
    """Single exchanges over one session, bounded in time and size."""

    def __init__(
        self,
        session: requests.Session,
        *,
        ca_bundle: str | None,
        limits: Limits,
        clock: Callable[[], float],
    ) -> None:
        self._session = session
        self._verify: bool | str = ca_bundle or True
        self._limits = limits
        self._clock = clock

    def exchange(
        self,
        method: str,
        url: str,
        *,
        call: str,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """Send one request and return its answer, whatever the status.

        ``call`` names it in errors, since the address may not be told.
        Raises: ConnectionFailed, AnswerTooLarge, MalformedAnswer (bad compression).
        """
        try:
            with observed(method, url) as seen:
                answer = self._exchange(
                    method, url, call, params=params, headers=headers, data=body
                )
                ended(seen, answer.status)
                return answer
        except _FOREIGN as error:
            failure = connection_error(error, call=call)
        # Outside the handler: the foreign error, whose text has the address, is not chained.
        raise failure

    @contextmanager
    def stream(self, method: str, url: str, *, call: str) -> Iterator[Stream]:
        """Send one request and let its answer be read in chunks, of any size in all.

        No header of ours goes with it. Bounded is the time between two chunks, not the whole.
        Raises: ConnectionFailed, also while chunks are read.
        """
        try:
            with observed(method, url) as seen:
                response = self._session.request(
                    method,
                    url,
                    headers={"Accept-Encoding": "identity"},
                    timeout=(self._limits.connect, self._limits.read),
                    allow_redirects=False,
                    stream=True,
                    verify=self._verify,
                    auth=_keep_headers,
                )
                ended(seen, response.status_code)
                with closing(response):
                    chunks = _as_they_come(response.raw)
                    yield Stream(response.status_code, response.headers, chunks)
            return
        except _FOREIGN as error:
            failure = connection_error(error, call=call)
        raise failure

    def post_form(
        self, url: str, *, call: str, form: Mapping[str, str], headers: Mapping[str, str]
    ) -> Answer:
        """Send a form, as token endpoints want it. Raises: as ``exchange``."""
        return self.exchange(
            "POST",
            url,
            call=call,
            headers={**headers, "Content-Type": "application/x-www-form-urlencoded"},
            body=SecretBytes(urlencode(form).encode()),
        )

    def _exchange(self, method: str, url: str, call: str, **options: Any) -> Answer:
        deadline = self._clock() + self._limits.whole
        response = self._session.request(
            method,
            url,
            timeout=(self._limits.connect, self._limits.read),
            allow_redirects=False,
            stream=True,
            verify=self._verify,
            auth=_keep_headers,
            **options,
        )
        chunks: list[bytes] = []
        size = 0
        with closing(response):
            for chunk in map(SecretBytes, response.iter_content(_CHUNK)):
                size += len(chunk)
                if size > self._limits.size:
                    raise AnswerTooLarge(f"{call} was answered with too much.")
                if self._clock() > deadline:
                    raise ConnectionTimedOut(f"{call} was answered too slowly.")
                chunks.append(chunk)
            return Answer(response.status_code, response.headers, SecretBytes(b"".join(chunks)))


def _as_they_come(raw: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    """Yield what has arrived instead of waiting until a chunk is full.

    Whoever counts the seconds has to be asked between two bytes of a server that drips.
    """
    while piece := raw.read1(_CHUNK, decode_content=False):
        yield piece


def _keep_headers(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Stand in for authentication, so that ``.netrc`` cannot replace our Authorization header."""
    return request
