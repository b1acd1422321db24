"""The matrix of the API."""

from itertools import chain

from tests.access.matrix import (
    ACCOUNTANTS,
    ADMINS,
    DISCOVERERS,
    EVERYBODY,
    IMPORTERS,
    LINKERS,
    MEMBER_READERS,
    OVERSEERS,
    RETRIERS,
    STAFF,
    Row,
    route,
)

NEW_ORGANIZATION = {
    "name": "Fresh Bakery",
    "primary_domain": "fresh-bakery.example.com",
    "country": "NL",
    "notification_email": "it@fresh-bakery.example.com",
    "contact_phone": "+31 20 123 4567",
}
LISTED_ORGANIZATION = {**NEW_ORGANIZATION, "parent": "$parent"}
CONNECTION = {
    "name": "Fresh connection",
    "cloud": "global",
    "partner_tenant": "11111111-2222-4333-8444-555555555555",
    "client_id": "11111111-2222-4333-8444-666666666666",
    "secret": "a secret of the tests",
}

DESCRIPTION = chain(
    route("schema", get=EVERYBODY),
    route("docs", get=EVERYBODY),
    route("api:me-list", get=EVERYBODY),
)

CONNECTIONS = chain(
    route("api:connections-list", get=STAFF, post=ADMINS, sends=CONNECTION),
    route(
        "api:connections-detail",
        on="connection",
        get=STAFF,
        patch=ADMINS,
        sends={"name": "Renamed connection"},
    ),
    route("api:connections-test", on="connection", post=ADMINS, calls_out=True),
    route("api:connections-health", on="connection", get=STAFF),
    route("api:connections-consent", on="connection", post=ADMINS, calls_out=True),
    route("api:connections-discover", on="connection", post=DISCOVERERS),
    route("api:integration-tests-list", get=STAFF, post=ADMINS, sends={"is_sandbox": True}),
    route("api:integration-tests-detail", on="integration_test", get=STAFF),
    route(
        "api:discovery-runs-list",
        get=STAFF,
        post=DISCOVERERS,
        sends={"connection": "$connection"},
    ),
    route("api:discovery-runs-detail", on="run", get=STAFF),
    route("api:discovery-runs-mark-missing", on="run", post=ADMINS, sends={"reason": "they left"}),
)

DIRECTORY = chain(
    route("api:organizations-list", get=EVERYBODY, post=LINKERS, sends=LISTED_ORGANIZATION),
    route(
        "api:organizations-detail",
        on="organization",
        get=EVERYBODY,
        patch=LINKERS,
        sends={"name": "Renamed Bakery", "parent": "$parent"},
    ),
    route(
        "api:accounts-list",
        get=EVERYBODY,
        post=LINKERS,
        sends={"organization": "$organization", "name": "Fresh account", "currency": "EUR"},
    ),
    route(
        "api:accounts-detail",
        on="account",
        get=EVERYBODY,
        patch=LINKERS,
        sends={"name": "Renamed account"},
    ),
)

LINKING = chain(
    route("api:tenants-list", get=EVERYBODY),
    route("api:tenants-detail", on="tenant", get=EVERYBODY),
    route(
        "api:tenants-link",
        on="unlinked tenant",
        post=LINKERS,
        sends={"organization": "$organization"},
        also=({"organization": "$organization number"}, {"account": "$account"}),
    ),
    route("api:tenants-unlink", on="tenant", post=LINKERS, sends={"reason": "a mistake"}),
    route(
        "api:tenants-create-organization",
        on="unlinked tenant",
        post=LINKERS,
        sends=NEW_ORGANIZATION,
        calls_out=True,
    ),
    route("api:links-list", get=EVERYBODY),
    route("api:links-detail", on="link", get=EVERYBODY),
    route("api:links-undo", on="link", post=LINKERS),
    route("api:alerts/unlinked-tenants-list", get=STAFF),
)

OVERSIGHT = chain(
    route("api:jobs-list", get=STAFF),
    route("api:jobs-detail", on="job", get=STAFF),
    route("api:jobs-retry", on="job", post=RETRIERS),
    route("api:audit-events-list", get=OVERSEERS),
    route("api:audit-events-detail", on="event", get=OVERSEERS),
)

MEMBERS = chain(
    route(
        "api:members-list",
        get=MEMBER_READERS,
        post=ADMINS,
        sends={
            "email": "new@example.com",
            "full_name": "New Person",
            "role": "customer_viewer",
            "organization": "$organization",
        },
    ),
    route("api:members-detail", on="colleague", get=MEMBER_READERS, delete=ADMINS),
)

BILLING = chain(
    route(
        "api:invoices-list",
        get=ACCOUNTANTS,
        post=IMPORTERS,
        sends={"connection": "$connection", "month": "2026-05"},
    ),
    route("api:invoices-detail", on="invoice", get=ACCOUNTANTS),
    route("api:invoices-lines", on="invoice", get=ACCOUNTANTS),
    route("api:invoices-export", on="invoice", get=ACCOUNTANTS),
    route("api:reconciliations-list", get=ACCOUNTANTS),
    route("api:reports-list", get=ACCOUNTANTS),
    route("api:reports-detail", get=ACCOUNTANTS),
    route("api:reports-export", get=ACCOUNTANTS),
)

API: tuple[Row, ...] = tuple(
    chain(DESCRIPTION, CONNECTIONS, DIRECTORY, LINKING, MEMBERS, BILLING, OVERSIGHT)
)
