"""Granular delegated administration: which roles a partner has at which customer, until when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from partnercenter.errors import MalformedAnswer
from partnercenter.schemas.fields import Fields, as_guid


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegatedAdminRelationship:
    """One relationship; ``id`` is two GUIDs joined by a dash.

    ``customer_id`` is empty until a customer approved. ``duration`` and ``auto_extend`` are ISO
    8601, ``PT0S`` for no extension. ``etag`` is needed to change it and must never be stored.
    """

    id: str
    name: str
    status: str
    customer_id: str
    customer_name: str
    duration: str
    auto_extend: str
    role_ids: tuple[str, ...]
    created: datetime | None
    modified: datetime | None
    activated: datetime | None
    ends: datetime | None
    etag: str
    raw: Mapping[str, Any] = field(repr=False)

    @property
    def is_active(self) -> bool:
        """Say whether the partner may use its roles now."""
        return self.status in ("active", "expiring")


def read_delegated_admin_relationship(body: object) -> DelegatedAdminRelationship:
    """Return a relationship. Raises: MalformedAnswer when it has no id."""
    row = Fields(body)
    identity = row.text("id").lower()
    if not identity:
        raise MalformedAnswer("The answer has a relationship without an id.")
    customer = row.inner("customer") or Fields({})
    details = row.inner("accessdetails") or Fields({})
    roles = (role.text("roledefinitionid").lower() for role in details.objects("unifiedroles"))
    return DelegatedAdminRelationship(
        id=identity,
        name=row.text("displayname"),
        status=row.text("status").lower(),
        customer_id=as_guid(customer.get("tenantid")) or "",
        customer_name=customer.text("displayname"),
        duration=row.text("duration"),
        auto_extend=row.text("autoextendduration"),
        role_ids=tuple(role for role in roles if role),
        created=row.moment("createddatetime"),
        modified=row.moment("lastmodifieddatetime"),
        activated=row.moment("activateddatetime"),
        ends=row.moment("enddatetime"),
        etag=row.text("@odata.etag"),
        raw=row.raw,
    )
