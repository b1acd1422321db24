"""Licences: what a customer has, and what a user was given."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from partnercenter.schemas.fields import Fields
from partnercenter.schemas.strict import required_count, required_guid, word

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """A part of a licence that can be left out when it is given."""

    id: str
    display_name: str
    service_name: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribedSku:
    """Licences a customer has; ``id`` names the SKU when licences are given."""

    id: str
    name: str
    part_number: str
    group: str
    available: int
    active: int
    consumed: int
    suspended: int
    warning: int
    total: int
    status: str
    plans: tuple[ServicePlan, ...]
    raw: Raw = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserLicence:
    """A licence a user has."""

    id: str
    name: str
    part_number: str
    group: str
    plans: tuple[ServicePlan, ...]
    raw: Raw = field(repr=False)


@dataclass(frozen=True, slots=True)
class LicenceToAssign:
    """A licence to give, without some of its parts."""

    sku_id: str
    excluded_plans: tuple[str, ...] = ()


def read_subscribed_sku(row: object) -> SubscribedSku:
    """Return a customer's licences of one SKU.

    Raises: MalformedAnswer without id or with an unreadable number: people are counted by them.
    """
    fields = Fields(row)
    sku = fields.inner("productsku") or Fields({})
    thing = "subscribed licences"
    return SubscribedSku(
        id=required_guid(sku, thing, "id"),
        name=sku.text("name"),
        part_number=sku.text("skupartnumber"),
        group=word(sku.text("licensegroupid")),
        available=required_count(fields, thing, "availableunits"),
        active=required_count(fields, thing, "activeunits"),
        consumed=required_count(fields, thing, "consumedunits"),
        suspended=required_count(fields, thing, "suspendedunits"),
        warning=required_count(fields, thing, "warningunits"),
        total=required_count(fields, thing, "totalunits"),
        status=word(fields.text("capabilitystatus")),
        plans=_read_plans(fields),
        raw=fields.raw,
    )


def read_user_licence(row: object) -> UserLicence:
    """Return a licence of a user. Raises: MalformedAnswer without id."""
    fields = Fields(row)
    sku = fields.inner("productsku") or Fields({})
    return UserLicence(
        id=required_guid(sku, "a licence", "id"),
        name=sku.text("name"),
        part_number=sku.text("skupartnumber"),
        group=word(sku.text("licensegroupid")),
        plans=_read_plans(fields),
        raw=fields.raw,
    )


def _read_plans(fields: Fields) -> tuple[ServicePlan, ...]:
    return tuple(
        ServicePlan(
            plan.text("id").lower(),
            plan.text("displayname"),
            plan.text("servicename"),
            word(plan.text("capabilitystatus")),
        )
        for plan in fields.objects("serviceplans")
    )
