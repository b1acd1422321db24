"""Everything that can go wrong between us and Partner Center, as one tree.

Callers decide by class and by ``transient`` (would the same call later help?), people read
``advice``. Foreign exceptions never leave this package, because their texts carry whole addresses
with queries, and with them tokens and download signatures.

PartnerCenterError
├── ConfigurationError         what an administrator entered is wrong
│   ├── SecretRefused              client secret wrong or expired
│   ├── AppUnknown                 application not known in the partner tenant
│   ├── TenantUnknown              partner tenant does not exist
│   └── WrongAudience              token made for another service
├── ReconnectNeeded            a person must sign in or consent again
│   ├── ConsentMissing
│   ├── MfaRequired
│   └── TokenRefused               a fresh token was refused too
├── RequestRefused             Partner Center understood and said no (4xx)
│   ├── InvalidRequest             400 and the 4xx without a class of their own
│   ├── PermissionRefused          403
│   │   ├── AppOnlyRefused             needs a signed-in user
│   │   ├── RoleMissing
│   │   ├── ConditionalAccessBlocked
│   │   ├── NoResellerRelationship     also seen as 400
│   │   └── ProgrammeInactive
│   ├── NotFound                   404, 410
│   │   ├── CustomerNotFound
│   │   ├── InvoiceNotFound
│   │   ├── ProfileNotFound
│   │   └── ExportExpired              of billing data; to be asked for again
│   ├── Conflict                   409
│   └── PreconditionFailed         412, 417, 428, stale entity tag
├── Throttled                  429                                                transient
├── ServiceFailed              408, 5xx                                 transient but for 501
├── ConnectionFailed           no answer at all                                   transient
│   ├── ConnectionTimedOut                                                        transient
│   └── TlsFailed                  certificate or protocol refused
└── AnswerRefused              an answer came, and we do not believe it
    ├── MalformedAnswer            not the JSON that was promised
    │   ├── TornAnswer                 cut short                                  transient
    │   └── GatewayPage                HTML or text of something in between       transient
    ├── AnswerTooLarge
    ├── RedirectRefused
    ├── LinkRefused                a link that leads to another place
    ├── MixedUpAnswer              the answer to somebody else's question         transient
    └── PagingError                a listing that cannot be trusted as whole      transient
"""

from typing import Any, ClassVar


class PartnerCenterError(Exception):
    """A failed call, told without addresses, tokens or secrets.

    ``status`` is None when there was no HTTP answer, ``code`` is Microsoft's code as text (empty
    when none was given), ``detail`` is Microsoft's own sentence, cleaned, and ``retry_after`` the
    seconds Microsoft asked us to wait. ``outcome_unknown`` is true when a write was sent whose
    effect nobody knows: look before sending it again.
    """

    transient: bool = False
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


class RequestRefused(PartnerCenterError):
    advice = "Partner Center refused the request. Correct what it names and try again."


class InvalidRequest(RequestRefused):
    advice = "Partner Center did not accept a value. Correct what it names and try again."


class PermissionRefused(RequestRefused):
    advice = "This connection may not do that. Check its permissions in Partner Center."


class AppOnlyRefused(PermissionRefused):
    advice = (
        "Partner Center allows this only to a signed-in user. Connect with a user's consent "
        "instead of the application alone."
    )


class RoleMissing(PermissionRefused):
    advice = (
        "The connected user lacks a Partner Center or delegated-administration role. Have an "
        "administrator grant it."
    )


class ConditionalAccessBlocked(PermissionRefused):
    advice = (
        "The customer's conditional access policy blocks partners. Ask the customer to exclude "
        "service providers from it."
    )


class NoResellerRelationship(PermissionRefused):
    advice = (
        "There is no reseller relationship with this customer, or it has ended. Send the customer "
        "a new relationship request."
    )


class ProgrammeInactive(PermissionRefused):
    advice = (
        "The partner account is not active in the programme. Check its status and agreements in "
        "Partner Center."
    )


class NotFound(RequestRefused):
    advice = "Partner Center does not know this. It may have been removed."


class CustomerNotFound(NotFound):
    advice = "Partner Center does not know this customer. Discover tenants again."


class InvoiceNotFound(NotFound):
    advice = "Partner Center does not know this invoice. Check its number."


class ProfileNotFound(NotFound):
    advice = "Partner Center does not know this partner id. Check the number."


class ExportExpired(NotFound):
    advice = "Microsoft keeps exported billing data for a short time only. It is asked for again."


class Conflict(RequestRefused):
    advice = "Something else is changing the same thing. Look at its state before trying again."


class PreconditionFailed(RequestRefused):
    advice = "It was changed in the meantime. Load it again and repeat the change."


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


class AnswerRefused(PartnerCenterError):
    advice = "Partner Center's answer could not be trusted and was not used. Tell support."


class MalformedAnswer(AnswerRefused):
    pass


class TornAnswer(MalformedAnswer):
    transient = True
    advice = "Partner Center's answer arrived incomplete. It is asked for again."


class GatewayPage(MalformedAnswer):
    transient = True
    advice = (
        "Something between us and Partner Center answered in its place. Check proxies if it lasts."
    )


class AnswerTooLarge(AnswerRefused):
    pass


class RedirectRefused(AnswerRefused):
    advice = "Partner Center's address answered with a redirect. Check the connection's addresses."


class LinkRefused(AnswerRefused):
    pass


class MixedUpAnswer(AnswerRefused):
    transient = True
    advice = "An answer belonged to another question and was not used. It is asked for again."


class PagingError(AnswerRefused):
    """A listing that cannot be trusted as whole; ``page`` counts from 1."""

    transient = True
    advice = "Partner Center's list changed or broke while it was read. It is read again."

    def __init__(self, message: str, *, page: int = 0, **facts: Any) -> None:
        super().__init__(f"{message} (page {page})" if page else message, **facts)
        self.page = page
