"""Subscriptions as Partner Center returns them, made from the same facts as their invoice rows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from partnercenter.simulator.worlds.catalogue import availability_id
from partnercenter.simulator.worlds.companies import Company
from partnercenter.simulator.worlds.stories import LegacySeats, Seats, Subscription


def subscription_resource(
    company: Company, subscription: Subscription, *, today: date
) -> dict[str, Any]:
    """Return the Subscription resource; its owner is in `links.self`, as on the wire."""
    if isinstance(subscription, Seats):
        return _seats(company, subscription, today)
    return _legacy(company, subscription, today)


def _seats(company: Company, seats: Seats, today: date) -> dict[str, Any]:
    offering, country = seats.offering, company.market.country
    availability = availability_id(offering, seats.term, country)
    sku_uri = f"/products/{offering.product_id}/skus/{offering.sku_id}"
    return {
        "id": seats.id,
        "offerId": f"{offering.product_id}:{offering.sku_id}:{availability}",
        "offerName": offering.sku_name,
        "friendlyName": offering.sku_name,
        "productType": {"id": "OnlineServicesNCE", "displayName": "OnlineServicesNCE"},
        "quantity": seats.quantity,
        "unitType": "Licenses",
        "hasPurchasableAddons": False,
        "creationDate": f"{seats.start}T09:31:07.415Z",
        "effectiveStartDate": f"{seats.start}T00:00:00Z",
        "commitmentEndDate": f"{seats.end}T00:00:00Z",
        "commitmentEndDateTime": f"{seats.end}T23:59:59Z",
        "cancellationAllowedUntilDate": f"{seats.start + timedelta(days=7)}T09:31:07.415Z",
        "status": _status(seats.end, today, cancelled=seats.cancelled),
        "autoRenewEnabled": not seats.cancelled,
        "isTrial": False,
        "billingType": "license",
        "billingCycle": seats.term.billing_cycle,
        "termDuration": seats.term.duration,
        "renewalTermDuration": "",
        "isMicrosoftProduct": True,
        "publisherName": "Microsoft Corporation",
        "partnerId": company.reseller_mpn,
        "attentionNeeded": False,
        "actionTaken": False,
        "contractType": "subscription",
        "orderId": seats.order_id,
        "links": {
            "product": _link(f"/products/{offering.product_id}?country={country}"),
            "sku": _link(f"{sku_uri}?country={country}"),
            "availability": _link(f"{sku_uri}/availabilities/{availability}?country={country}"),
            "self": _link(f"/customers/{company.id}/subscriptions/{seats.id}"),
        },
        "attributes": {"objectType": "Subscription"},
    }


def _legacy(company: Company, seats: LegacySeats, today: date) -> dict[str, Any]:
    offer_id = seats.offer.id.lower()
    return {
        "id": seats.id,
        "offerId": offer_id,
        "offerName": seats.offer.name,
        "friendlyName": seats.offer.name,
        "entitlementId": seats.id,
        "quantity": seats.quantity,
        "unitType": "Licenses",
        "hasPurchasableAddons": False,
        "creationDate": f"{seats.start}T00:00:00Z",
        "effectiveStartDate": f"{seats.start}T00:00:00Z",
        "commitmentEndDate": f"{seats.end}T00:00:00Z",
        "status": _status(seats.end, today, cancelled=False),
        "autoRenewEnabled": True,
        "isTrial": False,
        "billingType": "license",
        "billingCycle": "monthly",
        "termDuration": "P1Y",
        "contractType": "subscription",
        "orderId": seats.order_id,
        "links": {
            "offer": _link(f"/offers/{offer_id}?country={company.market.country}"),
            "self": _link(f"/customers/{company.id}/subscriptions/{seats.id}"),
        },
        "attributes": {"objectType": "Subscription"},
    }


def _status(end: date, today: date, *, cancelled: bool) -> str:
    if cancelled:
        return "deleted"
    return "active" if end >= today else "expired"


def _link(uri: str) -> dict[str, Any]:
    return {"uri": uri, "method": "GET", "headers": []}
