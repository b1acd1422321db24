"""What a few customers of a made world use on Azure: subscriptions, meters, records, reservations.

Twenty customers at most, however large the world: their records are many. Usage is made for the
month before the world was made, that month and the next one; what lies ahead of the clock is not
shown, so that a running month fills day by day. Amounts are the rate of the meter times the
quantity, in the partner's currency for Azure plans and in the customer's before the plan. None of
it is on an invoice of the world: Azure has rows of another kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from partnercenter.simulator.worlds.billing_months import exchange_rate, months_after
from partnercenter.simulator.worlds.catalogue import link
from partnercenter.simulator.worlds.catalogue_extras import azure_plan_item
from partnercenter.simulator.worlds.chance import random_id, source
from partnercenter.simulator.worlds.companies import Company

Row = dict[str, Any]

_LAST_NUMBER = 500
_EVERY = 25
_REST = 3
_EFFECTIVE = "2024-01-01T00:00:00Z"
_STEP = Decimal("0.0001")
_HOURLY_DAYS = 2
LEGACY_OFFER = "MS-AZR-0145P"


@dataclass(frozen=True, slots=True)
class Meter:
    """A meter with its rate in US dollars; `daily` is about how many units a day uses."""

    id: str
    category: str
    subcategory: str
    region: str
    unit: str
    rate: Decimal
    daily: Decimal


def _meter(
    number: int, category: str, subcategory: str, region: str, unit: str, rate: str, daily: str
) -> Meter:
    identity = f"7c41e5d2-93ab-4f06-8d1e-5b20c9a7{number:04d}"
    return Meter(identity, category, subcategory, region, unit, Decimal(rate), Decimal(daily))


_METERS = (
    _meter(1, "Virtual Machines", "D2s v5", "EU West", "Hours", "0.115", "24"),
    _meter(2, "Virtual Machines", "B2ms", "EU West", "Hours", "0.096", "10"),
    _meter(3, "Virtual Machines", "E4s v5", "EU North", "Hours", "0.291", "8"),
    _meter(4, "Storage", "Standard SSD Managed Disks", "EU West", "Units", "0.322", "4"),
    _meter(5, "Storage", "Block Blob, hot", "EU West", "GB", "0.0196", "180"),
    _meter(6, "Storage", "Files, cool", "EU North", "GB", "0.0228", "60"),
    _meter(7, "Backup", "Protected instances", "EU West", "Units", "0.334", "3"),
    _meter(8, "Networking", "Data transfer out", "Zone 1", "GB", "0.087", "14"),
    _meter(9, "Networking", "VPN gateway", "EU West", "Hours", "0.19", "24"),
    _meter(10, "SQL Database", "General purpose, 2 cores", "EU West", "Hours", "0.502", "12"),
    _meter(11, "App Service", "Basic plan B1", "EU West", "Hours", "0.018", "24"),
    _meter(12, "Log Analytics", "Data ingestion", "EU West", "GB", "2.99", "0.4"),
)


def meters() -> Iterator[Row]:
    """Yield the meters as rate cards show them, with rates in US dollars."""
    for meter in _METERS:
        yield {
            "id": meter.id,
            "name": f"{meter.subcategory} {meter.unit}",
            "rates": {"0": str(meter.rate)},
            "tags": [],
            "category": meter.category,
            "subcategory": meter.subcategory,
            "region": meter.region,
            "unit": meter.unit,
            "includedQuantity": 0,
            "effectiveDate": _EFFECTIVE,
        }


def uses_azure(number: int) -> bool:
    """Tell whether customer `number` of a world uses Azure."""
    return number < _LAST_NUMBER and number % _EVERY == _REST


def has_plan(number: int) -> bool:
    """Tell whether that is under an Azure plan; every fourth is from before the plan."""
    return number // _EVERY % 4 != 1


def azure_subscription(company: Company, *, today: date) -> Row:
    """Return the Subscription resource of a customer's Azure plan, or of what it had before."""
    rng = source(f"{company.id}/azure")
    identity, order_id = random_id(rng), f"{rng.getrandbits(48):012x}"
    start = months_after(today.replace(day=1), -rng.randrange(5, 30))
    uri = f"/customers/{company.id}/subscriptions/{identity}"
    common: Row = {
        "id": identity,
        "quantity": 1,
        "unitType": "Usage-based",
        "hasPurchasableAddons": False,
        "creationDate": f"{start}T10:12:45.201Z",
        "effectiveStartDate": f"{start}T00:00:00Z",
        "status": "active",
        "autoRenewEnabled": False,
        "isTrial": False,
        "billingType": "usage",
        "contractType": "subscription",
        "orderId": order_id,
        "attributes": {"objectType": "Subscription"},
    }
    if not has_plan(company.number):
        return common | {
            "offerId": LEGACY_OFFER,
            "offerName": "Microsoft Azure",
            "friendlyName": "Microsoft Azure",
            "billingCycle": "monthly",
            "entitlementId": identity,
            "links": {"offer": link(f"/offers/{LEGACY_OFFER}"), "self": link(uri)},
        }
    item, country = azure_plan_item(company.market), company.market.country
    product, sku, _ = item.split(":")
    return common | {
        "offerId": item,
        "offerName": "Azure plan",
        "friendlyName": "Azure plan",
        "productType": {"id": "Azure", "displayName": "Azure"},
        "billingCycle": "one_time",
        "isMicrosoftProduct": True,
        "publisherName": "Microsoft Corporation",
        "partnerId": company.reseller_mpn,
        "links": {
            "product": link(f"/products/{product}?country={country}"),
            "sku": link(f"/products/{product}/skus/{sku}?country={country}"),
            "self": link(uri),
        },
    }


def usage_records(
    company: Company, subscription: Row, *, today: date, currency: str
) -> Iterator[Row]:
    """Yield the utilisation records of a customer, by day, with the world's own keys.

    A subscription from before the plan has records by the hour too, for the two days before the
    world was made: those bear no cost, which the days bear already.
    """
    rng = source(f"{company.id}/usage")
    plan = has_plan(company.number)
    unit = currency if plan else company.market.currency
    rate = exchange_rate("USD", unit)
    chosen = sorted(rng.sample(range(len(_METERS)), rng.randrange(3, 6)))
    instances = [_Instance(company, str(subscription["id"]), _METERS[at], rng) for at in chosen]
    first, end = months_after(today.replace(day=1), -1), months_after(today.replace(day=1), 2)
    for count in range((end - first).days):
        day = first + timedelta(days=count)
        for instance in instances:
            part = Decimal(rng.randrange(55, 101)) / 100
            quantity = (instance.meter.daily * part).quantize(_STEP)
            dollars = (quantity * instance.meter.rate).quantize(_STEP)
            yield instance.record(f"{day}T00:00:00", f"{day + timedelta(days=1)}T00:00:00") | {
                "quantity": float(quantity),
                "cost": str((dollars * rate).quantize(_STEP)),
                "usdCost": str(dollars),
                **({"currency": unit} if plan else {}),
            }
            if not plan and 0 < (today - day).days <= _HOURLY_DAYS:
                for hour in range(24):
                    until = f"{day}T{hour + 1:02d}:00:00" if hour < 23 else f"{day}T23:59:59"
                    hourly = float((quantity / 24).quantize(_STEP))
                    yield instance.record(f"{day}T{hour:02d}:00:00", until) | {"quantity": hourly}


class _Instance:
    """One resource of a customer and what its records have in common."""

    def __init__(self, company: Company, subscription_id: str, meter: Meter, rng: Any) -> None:
        self.meter = meter
        group = f"rg-{rng.choice(('web', 'data', 'office', 'test'))}"
        kind = meter.category.replace(" ", "")
        name = f"{kind.lower()}{rng.randrange(10, 100)}"
        uri = f"/subscriptions/{subscription_id}/resourceGroups/{group}/providers/Microsoft.{kind}"
        self._common: Row = {
            "customerId": company.id,
            "subscriptionId": subscription_id,
            "resource": {
                "id": meter.id,
                "name": f"{meter.subcategory} {meter.unit}",
                "category": meter.category,
                "subcategory": meter.subcategory,
                "region": meter.region,
            },
            "unit": meter.unit,
            "infoFields": {},
            "instanceData": {
                "resourceUri": f"{uri}/{name}",
                "location": meter.region.lower().replace(" ", ""),
                "partNumber": "",
                "orderNumber": "",
                "tags": {"environment": rng.choice(("production", "test"))},
            },
            "attributes": {"objectType": "AzureUtilizationRecord"},
        }

    def record(self, start: str, end: str) -> Row:
        return self._common | {"usageStartTime": f"{start}+00:00", "usageEndTime": f"{end}+00:00"}


def entitlements(company: Company, subscription: Row, *, today: date) -> Iterator[Row]:
    """Yield what a customer on the plan is entitled to: a reservation, and a software licence."""
    if not has_plan(company.number):
        return
    rng = source(f"{company.id}/entitlements")
    order_id, resource_id = f"{rng.getrandbits(48):012x}", random_id(rng)
    began = months_after(today, -rng.randrange(1, 11))
    ends = months_after(began, 12)
    uri = (
        f"/customers/{company.id}/artifacts/virtualmachinereservedinstance/groups/{order_id}"
        f"/lineitems/0/resource/{resource_id}"
    )
    reservation = {
        "reservationId": random_id(rng),
        "scopeType": "Shared",
        "quantity": rng.randrange(1, 4),
        "expiryDateTime": f"{ends}T00:00:00",
        "effectiveDateTime": f"{began}T11:40:02.118Z",
        "provisioningState": "Created",
    }
    kind = "virtual_machine_reserved_instance"
    common: Row = {
        "customerId": company.id,
        "includedEntitlements": [],
        "referenceOrder": {"id": order_id, "lineItemId": "0", "alternateId": order_id},
        "expiryDate": f"{ends}T00:00:00Z",
    }
    yield common | {
        "productId": "DZH318Z0TV01",
        "skuId": "000S",
        "quantity": reservation["quantity"],
        "entitledArtifacts": [{"type": kind, "resourceId": resource_id, "link": link(uri)}],
        "entitlementType": kind,
        "artifacts": {resource_id: {"type": kind, "virtualMachineReservations": [reservation]}},
    }
    yield common | {
        "productId": "DG7GMGF0TW01",
        "skuId": "0002",
        "quantity": rng.randrange(1, 9),
        "entitledArtifacts": [],
        "entitlementType": "software",
    }
