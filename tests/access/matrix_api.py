"""The matrix of the API."""

from itertools import chain

from tests.access.matrix import (
    EVERYBODY,
    LINKERS,
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

DESCRIPTION = chain(
    route("schema", get=EVERYBODY),
    route("docs", get=EVERYBODY),
    route("api:me-list", get=EVERYBODY),
)

DIRECTORY = chain(
    route("api:organizations-list", get=EVERYBODY, post=LINKERS, sends=NEW_ORGANIZATION),
    route(
        "api:organizations-detail",
        on="organization",
        get=EVERYBODY,
        patch=LINKERS,
        sends={"name": "Renamed Bakery"},
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

API: tuple[Row, ...] = tuple(chain(DESCRIPTION, DIRECTORY, LINKING, OVERSIGHT))
