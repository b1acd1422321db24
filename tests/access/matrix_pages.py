"""The matrix of the pages."""

from itertools import chain
from typing import Any

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
    TOKEN_OWNERS,
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
LISTED_ORGANIZATION = {**NEW_ORGANIZATION, "kind": "customer", "parent": "$parent"}
CHANGED_ORGANIZATION = {**LISTED_ORGANIZATION, "number": "changed-1"}
ACCOUNT = {"name": "Fresh account", "currency": "EUR"}
CONNECTION = {
    "name": "Fresh connection",
    "program": "direct_bill",
    "cloud": "global",
    "partner_tenant": "11111111-2222-4333-8444-555555555555",
    "client_id": "11111111-2222-4333-8444-666666666666",
    "secret": "a secret of the tests",
}
OPEN: dict[str, Any] = {"is_open": True}

SIGNING_IN = chain(
    route("health_live", get=EVERYBODY, **OPEN),
    route("health_ready", get=EVERYBODY, **OPEN),
    # It asks for a token of its own, which no role is.
    route("metrics", get=EVERYBODY, **OPEN),
    route("account_login", get=EVERYBODY, post=EVERYBODY, put=EVERYBODY, **OPEN),
    route("account_logout", get=EVERYBODY, post=EVERYBODY, **OPEN),
    route("account_reset_password", get=EVERYBODY, post=EVERYBODY, put=EVERYBODY, **OPEN),
    route("account_reset_password_done", get=EVERYBODY, **OPEN),
    route("account_reset_password_from_key", get=EVERYBODY, post=EVERYBODY, put=EVERYBODY, **OPEN),
    route("account_reset_password_from_key_done", get=EVERYBODY, **OPEN),
    route("account_set_password", get=EVERYBODY),
    route("account_change_password", get=EVERYBODY, post=EVERYBODY, put=EVERYBODY),
)

OWN = chain(
    route("start", get=EVERYBODY),
    route("profile", get=EVERYBODY),
    route("token_create", get=EVERYBODY, post=TOKEN_OWNERS, sends={"name": "export"}),
    route("token_revoke", post=TOKEN_OWNERS),
    route("switch_membership", post=EVERYBODY),
)

CONNECTIONS = chain(
    route("connections:connection_list", get=STAFF),
    route("connections:connection_create", get=ADMINS, post=ADMINS, sends=CONNECTION),
    route("connections:connection_detail", get=STAFF),
    route(
        "connections:connection_edit",
        on="fresh connection",
        get=ADMINS,
        post=ADMINS,
        sends=CONNECTION,
    ),
    route("connections:connection_test", post=ADMINS, calls_out=True),
    # It calls nobody, but leads to a cloud that the cast does not have.
    route("connections:consent", get=ADMINS, post=ADMINS, calls_out=True),
    # A stranger may come by on a host where nobody is signed in; the state says whose it is.
    route("connections:consent_callback", get=EVERYBODY, **OPEN),
    route("connections:consent_result", get=STAFF),
    route("integration:integration", get=STAFF, post=ADMINS, sends={"is_sandbox": "on"}),
    route("integration:integration_test", get=STAFF),
    route("integration:integration_progress", get=STAFF),
    route("integration:integration_csv", get=STAFF),
    route("integration:integration_json", get=STAFF),
)

# Strangers all, let in by a key and a signature; whoever is signed in has neither.
EVENTS = chain(
    route("notifications:receive", post=EVERYBODY, **OPEN),
    route("notifications:page", get=STAFF),
    route("notifications:webhook_register", post=ADMINS, calls_out=True),
    route("notifications:webhook_test", post=ADMINS, calls_out=True),
)

DISCOVERY = chain(
    route("discovery:run_list", get=STAFF),
    route("discovery:run_create", post=DISCOVERERS),
    route("discovery:run_detail", get=STAFF),
    route("discovery:run_progress", get=STAFF),
    route("discovery:run_mark_missing", get=ADMINS, post=ADMINS, sends={"reason": "they left"}),
)

LINKING = chain(
    route("services:microsoft_csp", get=EVERYBODY),
    route("linking:tenant_list", get=EVERYBODY),
    route("linking:tenant_export", get=EVERYBODY),
    route("linking:tenant_detail", get=EVERYBODY),
    route(
        "linking:tenant_link",
        on="unlinked tenant",
        get=LINKERS,
        post=LINKERS,
        sends={"organization": "$organization"},
        also=({"proposed": "$organization"}, {"organization_text": "$organization number"}),
    ),
    route("linking:tenant_unlink", get=LINKERS, post=LINKERS, sends={"reason": "a mistake"}),
    route(
        "linking:tenant_create_organization",
        on="unlinked tenant",
        get=LINKERS,
        post=LINKERS,
        sends=NEW_ORGANIZATION,
        calls_out=True,
    ),
    route("linking:link_undo", post=LINKERS),
)

DIRECTORY = chain(
    route("directory:organization_list", get=EVERYBODY),
    route("directory:organization_create", get=LINKERS, post=LINKERS, sends=LISTED_ORGANIZATION),
    route("directory:organization_options", get=EVERYBODY),
    route("directory:organization_detail", get=EVERYBODY),
    route("directory:organization_edit", get=LINKERS, post=LINKERS, sends=CHANGED_ORGANIZATION),
    route("directory:account_create", get=LINKERS, post=LINKERS, sends=ACCOUNT),
    route("directory:account_edit", get=LINKERS, post=LINKERS, sends=ACCOUNT),
)

MEMBERS = chain(
    route("members:member_list", get=MEMBER_READERS),
    route(
        "members:member_create",
        get=ADMINS,
        post=ADMINS,
        sends={
            "email": "new@example.com",
            "full_name": "New Person",
            "role": "customer_viewer",
            "organization": "$organization",
        },
        also=(
            {
                "email": "new@example.com",
                "full_name": "New Person",
                "role": "customer_viewer",
                "organization_text": "$organization number",
            },
        ),
    ),
    route("members:member_remove", on="colleague", get=ADMINS, post=ADMINS),
)

BILLING = chain(
    route("invoices:invoice_list", get=ACCOUNTANTS),
    route("invoices:invoice_detail", get=ACCOUNTANTS),
    route("invoices:line_detail", get=ACCOUNTANTS),
    route("invoices:line_export", get=ACCOUNTANTS),
    route(
        "invoices:import",
        get=IMPORTERS,
        post=IMPORTERS,
        sends={"connection": "$connection", "month": "2026-05"},
    ),
)

REPORTS = chain(
    route("reports:report_list", get=ACCOUNTANTS),
    route("reports:report_detail", get=ACCOUNTANTS),
    route("reports:report_export", get=ACCOUNTANTS),
    route("reports:line_export", get=ACCOUNTANTS),
    route("reports:unassigned", get=ACCOUNTANTS),
    route("reports:organization_report", get=ACCOUNTANTS),
    route("reports:tenant_lines", get=ACCOUNTANTS),
    route("reports:unnamed_lines", get=ACCOUNTANTS),
)

OVERSIGHT = chain(
    route("jobs:job_list", get=STAFF),
    route("jobs:job_detail", get=STAFF),
    route("jobs:job_progress", get=STAFF),
    route("jobs:job_retry", post=RETRIERS),
    route("audit:audit_list", get=OVERSEERS),
    route("audit:audit_event", get=OVERSEERS),
)

PAGES: tuple[Row, ...] = tuple(
    chain(
        SIGNING_IN,
        OWN,
        CONNECTIONS,
        DISCOVERY,
        EVENTS,
        LINKING,
        DIRECTORY,
        MEMBERS,
        BILLING,
        REPORTS,
        OVERSIGHT,
    )
)
