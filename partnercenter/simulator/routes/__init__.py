"""All rooms of the simulated service.

A new resource is a new module here with a ROUTES list, added to the one below; nothing else knows
the rooms. The first route that matches wins, so `/invoices/unbilled` comes before an invoice id.
"""

from partnercenter.simulator.routes import (
    audit,
    customer_writes,
    customers,
    domains,
    graph_extras,
    invoices,
    line_items,
    openid,
    partner_profiles,
    profiles,
    service_requests,
    sign_in_reports,
    subscriptions,
    tokens,
    webhooks,
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
    *webhooks.ROUTES,
    *audit.ROUTES,
    *sign_in_reports.ROUTES,
    *service_requests.ROUTES,
    *graph_extras.ROUTES,
]
