"""Licences of a directory: which SKUs subscriptions stand for, and how many units they give.

Subscriptions are told apart by their offer's name, since legacy offers, new-commerce SKUs and
licences share nothing else. Well-known products have the ids Microsoft publishes in "Product names
and service plan identifiers for licensing"; others get ids made from their name.
"""

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from partnercenter.simulator.fields import fold

GROUPS = ("group1", "group2")


@dataclass(frozen=True, slots=True)
class Plan:
    """A service within a product."""

    service_name: str
    id: str
    display_name: str
    workload: str = ""


@dataclass(frozen=True, slots=True)
class Product:
    """What is assigned to a user: one product with its services."""

    id: str
    name: str
    part_number: str
    plans: tuple[Plan, ...]
    group: str = "group1"


_PLANS = {
    plan.service_name: plan
    for plan in (
        Plan(
            "EXCHANGE_S_STANDARD",
            "9aaf7827-d63c-4b61-89c3-182f06f82e5c",
            "Exchange Online (Plan 1)",
            "Exchange",
        ),
        Plan(
            "EXCHANGE_S_ENTERPRISE",
            "efb87545-963c-4e0d-99df-69c6916d9eb0",
            "Exchange Online (Plan 2)",
            "Exchange",
        ),
        Plan(
            "SHAREPOINTSTANDARD",
            "c7699d2e-19aa-44de-8edf-1736da088ca1",
            "SharePoint (Plan 1)",
            "SharePoint",
        ),
        Plan(
            "SHAREPOINTENTERPRISE",
            "5dbe027f-2339-4123-9542-606e4d348a72",
            "SharePoint (Plan 2)",
            "SharePoint",
        ),
        Plan("TEAMS1", "57ff2da0-773e-42df-b2af-ffb7a2317929", "Microsoft Teams", "Teams"),
        Plan(
            "OFFICE_BUSINESS",
            "094e7854-93fc-4d55-b2c0-3ab5369ebdc1",
            "Microsoft 365 Apps for business",
        ),
        Plan(
            "OFFICESUBSCRIPTION",
            "43de0ff5-c92c-492b-9116-175376d08c38",
            "Microsoft 365 Apps for enterprise",
        ),
        Plan(
            "AAD_PREMIUM",
            "41781fb2-bc02-4b7c-bd55-b576c07bb09d",
            "Microsoft Entra ID P1",
        ),
        Plan("INTUNE_A", "c1ec4a95-1f05-45b3-a911-aa3fa01094f5", "Microsoft Intune Plan 1"),
        Plan("BI_AZURE_P2", "70d33638-9c74-4d01-bfd3-562de28bd4ba", "Power BI Pro"),
    )
}


def _product(name: str, part_number: str, product_id: str, plans: str) -> Product:
    return Product(product_id, name, part_number, tuple(_PLANS[plan] for plan in plans.split()))


_KNOWN = {
    fold(product.name): product
    for product in (
        _product(
            "Microsoft 365 Business Basic",
            "O365_BUSINESS_ESSENTIALS",
            "3b555118-da6a-4418-894f-7df1e2096870",
            "EXCHANGE_S_STANDARD SHAREPOINTSTANDARD TEAMS1",
        ),
        _product(
            "Microsoft 365 Business Standard",
            "O365_BUSINESS_PREMIUM",
            "f245ecc8-75af-4f8e-b61f-27d8114de5f3",
            "EXCHANGE_S_STANDARD SHAREPOINTSTANDARD TEAMS1 OFFICE_BUSINESS",
        ),
        _product(
            "Microsoft 365 Business Premium",
            "SPB",
            "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46",
            "EXCHANGE_S_STANDARD SHAREPOINTSTANDARD TEAMS1 OFFICE_BUSINESS AAD_PREMIUM INTUNE_A",
        ),
        _product(
            "Microsoft 365 Apps for business",
            "O365_BUSINESS",
            "cdd28e44-67e3-425e-be4c-737fab2899d3",
            "OFFICE_BUSINESS",
        ),
        _product(
            "Exchange Online (Plan 1)",
            "EXCHANGESTANDARD",
            "4b9405b0-7788-4568-add1-99614e613b69",
            "EXCHANGE_S_STANDARD",
        ),
        _product(
            "Exchange Online (Plan 2)",
            "EXCHANGEENTERPRISE",
            "19ec0d23-8335-4cbd-94ac-6050e30712fa",
            "EXCHANGE_S_ENTERPRISE",
        ),
        _product(
            "Microsoft 365 E3",
            "SPE_E3",
            "05e9a617-0261-4cee-bb44-138d3ef5d965",
            "EXCHANGE_S_ENTERPRISE SHAREPOINTENTERPRISE TEAMS1 OFFICESUBSCRIPTION AAD_PREMIUM "
            "INTUNE_A",
        ),
        _product(
            "Power BI Pro",
            "POWER_BI_PRO",
            "f8a1db68-be16-40ed-86d5-cb42ce701560",
            "BI_AZURE_P2",
        ),
    )
}


@dataclass(slots=True)
class Units:
    """How many licences of a product there are, by the state of what they were bought with."""

    active: int = 0
    warning: int = 0
    suspended: int = 0

    @property
    def total(self) -> int:
        """Return what can be assigned: suspended licences cannot."""
        return self.active + self.warning


def product_named(name: str) -> Product:
    """Return the product an offer's name stands for."""
    known = _KNOWN.get(fold(name))
    if known is not None:
        return known
    part_number = "_".join("".join(c if c.isalnum() else " " for c in name).upper().split())
    plan = Plan(part_number, _made_id(f"plan {part_number}"), name)
    return Product(_made_id(part_number), name, part_number, (plan,))


def is_licence(subscription: dict[str, Any]) -> bool:
    """Tell whether a subscription gives licences that users are assigned."""
    return (
        str(subscription.get("billingType") or "license").lower() == "license"
        and bool(subscription.get("offerName"))
        and fold(subscription.get("status")) not in ("deleted", "disabled", "pending", "none")
    )


def units_by_product(
    subscriptions: Iterable[dict[str, Any]],
) -> dict[str, tuple[Product, Units]]:
    """Return products and units by product id, in the order of the subscriptions."""
    found: dict[str, tuple[Product, Units]] = {}
    for subscription in filter(is_licence, subscriptions):
        product = product_named(str(subscription["offerName"]))
        _, units = found.setdefault(product.id, (product, Units()))
        quantity, status = seats_of(subscription), fold(subscription.get("status"))
        if status == "expired":
            units.warning += quantity
        elif status == "suspended":
            units.suspended += quantity
        else:
            units.active += quantity
    return found


def seats_of(subscription: dict[str, Any]) -> int:
    """Return the quantity of a subscription, which some providers write as a text or a float."""
    try:
        return int(float(subscription.get("quantity") or 0))
    except (TypeError, ValueError, OverflowError):
        return 0


def used_seats(subscription: dict[str, Any]) -> int:
    """Return how many seats its customer uses: from six in ten to all, by the subscription's id."""
    digest = hashlib.blake2b(str(subscription.get("id")).lower().encode(), digest_size=2).digest()
    return seats_of(subscription) * (60 + int.from_bytes(digest, "big") % 41) // 100


def sku_resource(product: Product, units: Units, *, consumed: int) -> dict[str, Any]:
    """Return the SubscribedSku resource; available units are those of the total not consumed."""
    return {
        "availableUnits": max(units.total - consumed, 0),
        "activeUnits": units.active,
        "consumedUnits": consumed,
        "suspendedUnits": units.suspended,
        "totalUnits": units.total,
        "warningUnits": units.warning,
        "productSku": {
            "id": product.id,
            "name": product.name,
            "skuPartNumber": product.part_number,
            "targetType": "User",
            "licenseGroupId": product.group,
        },
        "servicePlans": [_plan_resource(plan) for plan in product.plans],
        "capabilityStatus": _capability(units),
        "attributes": {"objectType": "SubscribedSku"},
    }


def _plan_resource(plan: Plan) -> dict[str, Any]:
    return {
        "displayName": plan.display_name,
        "serviceName": plan.service_name,
        "id": plan.id,
        "capabilityStatus": "Enabled",
        "targetType": "User",
    }


def _capability(units: Units) -> str:
    if units.active:
        return "Enabled"
    return "Warning" if units.warning else "Suspended"


def _made_id(text: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"licence {text}"))
