"""API calls: an exchange with address, token, ids and retries, and errors instead of refusals.

A token is put only on addresses built here from the configured host, so no answer can lead it
elsewhere. All tries of one call carry one request id, because that is Partner Center's key for
recognising a repeated write.
"""

import hashlib
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

from partnercenter.dialects import COMMERCE, Dialect
from partnercenter.errors import (
    AnswerRefused,
    ConnectionFailed,
    InvalidRequest,
    MixedUpAnswer,
    NotFound,
    PartnerCenterError,
    ServiceFailed,
    Throttled,
    TlsFailed,
)
from partnercenter.outgoing import Outgoing, prepare
from partnercenter.pacing import LONGEST_WAIT, Pace, Unpaced, is_limited
from partnercenter.refusals import refusal
from partnercenter.retrying import RetryPolicy, call_with_retries, random_share
from partnercenter.secrecy import Secret
from partnercenter.wire import Answer, Params, Wire

T = TypeVar("T")

# Seconds all callers of a partner wait after a refusal that does not say how long.
_UNTOLD_WAIT = 5.0


SIGN_IN = "sign-in"
"""What a listener is told instead of a path when there was no token to call with."""

CallListener = Callable[[str, PartnerCenterError | None], None]
"""Is told the path of every call that ended, and its error; None when it was answered."""


class TokenSource(Protocol):
    """Where access tokens for the API host come from."""

    def token(self) -> str:
        """Return a token that is still good as far as we know."""

    def renewed(self, refused: str) -> str:
        """Return another token than the one just refused."""


def join_path(*segments: str) -> str:
    """Return an API path of these segments, each percent-encoded.

    Raises: InvalidRequest for an empty segment, dots, or anything no identifier contains.
    """
    for segment in segments:
        if not segment or segment in (".", "..") or len(segment) > 256 or not segment.isprintable():
            raise InvalidRequest("An identifier is not usable in an address.")
    return "/" + "/".join(quote(segment, safe="") for segment in segments)


class Transport:
    """API calls: address, token, ids, retries, and errors instead of refusals."""

    def __init__(
        self,
        wire: Wire,
        *,
        base: str,
        tokens: TokenSource,
        policy: RetryPolicy,
        dialect: Dialect = COMMERCE,
        correlation_id: str | None = None,
        locale: str = "en-US",
        pace: Pace | None = None,
        sleep: Callable[[float], None] = time.sleep,
        share: Callable[[], float] = random_share,
        listener: CallListener | None = None,
    ) -> None:
        self._wire = wire
        self._listener = listener
        self.base = base.rstrip("/")
        self._tokens = tokens
        self._policy = policy
        self._dialect = dialect
        self._correlation_id = correlation_id
        self._locale = locale
        self._pace = pace or Unpaced()
        self._sleep = sleep
        self._share = share

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        request_id: str | None = None,
        idempotent: bool | None = None,
        also: frozenset[int] = frozenset(),
        missing: type[NotFound] = NotFound,
    ) -> Answer:
        """Make one call and return its answer: a status 2xx, or one of those in ``also``.

        ``path`` starts with a slash and has no query. ``body`` is sent as JSON. ``request_id`` is
        the idempotency key: for a write the caller stores it before calling; all tries of the call
        carry it. ``idempotent`` says whether the call may be repeated when its effect is unknown;
        by default only GET and HEAD may.
        Raises: PartnerCenterError; a write whose effect nobody knows has ``outcome_unknown`` set.
        """
        request = self._request(
            method, path, params=params, headers=headers, body=body, request_id=request_id
        )
        repeatable = request.safe if idempotent is None else idempotent

        def attempt(token: str) -> Answer:
            return self._attempt(request, token, also=also, missing=missing)

        return self._signed_in(request, attempt, repeatable=repeatable)

    def get(
        self,
        path: str,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        read: Callable[[Any], T],
        missing: type[NotFound] = NotFound,
    ) -> T:
        """Read one resource and return what ``read`` makes of its JSON values.

        ``read`` belongs to the try: what it raises is told with the ids of the call, and an answer
        it finds torn or mixed up is asked for again.
        """
        request = self._request("GET", path, params=params, headers=headers)

        def attempt(token: str) -> T:
            answer = self._attempt(request, token, also=frozenset(), missing=missing)
            return _believed(answer, read)

        return self._signed_in(request, attempt, repeatable=True)

    def send(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        read: Callable[[Any], T],
        request_id: str | None = None,
        idempotent: bool = False,
        missing: type[NotFound] = NotFound,
    ) -> T:
        """Make one write and return what ``read`` makes of the JSON values of its answer.

        The rest is as in ``call``. An answer that cannot be read leaves the effect unknown.
        """
        request = self._request(
            method, path, params=params, headers=headers, body=body, request_id=request_id
        )

        def attempt(token: str) -> T:
            answer = self._attempt(request, token, also=frozenset(), missing=missing)
            return _believed(answer, read)

        return self._signed_in(request, attempt, repeatable=idempotent)

    def _request(
        self,
        method: str,
        path: str,
        *,
        params: Params | None,
        headers: Mapping[str, str] | None,
        body: Any = None,
        request_id: str | None = None,
    ) -> Outgoing:
        return prepare(
            method,
            path,
            dialect=self._dialect,
            locale=self._locale,
            params=params,
            headers=headers,
            body=body,
            request_id=request_id,
            correlation_id=self._correlation_id,
        )

    def _signed_in(self, request: Outgoing, attempt: Callable[[str], T], *, repeatable: bool) -> T:
        """Make the tries with one token, and once more with another if that one is refused.

        Tokens are got outside the tries: signing in has tries of its own, which would multiply,
        and its failure must not look like a write of unknown outcome.
        """
        about = SIGN_IN
        try:
            with request.identified():
                token = self._tokens.token()
                about = request.path
                try:
                    answer = self._repeat(request, attempt, token, repeatable=repeatable)
                except PartnerCenterError as error:
                    if error.status != 401:
                        raise
                    about = SIGN_IN
                    token = self._tokens.renewed(token)
                    about = request.path
                    answer = self._repeat(request, attempt, token, repeatable=repeatable)
        except PartnerCenterError as error:
            self._tell(about, error)
            raise
        self._tell(about, None)
        return answer

    def _tell(self, about: str, error: PartnerCenterError | None) -> None:
        if self._listener is not None:
            self._listener(about, error)

    def _repeat(
        self, request: Outgoing, attempt: Callable[[str], T], token: str, *, repeatable: bool
    ) -> T:
        try:
            return call_with_retries(
                partial(attempt, token),
                policy=self._policy,
                repeatable=repeatable,
                sleep=self._sleep,
                share=self._share,
            )
        except (ConnectionFailed, ServiceFailed, AnswerRefused) as error:
            error.outcome_unknown = not request.safe and not isinstance(error, TlsFailed)
            raise

    def _attempt(
        self, request: Outgoing, token: str, *, also: frozenset[int], missing: type[NotFound]
    ) -> Answer:
        answer = self._exchange(request, token)
        if 200 <= answer.status < 300 or answer.status in also:
            return answer
        failure = refusal(
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            call=request.name,
            missing=missing,
        )
        if isinstance(failure, Throttled):
            self._pace.refused(failure.retry_after or _UNTOLD_WAIT)
        raise failure

    def _wait_for_turn(self, request: Outgoing) -> None:
        """Wait until this call may go. Raises: Throttled when that is long."""
        wait = self._pace.turn(limited=is_limited(request.path))
        if wait > LONGEST_WAIT:
            text = f"{request.name} waits for its turn: Partner Center limits the number of calls."
            raise Throttled(text, retry_after=wait)
        if wait > 0:
            self._sleep(wait)

    def _exchange(self, request: Outgoing, token: str) -> Answer:
        self._wait_for_turn(request)
        answer = self._wire.exchange(
            request.method,
            self.base + request.path,
            call=request.name,
            params=request.params,
            headers={**request.headers, "Authorization": Secret(f"Bearer {token}")},
            body=request.body,
        )
        # Two questions on one reused connection can have their answers swapped; storing one
        # reseller's answer as another's would be worse than asking again.
        echoed = answer.headers.get(self._dialect.request_id, "").lower()
        asked = request.request_id.lower()
        if echoed and asked not in (part.strip() for part in echoed.split(",")):
            raise MixedUpAnswer(f"{request.name} got the answer to another call.")
        return answer


def _believed(answer: Answer, read: Callable[[Any], T]) -> T:
    """Return what ``read`` makes of an answer; one that is refused is told by its fingerprint."""
    try:
        return read(answer.data())
    except AnswerRefused as error:
        error.fingerprint = hashlib.sha256(answer.body).hexdigest()
        raise
