"""Subscriptions and catalogue items for small worlds."""

import copy
from typing import Any

ITEM = "CFQ7TTC0LH18:0001:CFQ7TTC0K971"


def owned_by(customer: str, row: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of a subscription with the link that names its customer."""
    copied = copy.deepcopy(row)
    uri = f"/customers/{customer}/subscriptions/{row['id']}"
    links = copied.get("links", {}) | {"self": {"uri": uri, "method": "GET", "headers": []}}
    return copied | {"links": links}


def make_seats(customer: str, identity: str, **changes: Any) -> dict[str, Any]:
    """Return new-commerce seats bought on 1 March 2026 for a year, paid monthly."""
    row = {
        "id": identity,
        "offerId": ITEM,
        "offerName": "Microsoft 365 Business Basic",
        "friendlyName": "Business Basic",
        "productType": {"id": "OnlineServicesNCE", "displayName": "OnlineServicesNCE"},
        "quantity": 10,
        "unitType": "Licenses",
        "hasPurchasableAddons": False,
        "creationDate": "2026-03-01T08:30:00Z",
        "effectiveStartDate": "2026-03-01T08:30:00Z",
        "commitmentEndDate": "2027-02-28T00:00:00Z",
        "status": "active",
        "autoRenewEnabled": True,
        "isTrial": False,
        "billingType": "license",
        "billingCycle": "monthly",
        "termDuration": "P1Y",
        "orderId": "34b37d7340cc",
        "attributes": {"objectType": "Subscription"},
    }
    return owned_by(customer, row | changes)


def make_legacy(customer: str, identity: str, **changes: Any) -> dict[str, Any]:
    """Return a legacy subscription, which has a GUID as its offer and an etag."""
    row = {
        "id": identity,
        "offerId": "796B6B5F-613C-4E24-A17C-EBA730D49C02",
        "offerName": "Office 365 Enterprise E3",
        "friendlyName": "E3",
        "quantity": 5,
        "unitType": "Licenses",
        "creationDate": "2026-05-01T00:00:00Z",
        "effectiveStartDate": "2026-05-01T00:00:00Z",
        "commitmentEndDate": "2027-05-01T00:00:00Z",
        "status": "active",
        "autoRenewEnabled": True,
        "isTrial": False,
        "billingType": "license",
        "billingCycle": "monthly",
        "orderId": "CF3B0E37-BE0B-4CDD-B584-D1A97D98A922",
        "attributes": {"etag": "eyJpZCI6ImEiLCJ2ZXJzaW9uIjoxfQ==", "objectType": "Subscription"},
    }
    return owned_by(customer, row | changes)


def make_item(
    item: str = ITEM,
    *,
    term: str = "P1Y",
    cycles: tuple[str, ...] = ("Monthly", "Annual"),
    attributes: dict[str, Any] | None = None,
    **sku: Any,
) -> dict[str, Any]:
    """Return an availability of the catalogue with one term and some billing cycles."""
    product, number, own = item.split(":")
    title = f"Product {product}"
    return {
        "id": own,
        "productId": product,
        "skuId": number,
        "catalogItemId": item,
        "country": "US",
        "isRenewable": True,
        "terms": [{"duration": term, "billingCycle": cycle} for cycle in cycles],
        "product": {"id": product, "title": title},
        "sku": {"id": number, "title": title, "dynamicAttributes": attributes or {}} | sku,
    }
