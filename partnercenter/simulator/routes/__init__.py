"""All rooms of the simulated service.

A new resource is a new module here with a ROUTES list, added to the one below; nothing else knows
the rooms. The first route that matches wins, so `/invoices/unbilled` comes before an invoice id.
"""

from partnercenter.simulator.routes import (
    addresses,
    agreements,
    customer_writes,
    customers,
    domains,
    invoices,
    licence_analytics,
    licences,
    line_items,
    openid,
    partner_profiles,
    profiles,
    relationships,
    roles,
    sandbox_resellers,
    subscriptions,
    tokens,
    users,
    vetting,
)
from partnercenter.simulator.routing import Route

ROUTES: list[Route] = [
    *addresses.ROUTES,
    *agreements.ROUTES,
    *vetting.ROUTES,
    *relationships.ROUTES,
    *sandbox_resellers.ROUTES,
    *users.ROUTES,
    *roles.ROUTES,
    *licences.ROUTES,
    *licence_analytics.ROUTES,
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
]
