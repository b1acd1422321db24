"""What token endpoints answer: a token with its lifetime, or the reason why there is none.

Shared by the application's own tokens and those of a signed-in user. Nothing here keeps a token.
"""

from collections.abc import Mapping
from typing import Any

from partnercenter import errors
from partnercenter.errors import ConfigurationError, MalformedAnswer, PartnerCenterError
from partnercenter.refusals import plain_text
from partnercenter.secrecy import Secret, SecretDict
from partnercenter.wire import Answer

_BY_AADSTS: dict[int, type[PartnerCenterError]] = {
    7000215: errors.SecretRefused,
    7000222: errors.SecretRefused,
    700016: errors.AppUnknown,
    90002: errors.TenantUnknown,
    900023: errors.TenantUnknown,
    500011: errors.WrongAudience,
    65001: errors.ConsentMissing,
    50076: errors.MfaRequired,
    50078: errors.MfaRequired,
    50079: errors.MfaRequired,
    50126: errors.ReconnectNeeded,
    70008: errors.SignInExpired,
    700082: errors.SignInExpired,
    50173: errors.SignInExpired,
}
_BY_OAUTH_ERROR: dict[str, type[PartnerCenterError]] = {
    "invalid_grant": errors.ReconnectNeeded,
    "interaction_required": errors.ReconnectNeeded,
    "temporarily_unavailable": errors.ServiceFailed,
    "server_error": errors.ServiceFailed,
}


def told(answer: Answer) -> SecretDict:
    """Return a token endpoint's JSON object. Raises: MalformedAnswer."""
    try:
        return SecretDict(**answer.data())
    except MalformedAnswer as error:
        # Without the frames it came through, whose variables hold the answer.
        failure = error.with_traceback(None)
    except TypeError:
        failure = MalformedAnswer("Signing in got something else than a token or a reason.")
    raise failure


def read_token(result: Mapping[str, Any]) -> tuple[Secret, float]:
    """Return token and lifetime in seconds. Raises: the error the endpoint named."""
    if result.get("access_token") is None:
        raise sign_in_error(result)
    token = Secret(result["access_token"])
    if (
        not isinstance(result["access_token"], str)
        or not token.isascii()
        or not token.isprintable()
        or " " in token
    ):
        raise MalformedAnswer("Signing in got an unusable token.")
    if str(result.get("token_type", "Bearer")).lower() != "bearer":
        raise MalformedAnswer("Signing in got a token of another kind.")
    # The older endpoint sends the number as text.
    lifetime = str(result.get("expires_in", ""))
    if not (lifetime.isascii() and lifetime.isdigit() and len(lifetime) < 10 and int(lifetime)):
        raise MalformedAnswer("Signing in got a token without a lifetime.")
    return token, float(lifetime)


def sign_in_error(result: Mapping[str, Any]) -> PartnerCenterError:
    """Return the error for a refused token request: by AADSTS number, else by the OAuth error."""
    listed = result.get("error_codes")
    numbers = (
        [number for number in listed if isinstance(number, int)] if isinstance(listed, list) else []
    )
    kinds = [(number, _BY_AADSTS[number]) for number in numbers if number in _BY_AADSTS]
    oauth_error = plain_text(result.get("error") or "")
    number, kind = (
        kinds[0]
        if kinds
        else (
            numbers[0] if numbers else None,
            _BY_OAUTH_ERROR.get(oauth_error, ConfigurationError),
        )
    )
    return kind(
        "Signing in was refused.",
        status=None,
        code=f"AADSTS{number}" if number is not None else oauth_error[:64],
        detail=plain_text(result.get("error_description") or ""),
        correlation_id=plain_text(result.get("correlation_id") or "")[:64],
    )
