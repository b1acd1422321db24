"""What all errors have in common, and those of the connection itself."""

from typing import Any, ClassVar


class PartnerCenterError(Exception):
    """A failed call, told without addresses, tokens or secrets.

    ``status`` is None when there was no HTTP answer, ``code`` is Microsoft's code as text (empty
    when none was given), ``detail`` is Microsoft's own sentence, cleaned, and ``retry_after`` the
    seconds Microsoft asked us to wait. ``outcome_unknown`` is true when a write was sent whose
    effect nobody knows: look before sending it again. ``fingerprint`` is the SHA-256 (hex digits)
    of an answer that was not believed: the answer itself, which may hold anything, is kept nowhere.
    """

    transient: bool = False
    lasts: ClassVar[bool] = False
    """It passes after minutes or hours only, so no call is repeated at once because of it."""
    advice: ClassVar[str] = "Try again; if it keeps failing, give support the correlation id."

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str = "",
        detail: str = "",
        correlation_id: str = "",
        request_id: str = "",
        retry_after: float | None = None,
        transient: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.detail = detail
        self.correlation_id = correlation_id
        self.request_id = request_id
        self.retry_after = retry_after
        self.outcome_unknown = False
        self.fingerprint = ""
        self.transient = type(self).transient if transient is None else transient

    def __str__(self) -> str:
        facts = [
            f"{name} {value}"
            for name, value in (
                ("status", self.status),
                ("code", self.code),
                ("correlation id", self.correlation_id),
            )
            if value
        ]
        detail = f" Microsoft says: {self.detail}" if self.detail else ""
        return f"{self.message}{detail}" + (f" ({', '.join(facts)})" if facts else "")

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self}>"

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions are rebuilt from their positional arguments; the facts travel as state.
        return (type(self), (self.message,), self.__dict__.copy())


class ConfigurationError(PartnerCenterError):
    advice = "Check the addresses, tenant and application of this connection."


class SecretRefused(ConfigurationError):
    advice = (
        "Microsoft refused the client secret: it is wrong or has expired. Make a new one in the "
        "application's registration and enter it in this connection."
    )


class AppUnknown(ConfigurationError):
    advice = (
        "Microsoft does not know this application in the partner tenant. Check the application id "
        "and that the application is registered in that tenant."
    )


class TenantUnknown(ConfigurationError):
    advice = "Microsoft does not know this partner tenant. Check the tenant id or its domain."


class WrongAudience(ConfigurationError):
    advice = (
        "The token was made for another Microsoft service. Check that the connection's cloud "
        "matches the partner account's."
    )


class ReconnectNeeded(PartnerCenterError):
    advice = "Microsoft no longer accepts this connection. Connect it again."


class ConsentMissing(ReconnectNeeded):
    advice = "The application lacks consent. Connect again and accept the permissions asked for."


class MfaRequired(ReconnectNeeded):
    advice = (
        "Partner Center accepts only sign-ins with multi-factor authentication. Connect again with "
        "an account that uses it."
    )


class TokenRefused(ReconnectNeeded):
    advice = (
        "Partner Center refused a freshly issued token. Check that the application is registered "
        "for API access in Partner Center, then connect again."
    )


class SignInExpired(ReconnectNeeded):
    advice = (
        "The sign-in behind this connection has expired or was revoked, for instance by a new "
        "password. Connect it again."
    )


class Throttled(PartnerCenterError):
    transient = True
    advice = "Partner Center limits the number of calls. It goes on by itself after a pause."


class ServiceFailed(PartnerCenterError):
    transient = True
    advice = "Partner Center has a problem of its own. It goes on by itself when that is over."


class ConnectionFailed(PartnerCenterError):
    transient = True
    advice = "Partner Center cannot be reached. Check this server's network if it lasts."


class ConnectionTimedOut(ConnectionFailed):
    advice = "Partner Center did not answer in time. It is tried again."


class TlsFailed(ConnectionFailed):
    transient = False
    advice = (
        "The secure connection was refused: the certificate does not fit the address or is not "
        "trusted. Check the address and the trusted certificates."
    )
