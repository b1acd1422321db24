"""Which of the partner's own callers signed in without multi-factor authentication."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from partnercenter.schemas.fields import Fields


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRequest:
    """A call made to Partner Center in the partner's name."""

    request_id: str
    operation: str
    made: datetime | None
    ip_address: str
    user: str
    user_id: str
    tenant_id: str
    application_id: str
    mfa_compliant: bool | None
    raw: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrincipalWithoutMfa:
    """A user of the partner who used the portal without multi-factor authentication."""

    user: str
    user_id: str
    tenant_id: str
    last_seen: datetime | None
    raw: Mapping[str, Any] = field(repr=False)


def read_api_request(row: object) -> ApiRequest:
    """Return a call."""
    fields = Fields(row)
    return ApiRequest(
        request_id=fields.text("requestid"),
        operation=fields.text("operationname"),
        made=fields.moment("requestdatetime"),
        # The table of the documentation has the second name, its sample the first.
        ip_address=fields.text("ipaddress", "sourceipaddress"),
        user=fields.text("upn"),
        user_id=fields.text("objectid").lower(),
        tenant_id=fields.text("tenantid").lower(),
        application_id=fields.text("applicationid").lower(),
        mfa_compliant=fields.flag("mfacompliant"),
        raw=fields.raw,
    )


def read_principal_without_mfa(row: object) -> PrincipalWithoutMfa:
    """Return a user."""
    fields = Fields(row)
    return PrincipalWithoutMfa(
        user=fields.text("upn"),
        user_id=fields.text("objectid").lower(),
        tenant_id=fields.text("tenantid").lower(),
        last_seen=fields.moment("lastnonmfacompliantrequestdatetime"),
        raw=fields.raw,
    )


def read_adoption(row: object) -> Mapping[str, Any]:
    """Return one row of the adoption report as it came: no source says what it holds."""
    return Fields(row).raw
