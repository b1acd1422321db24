"""All rooms of the simulated service.

A new resource is a new module here with a ROUTES list, added to the one below; nothing else knows
the rooms. The first route that matches wins, so `/invoices/unbilled` comes before an invoice id,
and `/customers/usagerecords` before a customer id.
"""

from partnercenter.simulator.routes import (
    azure_usage,
    billing_blobs,
    billing_exports,
    customer_writes,
    customers,
    domains,
    entitlements,
    invoices,
    line_items,
    openid,
    partner_profiles,
    profiles,
    rate_cards,
    retired_exports,
    subscription_usage,
    subscriptions,
    tokens,
    usage,
)
from partnercenter.simulator.routing import Route

ROUTES: list[Route] = [
    *usage.ROUTES,
    *subscription_usage.ROUTES,
    *azure_usage.ROUTES,
    *entitlements.ROUTES,
    *rate_cards.ROUTES,
    *customers.ROUTES,
    *customer_writes.ROUTES,
    *profiles.ROUTES,
    *subscriptions.ROUTES,
    *partner_profiles.ROUTES,
    *domains.ROUTES,
    *line_items.ROUTES,
    *invoices.ROUTES,
    *billing_exports.ROUTES,
    *billing_blobs.ROUTES,
    *retired_exports.ROUTES,
    *tokens.ROUTES,
    *openid.ROUTES,
]
