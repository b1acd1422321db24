"""The tree of errors: complete, as drawn, quiet about secrets, and nothing foreign beside it."""

import inspect
import json
import pickle
import re
import ssl
import traceback
from collections.abc import Iterator

import msal
import pytest
import requests
import urllib3
import urllib3.exceptions
from hypothesis import given
from hypothesis import strategies as st

from partnercenter import errors
from partnercenter.connection_errors import connection_error
from partnercenter.refusals import plain_text, refusal
from tests.partnercenter.fake_service import SECRET, Asked, FakeService, Reply, replying

# Kept out of the lines that raise, because a traceback shows those.
SIGNED = "c2lnbmF0dXJl"
TOKEN = "token-1"

KINDS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.PartnerCenterError)
]
FOREIGN = sorted(
    {
        kind
        for module in (requests.exceptions, urllib3.exceptions)
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Exception)
        and not issubclass(kind, Warning)
        and kind.__module__.startswith(("requests.", "urllib3."))
    }
    | {ssl.SSLError, ssl.SSLCertVerificationError, TimeoutError, ConnectionResetError, OSError},
    key=lambda kind: f"{kind.__module__}.{kind.__name__}",
)
# What is neither a broken connection nor the network's fault has a class of its own.
NOT_THE_CONNECTION = {
    "SSLError": errors.TlsFailed,
    "SSLCertVerificationError": errors.TlsFailed,
    "ConnectTimeout": errors.ConnectionTimedOut,
    "ConnectTimeoutError": errors.ConnectionTimedOut,
    "NewConnectionError": errors.ConnectionTimedOut,
    "NameResolutionError": errors.ConnectionTimedOut,
    "ReadTimeout": errors.ConnectionTimedOut,
    "ReadTimeoutError": errors.ConnectionTimedOut,
    "Timeout": errors.ConnectionTimedOut,
    "TimeoutError": errors.ConnectionTimedOut,
    "ContentDecodingError": errors.MalformedAnswer,
    "DecodeError": errors.MalformedAnswer,
    "InvalidJSONError": errors.MalformedAnswer,
    "JSONDecodeError": errors.MalformedAnswer,
    "CompatJSONDecodeError": errors.MalformedAnswer,
    "TooManyRedirects": errors.RedirectRefused,
    "InvalidHeader": errors.ConfigurationError,
    "InvalidProxyURL": errors.ConfigurationError,
    "InvalidSchema": errors.ConfigurationError,
    "InvalidURL": errors.ConfigurationError,
    "LocationParseError": errors.ConfigurationError,
    "LocationValueError": errors.ConfigurationError,
    "MissingSchema": errors.ConfigurationError,
    "ProxySchemeUnknown": errors.ConfigurationError,
    "ProxySchemeUnsupported": errors.ConfigurationError,
    "URLRequired": errors.ConfigurationError,
    "URLSchemeUnknown": errors.ConfigurationError,
}


def test_tree_is_drawn_as_it_is() -> None:
    drawn = re.findall(r"[├└]── (\w+)", errors.__doc__ or "")
    assert sorted([*drawn, "PartnerCenterError"]) == sorted(kind.__name__ for kind in KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_advises_and_survives_a_process_border(
    kind: type[errors.PartnerCenterError],
) -> None:
    assert kind.advice.endswith(".")
    error = kind("It broke.", status=418, code="7", correlation_id="c", request_id="r")
    error.outcome_unknown = True
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert str(again) == str(error)
    assert vars(again) == vars(error)


@pytest.mark.parametrize("foreign", FOREIGN, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_every_foreign_exception_is_mapped(foreign: type[Exception]) -> None:
    error = connection_error(foreign.__new__(foreign), call="GET /v1/customers")
    expected = NOT_THE_CONNECTION.get(foreign.__name__, errors.ConnectionFailed)
    if foreign is urllib3.exceptions.InvalidHeader:
        # Theirs is about a header that came in, the one of requests about one going out.
        expected = errors.ConnectionFailed
    assert type(error) is expected


@pytest.mark.parametrize("foreign", FOREIGN, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_no_foreign_exception_leaves_a_call(foreign: type[Exception]) -> None:
    def answer(_: Asked) -> Reply:
        raise foreign.__new__(foreign)

    with pytest.raises(errors.PartnerCenterError) as caught:
        FakeService(answer).client().transport.get("/v1/customers", read=dict)
    assert caught.value.correlation_id


@pytest.mark.parametrize(
    "foreign",
    [
        msal.exceptions.MsalError("x"),
        msal.exceptions.MsalServiceError("x", error="e", error_description="d"),
        ValueError("x"),
        KeyError("x"),
        RuntimeError("x"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_no_exception_of_msal_leaves_a_call(
    foreign: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise foreign

    monkeypatch.setattr(msal.ConfidentialClientApplication, "acquire_token_for_client", fail)
    with pytest.raises(errors.ConfigurationError) as caught:
        FakeService(replying(Reply())).client().check_access()
    assert caught.value.__context__ is None


def _everything_told(error: BaseException) -> Iterator[str]:
    """Yield every text a log, page or event could take from an exception."""
    told: BaseException | None = error
    while told is not None:
        yield from (str(told), repr(told), repr(told.args), repr(vars(told)))
        told = told.__cause__ or told.__context__
    yield "".join(traceback.format_exception(error))


@pytest.mark.parametrize(
    "failure",
    [
        requests.ConnectionError(f"GET https://api.example.test/v1/x?sig={SIGNED}&t={TOKEN}"),
        requests.exceptions.InvalidURL(f"https://api.example.test/v1/x?sig={SIGNED}"),
        urllib3.exceptions.ProtocolError(f"Bearer {TOKEN} sig={SIGNED}"),
        Reply(body=f"<html>{TOKEN} sig={SIGNED}</html>".encode()),
        Reply(body=f'{{"a": "{TOKEN} sig={SIGNED}'.encode()),
        Reply(
            403,
            body={
                "code": 900308,
                "description": f"See https://x.test/a?sig={SIGNED} for Bearer {TOKEN} please",
            },
        ),
        Reply(400, body={"code": f"1?sig={SIGNED}", "description": "no"}),
        Reply(500, body=f"<html>{SIGNED} {TOKEN}</html>".encode()),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_no_error_tells_a_query_a_token_or_a_secret(failure: Exception | Reply) -> None:
    def answer(_: Asked) -> Reply:
        if isinstance(failure, Exception):
            raise failure
        return failure

    service = FakeService(answer)
    with pytest.raises(errors.PartnerCenterError) as caught:
        service.client().transport.get("/v1/x", params={"sig": SIGNED}, read=dict)
    for text in _everything_told(caught.value):
        assert SIGNED not in text
        assert TOKEN not in text
        assert SECRET not in text


@pytest.mark.parametrize(
    "reply",
    [
        Reply(401, body={"error": "invalid_client", "error_description": f"AADSTS1: {'x' * 900}"}),
        Reply(500, body=b"<html>no</html>"),
        Reply(200, body=b"not json, but eyJhbGciOiJSUzI1NiJ9.e30.c2ln"),
        Reply(200, body={"access_token": "two words", "expires_in": 1}),
    ],
)
def test_sign_in_failure_tells_no_secret(reply: Reply, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    service = FakeService(replying(Reply()), token=lambda _: reply)
    with pytest.raises(errors.PartnerCenterError) as caught:
        service.client().check_access()
    for text in (*_everything_told(caught.value), caplog.text):
        assert SECRET not in text
        assert "eyJhbGci" not in text
        assert len(caught.value.detail) <= 300


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (401, {"code": 900420}, errors.WrongAudience, "900420"),
        (401, {"code": "900421"}, errors.MfaRequired, "900421"),
        (401, None, errors.MfaRequired, ""),
        (401, {"code": 400}, errors.TokenRefused, "400"),
        (400, {"code": 20002}, errors.NoResellerRelationship, "20002"),
        (403, {"Code": "20002", "Description": "x"}, errors.NoResellerRelationship, "20002"),
        (403, {"code": 900329}, errors.AppOnlyRefused, "900329"),
        (403, {"code": 900309}, errors.ConditionalAccessBlocked, "900309"),
        (403, {"code": 600006}, errors.PermissionRefused, "600006"),
        (404, {"code": 60003}, errors.CustomerNotFound, "60003"),
        (404, None, errors.InvoiceNotFound, ""),
        (404, {"odata.error": {"code": "Gone", "message": {}}}, errors.InvoiceNotFound, "Gone"),
        (400, {"code": 2055}, errors.PreconditionFailed, "2055"),
        (400, {"code": 600061, "errorName": "n"}, errors.AgreementExists, "600061"),
        (409, {"code": 800060}, errors.PendingOperation, "800060"),
        (429, {"statusCode": 429, "message": "slow"}, errors.Throttled, ""),
        (503, b"<html>", errors.ServiceFailed, ""),
        (500, {"code": 800003}, errors.ServiceFailed, "800003"),
        (302, None, errors.RedirectRefused, ""),
        (418, {"code": True}, errors.InvalidRequest, ""),
        (600, None, errors.ServiceFailed, ""),
        (100, None, errors.MalformedAnswer, ""),
    ],
)
def test_status_and_code_choose_the_class(
    status: int, body: object, kind: type[errors.PartnerCenterError], code: str
) -> None:
    encoded = (
        b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    )
    error = refusal(
        status=status, headers={}, body=encoded, call="GET /v1/x", missing=errors.InvoiceNotFound
    )
    assert type(error) is kind
    assert (error.status, error.code) == (status, code)


@given(st.integers(100, 599), st.binary(max_size=80) | st.text(max_size=40).map(json.dumps))
def test_any_refusal_becomes_our_own_error(status: int, body: bytes | str) -> None:
    encoded = body.encode() if isinstance(body, str) else b'{"code": ' + body
    error = refusal(status=status, headers={"Retry-After": "x"}, body=encoded, call="GET /v1/x")
    assert error.status == status


def test_description_is_cleaned_for_people() -> None:
    told = plain_text("The company&#39;s\r\nname\x00 is bad: eyJhbGciOi12345678.e30.x")
    assert told == "The company's name is bad: [removed]"
