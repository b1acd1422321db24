"""Every exception of the HTTP libraries, mapped to ours.

Which class a library raises for one and the same broken connection differs with the moment and its
version, so the map goes by family, most particular first, and ends in "connection failed".
"""

import ssl

import requests
import urllib3.exceptions

from partnercenter.errors import (
    ConfigurationError,
    ConnectionFailed,
    ConnectionTimedOut,
    MalformedAnswer,
    PartnerCenterError,
    RedirectRefused,
    TlsFailed,
)

_FAMILIES: tuple[tuple[tuple[type[BaseException], ...], type[PartnerCenterError], str], ...] = (
    (
        (requests.exceptions.SSLError, urllib3.exceptions.SSLError, ssl.SSLError),
        TlsFailed,
        "the secure connection failed",
    ),
    (
        (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError, TimeoutError),
        ConnectionTimedOut,
        "there was no answer in time",
    ),
    (
        (
            requests.exceptions.ContentDecodingError,
            requests.exceptions.InvalidJSONError,
            urllib3.exceptions.DecodeError,
        ),
        MalformedAnswer,
        "the answer could not be unpacked",
    ),
    (
        (requests.exceptions.TooManyRedirects,),
        RedirectRefused,
        "the address answered with redirects",
    ),
    (
        # Before the configuration mistakes: some releases derive these from ValueError too.
        (requests.exceptions.ChunkedEncodingError, urllib3.exceptions.ProtocolError),
        ConnectionFailed,
        "the connection broke off",
    ),
    (
        (
            requests.exceptions.InvalidHeader,
            requests.exceptions.InvalidSchema,
            requests.exceptions.InvalidURL,
            requests.exceptions.MissingSchema,
            requests.exceptions.URLRequired,
            urllib3.exceptions.LocationValueError,
            urllib3.exceptions.ProxySchemeUnknown,
            urllib3.exceptions.ProxySchemeUnsupported,
            urllib3.exceptions.URLSchemeUnknown,
            ValueError,
        ),
        ConfigurationError,
        "the address or a header is not usable",
    ),
)


def connection_error(error: BaseException, *, call: str) -> PartnerCenterError:
    """Return our error for a foreign one; nothing of its text is taken over."""
    for family, kind, sentence in _FAMILIES:
        if isinstance(error, family):
            return kind(f"{call} failed: {sentence}.")
    return ConnectionFailed(f"{call} failed: the connection could not be made or broke off.")
