"""All rooms of the simulated service.

A new resource is a new module here with a ROUTES list, added to the one below; nothing else knows
the rooms. The first route that matches wins, so `/invoices/unbilled` comes before an invoice id.
"""

from partnercenter.simulator.routes import (
    carts,
    catalogue,
    checkout,
    customer_writes,
    customers,
    domains,
    inventory,
    invoices,
    line_items,
    offers,
    openid,
    order_changes,
    order_papers,
    orders,
    partner_profiles,
    profiles,
    promotions,
    subscriptions,
    tokens,
)
from partnercenter.simulator.routing import Route

ROUTES: list[Route] = [
    *customers.ROUTES,
    *customer_writes.ROUTES,
    *profiles.ROUTES,
    *subscriptions.ROUTES,
    *partner_profiles.ROUTES,
    *domains.ROUTES,
    *line_items.ROUTES,
    *invoices.ROUTES,
    *tokens.ROUTES,
    *openid.ROUTES,
    *catalogue.ROUTES,
    *offers.ROUTES,
    *inventory.ROUTES,
    *promotions.ROUTES,
    *carts.ROUTES,
    *checkout.ROUTES,
    *orders.ROUTES,
    *order_changes.ROUTES,
    *order_papers.ROUTES,
]
