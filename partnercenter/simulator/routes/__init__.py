"""All rooms of the simulated service.

A new resource is a new module here with a ROUTES list, added to the one below; nothing else knows
the rooms. The first route that matches wins, so `/invoices/unbilled` comes before an invoice id,
and `/customers/usagerecords` before a customer id.
"""

from partnercenter.simulator.routes import (
    audit,
    azure_usage,
    billing_blobs,
    billing_exports,
    customer_writes,
    customers,
    domains,
    entitlements,
    graph_extras,
    invoices,
    line_items,
    openid,
    partner_profiles,
    profiles,
    rate_cards,
    retired_exports,
    service_requests,
    sign_in_reports,
    subscription_usage,
    subscriptions,
    tokens,
    usage,
    webhooks,
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
    *webhooks.ROUTES,
    *audit.ROUTES,
    *sign_in_reports.ROUTES,
    *service_requests.ROUTES,
    *graph_extras.ROUTES,
]
