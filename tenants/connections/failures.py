"""What a failed call to Partner Center means to people, and to the work that made it."""

import re

from partnercenter.errors import (
    ConfigurationError,
    ConnectionFailed,
    PartnerCenterError,
    ReconnectNeeded,
    ServiceFailed,
    Throttled,
)
from portal.core.errors import PortalError, Unavailable
from portal.core.secrecy import without_secrets

_WORD_BEGINS = re.compile(r"(?<=[a-z])(?=[A-Z])")

OF_THE_CONNECTION = (
    ConfigurationError,
    ReconnectNeeded,
    ConnectionFailed,
    ServiceFailed,
    Throttled,
)
"""Failures that say something of the whole connection, and not of the one thing asked for."""


def as_portal_error(error: Exception) -> PortalError:
    """Return the portal's error for a failed call: what happened, what to do, where to look it up.

    An error that is the portal's already comes back as it is.
    """
    if isinstance(error, PortalError):
        return error
    if not isinstance(error, PartnerCenterError):
        raise TypeError(f"{type(error).__name__} is no failure of a call.")
    return Unavailable(sentence_of(error), transient=error.transient, code=code_of(error))


def sentence_of(error: PartnerCenterError) -> str:
    """Return what happened, Microsoft's own words, what to do, and by what to look it up."""
    parts = [error.message]
    if error.detail:
        parts.append(f"Microsoft says: {error.detail}")
    parts.append(error.advice)
    if error.fingerprint:
        parts.append(f"The answer was not kept; its SHA-256 is {error.fingerprint}.")
    if error.correlation_id:
        parts.append(f"Correlation id {error.correlation_id}.")
    # Microsoft may repeat what it was sent.
    return without_secrets(" ".join(parts))


def code_of(error: PartnerCenterError) -> str:
    """Return the error's class in words for programs, such as ``secret_refused``."""
    return _WORD_BEGINS.sub("_", type(error).__name__).lower()
