"""All rooms of the simulated service.

A new resource is a new module here with a ROUTES list, added to the one below; nothing else knows
the rooms. The first route that matches wins, so `/invoices/unbilled` comes before an invoice id.
"""

from partnercenter.simulator.routes import (
    customer_writes,
    customers,
    domains,
    invoices,
    legacy_subscriptions,
    line_items,
    migrations,
    openid,
    partner_profiles,
    product_upgrades,
    profiles,
    subscription_changes,
    subscription_extras,
    subscriptions,
    tokens,
    transfers,
    transitions,
)
from partnercenter.simulator.routing import Route

ROUTES: list[Route] = [
    *customers.ROUTES,
    *customer_writes.ROUTES,
    *profiles.ROUTES,
    *subscription_extras.ROUTES,
    *subscriptions.ROUTES,
    *subscription_changes.ROUTES,
    *legacy_subscriptions.ROUTES,
    *transitions.ROUTES,
    *migrations.ROUTES,
    *transfers.ROUTES,
    *product_upgrades.ROUTES,
    *partner_profiles.ROUTES,
    *domains.ROUTES,
    *line_items.ROUTES,
    *invoices.ROUTES,
    *tokens.ROUTES,
    *openid.ROUTES,
]
