"""What Microsoft still has of a customer that leaves: subscriptions, and what we may do there.

It is read when somebody looks, and not kept: a checklist of yesterday would be believed. The two
questions fail apart from each other, because each needs another permission.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.db import transaction

from partnercenter.client import PartnerCenter
from partnercenter.errors import PartnerCenterError
from portal.core.access import Actor
from portal.core.errors import PortalError
from tenants.connections.clients import partner_center_for
from tenants.connections.failures import as_portal_error
from tenants.discovery.models import Tenant

OVER = frozenset({"deleted", "cancelled", "canceled", "expired"})
"""States in which Microsoft bills nothing more; a suspended subscription is billed on."""
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class LivingSubscription:
    """One that is billed still. ``last_day``: of its term; None where it has no end."""

    name: str
    quantity: int
    status: str
    auto_renew: bool
    last_day: date | None


@dataclass(frozen=True, slots=True)
class LivingRelationship:
    """Delegated admin privileges that hold; ``ends`` is their last day."""

    name: str
    status: str
    ends: date | None


@dataclass(frozen=True, slots=True)
class Remains:
    """What there still is; a failure says in a sentence why that could not be asked."""

    subscriptions: tuple[LivingSubscription, ...] = ()
    subscriptions_failure: str = ""
    relationships: tuple[LivingRelationship, ...] = ()
    relationships_failure: str = ""


def read_remains(tenant: Tenant, *, actor: Actor) -> Remains:
    """Ask Partner Center and Microsoft Graph what is left of a customer; silence is no error here.

    No transaction may be open. Nothing is changed, here or there.
    """
    actor.require("tenants.unlink")
    with transaction.atomic():
        row: Tenant = Tenant.objects.select_related("connection").get_visible(actor, pk=tenant.pk)
    try:
        center = partner_center_for(row.connection)
    except PortalError as error:
        return Remains(subscriptions_failure=error.detail, relationships_failure=error.detail)
    customer = str(row.microsoft_id)
    subscriptions, why_none = _ask(lambda: _subscriptions(center, customer))
    relationships, why_no_relationship = _ask(lambda: _relationships(center, customer))
    return Remains(
        subscriptions=subscriptions,
        subscriptions_failure=why_none,
        relationships=relationships,
        relationships_failure=why_no_relationship,
    )


def _ask(question: Callable[[], tuple[Found, ...]]) -> tuple[tuple[Found, ...], str]:
    try:
        return question(), ""
    except (PartnerCenterError, PortalError) as error:
        return (), as_portal_error(error).detail


def _subscriptions(center: PartnerCenter, customer: str) -> tuple[LivingSubscription, ...]:
    found = [
        LivingSubscription(
            name=row.friendly_name or row.offer_name,
            quantity=row.quantity,
            status=row.status.lower(),
            auto_renew=bool(row.auto_renew),
            last_day=row.last_day,
        )
        for row in center.subscriptions.list(customer)
        if row.status.lower() not in OVER
    ]
    return tuple(sorted(found, key=lambda row: (row.last_day or date.max, row.name)))


def _relationships(center: PartnerCenter, customer: str) -> tuple[LivingRelationship, ...]:
    return tuple(
        LivingRelationship(row.name, row.status, row.ends.date() if row.ends else None)
        for row in center.delegated_admin.list(customer)
        if row.is_active
    )
