"""The matrix of the pages."""

from itertools import chain
from typing import Any

from tests.access.matrix import (
    ACCOUNTANTS,
    ADMINS,
    ALERT_MANAGERS,
    CLOSERS,
    DISCOVERERS,
    EVERYBODY,
    FIELD_FILLERS,
    IMPORTERS,
    IN_A_WEEK,
    KEEPERS,
    LINKERS,
    MEMBER_READERS,
    OVERSEERS,
    PASSWORD_KEEPERS,
    PROVISIONERS,
    RETRIERS,
    STAFF,
    TOKEN_OWNERS,
    TRADERS,
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
CLOSING = {"accept_unassigned": "on", "reason": "nobody is charged"}
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

TABLES = chain(
    route("finding:find", get=EVERYBODY),
    route("tables:arrange", get=EVERYBODY),
    route("tables:columns", post=EVERYBODY, sends={"columns": "status"}),
    route(
        "tables:view_create", post=EVERYBODY, sends={"name": "Mine", "full_query": "tab=unlinked"}
    ),
    route("tables:view_default", post=EVERYBODY),
    route("tables:view_remove", post=EVERYBODY),
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
    route("linking:link_export", get=EVERYBODY),
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
    route(
        "moving:tenant_move",
        get=LINKERS,
        post=LINKERS,
        sends={"organization": "$parent"},
        also=(
            {"proposed": "$parent"},
            {"organization_text": "$organization number"},
            {"organization": "$parent", "link": "$link"},
        ),
    ),
    route("linking:link_undo", post=LINKERS),
    route(
        "ignoring:tenant_ignore",
        on="unlinked tenant",
        get=LINKERS,
        post=LINKERS,
        sends={"kind": "test", "reason": "for trying out"},
    ),
    route("ignoring:tenant_unignore", on="ignored tenant", get=LINKERS, post=LINKERS),
    route(
        "offboarding:tenant_offboarding",
        get=LINKERS,
        post=LINKERS,
        sends={"step": "told", "done": "true"},
        calls_out=True,
    ),
    route(
        "ignoring:tenants_ignore",
        post=LINKERS,
        sends={"selected": "$unlinked tenant", "kind": "own", "reason": "ours"},
    ),
    route("suggestions:overview", get=STAFF),
    route("suggestions:ask", post=LINKERS),
    route("suggestions:automatic", post=ADMINS, sends={"applies": "true"}),
    route("suggestions:accept", post=LINKERS),
    route("suggestions:dismiss", post=LINKERS, sends={"reason": "another bakery"}),
    route("suggestions:restore", on="dismissed suggestion", post=LINKERS),
)

BULK = chain(
    route("bulk:bulk_list", get=STAFF),
    route(
        "bulk:bulk_new",
        get=LINKERS,
        post=LINKERS,
        sends={
            "plan": "link",
            "preview": "1",
            "selected": "$unlinked tenant",
            "organization": "$organization",
        },
        also=tuple(
            {"plan": "link", "preview": "1", "selected": "$unlinked tenant", name: named}
            for name, named in (
                ("organization_text", "$organization number"),
                ("proposed", "$organization"),
            )
        ),
    ),
    route("bulk:bulk_detail", get=STAFF),
    route("bulk:bulk_progress", on="done bulk", get=STAFF),
    route("bulk:bulk_run", post=LINKERS),
    route("bulk:bulk_discard", post=LINKERS),
    route("bulk:bulk_retry", on="done bulk", post=LINKERS),
    route(
        "bulk:bulk_undo",
        on="done bulk",
        get=LINKERS,
        post=LINKERS,
        sends={"reason": "a mistake"},
    ),
    route("bulk:bulk_export", on="done bulk", get=STAFF),
)

PREFERENCES = {
    "digest_day": "0",
    "digest_hour": "8",
    "time_zone": "Europe/Amsterdam",
    "connections": "$connection",
    "organizations": "$parent",
}
ALERT = chain(
    route("alert:condition_list", get=STAFF),
    route("alert:condition_detail", get=STAFF),
    route("alert:decision_export", get=STAFF),
    route(
        "alert:assign",
        get=ALERT_MANAGERS,
        post=ALERT_MANAGERS,
        sends={"selected": "$condition", "sure": "1", "assignee": "$owner"},
    ),
    route(
        "alert:acknowledge",
        get=ALERT_MANAGERS,
        post=ALERT_MANAGERS,
        sends={"selected": "$condition", "sure": "1", "until": IN_A_WEEK, "reason": "known"},
    ),
    route(
        "alert:reopen",
        get=ALERT_MANAGERS,
        post=ALERT_MANAGERS,
        sends={"selected": "$condition", "sure": "1"},
    ),
    route("alert:preferences", get=ALERT_MANAGERS, post=ALERT_MANAGERS, sends=PREFERENCES),
)

MESSAGES = chain(
    route("notify:delivery_list", get=ADMINS),
    route("notify:delivery_retry", post=ADMINS),
    route(
        "notify:webhook_list",
        get=ADMINS,
        post=ADMINS,
        sends={"url": "https://hooks.example.com/fresh", "events": "alert.digest"},
    ),
    route("notify:webhook_rotate", post=ADMINS),
    route("notify:webhook_pause", post=ADMINS),
    route("notify:webhook_remove", get=ADMINS, post=ADMINS),
)

LETTER = {
    "language": "en",
    "to": "{#Accounts.Email#}",
    "subject": "Fresh subject",
    "body": "Fresh text for {#Accounts.Name#}",
    "about": "$account",
}
LETTERS = chain(
    route("letters:letter_list", get=ADMINS),
    route(
        "letters:letter_detail",
        get=ADMINS,
        post=ADMINS,
        sends=LETTER,
        also=({**LETTER, "preview": "1"},),
    ),
    route("letters:letter_test", post=ADMINS, sends={"language": "en", "about": "$account"}),
    route("letters:letter_reset", post=ADMINS, sends={"language": "en"}),
)

PASSWORDS = chain(
    route("passwords:first_password_list", get=PASSWORD_KEEPERS),
    route("passwords:first_password_detail", get=PASSWORD_KEEPERS),
    route("passwords:first_password_send", post=PASSWORD_KEEPERS),
    route(
        "passwords:first_password_redirect",
        get=ADMINS,
        post=ADMINS,
        sends={"reason": "they moved"},
    ),
    route("passwords:handing", get=LINKERS, post=ADMINS, sends={"own_address": "us@example.com"}),
    # Whoever has the link, and then the code of the mail; nobody is let in for who they are.
    route("welcome:open", get=EVERYBODY, post=EVERYBODY, **OPEN),
)

DIRECTORY = chain(
    route("directory:organization_list", get=EVERYBODY),
    route("directory:organization_export", get=EVERYBODY),
    route("directory:organization_create", get=KEEPERS, post=KEEPERS, sends=LISTED_ORGANIZATION),
    route("directory:organization_options", get=EVERYBODY),
    route("directory:organization_lookalikes", get=KEEPERS),
    route("directory:organization_detail", get=EVERYBODY),
    route("directory:organization_edit", get=KEEPERS, post=KEEPERS, sends=CHANGED_ORGANIZATION),
    route(
        "merging:organization_merge",
        get=ADMINS,
        post=ADMINS,
        sends={"into": "$parent", "reason": "the same", "confirm": "$organization name"},
    ),
    route("directory:account_detail", get=EVERYBODY),
    route("directory:account_create", get=KEEPERS, post=KEEPERS, sends=ACCOUNT),
    route("directory:account_edit", get=KEEPERS, post=KEEPERS, sends=ACCOUNT),
)

FIELD = {
    "entity": "account",
    "label": "Fresh field",
    "kind": "text",
    "seen_by": "staff",
    "edited_by": "staff",
}
FIELDS = chain(
    route("fields:definition_list", get=STAFF),
    route("fields:definition_create", get=STAFF, post=ADMINS, sends=FIELD),
    route("fields:definition_edit", get=STAFF, post=ADMINS, sends=FIELD),
    route("fields:definition_move", post=ADMINS, sends={"direction": "down"}),
    route("fields:definition_remove", get=STAFF, post=ADMINS, sends={"with_values": "on"}),
    route("fields:account_values", get=STAFF, post=FIELD_FILLERS),
    route("fields:organization_values", get=STAFF, post=FIELD_FILLERS),
    route("fields:membership_values", on="colleague", get=STAFF, post=FIELD_FILLERS),
)

SYNC_OPTIONS = {"username": "fresh", "domain_prefix": "freshprefix"}
SUGGESTED = {"address_line1": "1 Fresh Street", "city": "Utrecht", "country": "NL"}
SYNCHRONIZING = chain(
    route("synchronizing:system_list", get=EVERYBODY),
    route("synchronizing:sync_options", get=TRADERS, post=PROVISIONERS, sends=SYNC_OPTIONS),
    route("synchronizing:prefix_check", get=TRADERS),
    route("synchronizing:address_check", get=TRADERS),
    route("synchronizing:address_check", post=PROVISIONERS, calls_out=True),
    route("synchronizing:address_accept", post=PROVISIONERS, sends=SUGGESTED),
    route("synchronizing:services_definitions", post=ADMINS),
)

NEW_RESELLER = {
    "name": "Fresh Resale",
    "primary_domain": "fresh-resale.com",
    "notification_email": "it@fresh-resale.com",
    "contact_phone": "+31 20 123 4567",
}
AGREED = {
    "agreed_first_name": "Anna",
    "agreed_last_name": "de Vries",
    "agreed_email": "anna@fresh.example",
    "agreed_on": "2026-11-01",
}
INDIRECT = chain(
    route("agreements:tenant_agreement", get=STAFF, post=LINKERS, sends=AGREED),
    route("indirect:reseller_list", get=STAFF),
    route("indirect:resellers_read", post=LINKERS),
    route("indirect:reseller_link", get=LINKERS, post=LINKERS, sends={"organization": "$parent"}),
    route("indirect:reseller_create", get=LINKERS, post=LINKERS, sends=NEW_RESELLER),
)

FILES = chain(
    route("files:file_list", get=STAFF),
    route(
        "files:file_create",
        get=LINKERS,
        post=LINKERS,
        sends={"kind": "organizations", "content": "name\nFresh Bakery\n"},
        also=({"kind": "links", "content": "microsoft_id,organization_number\n"},),
    ),
    route("files:file_detail", get=STAFF),
    route("files:file_progress", get=STAFF),
    route("files:file_run", post=LINKERS),
    route("files:file_discard", post=LINKERS),
    route("files:remark_export", get=STAFF),
)

ASKED = {
    "number": "$organization number",
    "connection": "$connection",
    "username": "admin",
    # A domain that only exists, if at all: what is asked of a whole account is for other tests.
    "domain": "fresh-bakery.example.com",
    "token": "a form",
}
PROVISIONING = chain(
    route("provisioning:request_list", get=TRADERS),
    route("provisioning:request_create", get=TRADERS, post=PROVISIONERS, sends=ASKED),
    route("provisioning:request_detail", get=TRADERS),
    route("provisioning:request_progress", get=TRADERS),
    route("provisioning:request_confirm", post=PROVISIONERS),
    route("provisioning:request_retry", on="refused provisioning", post=PROVISIONERS),
    route("provisioning:request_resume", on="stuck provisioning", post=PROVISIONERS),
    route("provisioning:request_cancel", post=PROVISIONERS),
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
    route("members:member_detail", on="colleague", get=MEMBER_READERS),
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
    route("reports:partners", get=ACCOUNTANTS),
    route("reports:partners_export", get=ACCOUNTANTS),
    route("reports:organization_report", get=ACCOUNTANTS),
    route("reports:tenant_lines", get=ACCOUNTANTS),
    route("reports:unnamed_lines", get=ACCOUNTANTS),
    route("closing:month_close", get=CLOSERS, post=CLOSERS, sends=CLOSING),
    route(
        "closing:month_reopen",
        on="closed month",
        get=CLOSERS,
        post=CLOSERS,
        sends={"reason": "a mistake"},
    ),
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
        TABLES,
        CONNECTIONS,
        DISCOVERY,
        EVENTS,
        LINKING,
        BULK,
        ALERT,
        MESSAGES,
        LETTERS,
        PASSWORDS,
        DIRECTORY,
        FIELDS,
        SYNCHRONIZING,
        INDIRECT,
        FILES,
        PROVISIONING,
        MEMBERS,
        BILLING,
        REPORTS,
        OVERSIGHT,
    )
)
