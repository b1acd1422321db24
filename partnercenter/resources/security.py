"""Who of the partner's own people and programs does without multi-factor authentication."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from partnercenter.schemas.security import (
    ApiRequest,
    PrincipalWithoutMfa,
    read_adoption,
    read_api_request,
    read_principal_without_mfa,
)
from partnercenter.transport import Transport
from partnercenter.whole_lists import whole_list


class Security:
    """Microsoft's own count of sign-ins; it needs a signed-in user."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def api_requests(self) -> tuple[ApiRequest, ...]:
        """Return recent calls, each with whether its sign-in used multi-factor authentication."""
        return self._transport.get("/v1/partnerRequests", read=whole_list(read_api_request))

    def principals_without_mfa(self) -> tuple[PrincipalWithoutMfa, ...]:
        """Return the users who were in the portal without multi-factor authentication."""
        path = "/v1/nonMfaCompliantPartnerPrincipals"
        return self._transport.get(path, read=whole_list(read_principal_without_mfa))

    def mfa_adoption(
        self, start: date | None = None, end: date | None = None
    ) -> tuple[Mapping[str, Any], ...]:
        """Return the adoption report by application, as it came: no source says what it holds."""
        given = (("startDate", start), ("endDate", end))
        return self._transport.get(
            "/v1/applicationmfaadoptionstatus",
            params={name: day.isoformat() for name, day in given if day is not None},
            read=whole_list(read_adoption),
        )
