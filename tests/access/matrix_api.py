"""The matrix of the API."""

from itertools import chain

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
    route("api:organizations-export", get=EVERYBODY),
    route("api:organizations-list", get=EVERYBODY, post=KEEPERS, sends=LISTED_ORGANIZATION),
    route(
        "api:organizations-detail",
        on="organization",
        get=EVERYBODY,
        patch=KEEPERS,
        sends={"name": "Renamed Bakery", "parent": "$parent"},
    ),
    route(
        "api:organizations-merge-preview",
        on="organization",
        post=ADMINS,
        sends={"into": "$parent"},
    ),
    route(
        "api:organizations-merge",
        on="organization",
        post=ADMINS,
        sends={"into": "$parent", "reason": "the same"},
    ),
    route(
        "api:accounts-list",
        get=EVERYBODY,
        post=KEEPERS,
        sends={"organization": "$organization", "name": "Fresh account", "currency": "EUR"},
    ),
    route(
        "api:accounts-detail",
        on="account",
        get=EVERYBODY,
        patch=KEEPERS,
        sends={"name": "Renamed account"},
    ),
)

SYNC_OPTIONS = {
    "connection": "$connection",
    "username": "fresh",
    "domain_prefix": "freshprefix",
}
SYNCHRONIZING = chain(
    route(
        "api:account-synchronization-synchronization",
        on="account",
        get=EVERYBODY,
        put=PROVISIONERS,
        sends=SYNC_OPTIONS,
    ),
    route(
        "api:account-synchronization-address-check",
        on="account",
        post=PROVISIONERS,
        sends={"connection": "$connection"},
        calls_out=True,
    ),
    route(
        "api:account-synchronization-domain-availability",
        on="account",
        post=PROVISIONERS,
        sends={"connection": "$connection", "domain_prefix": "freshprefix"},
        calls_out=True,
    ),
    route("api:connection-services-definitions-services-definitions", on="connection", post=ADMINS),
    route("api:indirect-resellers-list", get=STAFF),
    route("api:indirect-resellers-detail", on="indirect_reseller", get=STAFF),
    route(
        "api:indirect-resellers-link",
        on="indirect_reseller",
        post=LINKERS,
        sends={"organization": "$parent"},
    ),
    route(
        "api:indirect-resellers-create-organization",
        on="indirect_reseller",
        post=LINKERS,
        sends=NEW_ORGANIZATION,
    ),
    route(
        "api:connection-indirect-resellers-read-indirect-resellers",
        on="connection",
        post=LINKERS,
        # It calls nobody, but the cast's connections are direct and have no such list.
        calls_out=True,
    ),
)

VALUES: dict[str, dict[str, str]] = {"custom_fields": {}}
FIELDS = chain(
    route(
        "api:custom-fields-list",
        get=STAFF,
        post=ADMINS,
        sends={"entity": "account", "label": "Fresh field"},
    ),
    route(
        "api:custom-fields-detail",
        on="definition",
        get=STAFF,
        patch=ADMINS,
        delete=ADMINS,
        sends={"label": "Renamed field"},
    ),
    route("api:accounts-custom-fields", on="account", patch=FIELD_FILLERS, sends=VALUES),
    route("api:organizations-custom-fields", on="organization", patch=FIELD_FILLERS, sends=VALUES),
    route("api:members-custom-fields", on="colleague", patch=FIELD_FILLERS, sends=VALUES),
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
        "api:tenants-move",
        on="tenant",
        post=LINKERS,
        sends={"organization": "$organization", "reason": "they were sold"},
        also=(
            {"organization": "$organization number"},
            {"account": "$account"},
            {"organization": "$parent", "link": "$link"},
        ),
    ),
    route(
        "api:tenant-agreement-agreement",
        on="tenant",
        get=STAFF,
        post=LINKERS,
        sends={
            "first_name": "Anna",
            "last_name": "de Vries",
            "email": "anna@fresh.example",
            "agreed_on": "2026-11-01",
        },
    ),
    route("api:moves-detail", on="tenant", get=LINKERS),
    route(
        "api:tenants-create-organization",
        on="unlinked tenant",
        post=LINKERS,
        sends=NEW_ORGANIZATION,
        calls_out=True,
    ),
    route(
        "api:tenants-ignore",
        on="unlinked tenant",
        post=LINKERS,
        sends={"kind": "test", "reason": "for trying out"},
    ),
    route("api:tenants-ignore", on="tenant", get=EVERYBODY),
    route("api:tenants-unignore", on="ignored tenant", post=LINKERS),
    route(
        "api:tenants-offboarding",
        on="tenant",
        get=LINKERS,
        post=LINKERS,
        sends={"step": "told"},
        calls_out=True,
    ),
    route(
        "api:tenants-ignore-many",
        post=LINKERS,
        sends={"tenants": ["$unlinked tenant"], "kind": "own", "reason": "ours"},
    ),
    route("api:links-list", get=EVERYBODY),
    route("api:links-export", get=EVERYBODY),
    route("api:links-detail", on="link", get=EVERYBODY),
    route("api:links-undo", on="link", post=LINKERS),
    route("api:alerts/unlinked-tenants-list", get=STAFF),
    route("api:link-suggestions-list", get=STAFF),
    route("api:link-suggestions-detail", on="suggestion", get=STAFF),
    route("api:link-suggestions-accept", on="suggestion", post=LINKERS),
    route(
        "api:link-suggestions-dismiss",
        on="suggestion",
        post=LINKERS,
        sends={"reason": "another bakery"},
    ),
    route("api:link-suggestions-restore", on="dismissed suggestion", post=LINKERS),
    route("api:link-suggestions-suggest", post=LINKERS),
    route(
        "api:link-suggestions-automatic",
        get=STAFF,
        patch=ADMINS,
        sends={"applies_certain": True},
    ),
)

BULK = chain(
    route(
        "api:bulk-links-list",
        get=STAFF,
        post=LINKERS,
        sends={
            "plan": "link",
            "query": {"linked": "false", "ignored": "false"},
            "expected_count": 1,
            "organization": "$organization",
        },
        also=(
            {
                "plan": "link",
                "query": {"linked": "false", "ignored": "false"},
                "expected_count": 1,
                "organization": "$organization number",
            },
        ),
    ),
    route("api:bulk-links-detail", on="bulk", get=STAFF, delete=LINKERS),
    route("api:bulk-links-items", on="bulk", get=STAFF),
    route("api:bulk-links-run", on="bulk", post=LINKERS),
    route("api:bulk-links-retry", on="done bulk", post=LINKERS),
    route("api:bulk-links-undo", on="done bulk", post=LINKERS, sends={"reason": "a mistake"}),
)

FILES = chain(
    route(
        "api:imports-list",
        get=STAFF,
        post=LINKERS,
        sends={"kind": "organizations", "content": "name\nFresh Bakery\n"},
    ),
    route("api:imports-detail", on="file", get=STAFF, delete=LINKERS),
    route("api:imports-run", on="file", post=LINKERS),
    route("api:imports-remarks", on="file", get=STAFF),
)

PROVISIONING = chain(
    route(
        "api:provisioning-requests-list",
        get=TRADERS,
        post=PROVISIONERS,
        sends={
            "account": "$account",
            "connection": "$connection",
            "username": "admin",
            "domain": "fresh-bakery.example.com",
        },
    ),
    route("api:provisioning-requests-detail", on="provisioning", get=TRADERS),
    route("api:provisioning-requests-confirm", on="provisioning", post=PROVISIONERS),
    route("api:provisioning-requests-retry", on="refused provisioning", post=PROVISIONERS),
    route("api:provisioning-requests-resume", on="stuck provisioning", post=PROVISIONERS),
    route("api:provisioning-requests-cancel", on="provisioning", post=PROVISIONERS),
)

PREFERENCES = {
    "digest": True,
    "digest_day": 0,
    "digest_hour": 8,
    "time_zone": "Europe/Amsterdam",
    "muted": [],
    "quiet_from": None,
    "quiet_until": None,
    "connections": ["$connection"],
    "organizations": ["$parent"],
}
ALERT = chain(
    route("api:alerts/conditions-list", get=STAFF),
    route("api:alerts/conditions-detail", on="condition", get=STAFF),
    route(
        "api:alerts/conditions-assign",
        on="condition",
        post=ALERT_MANAGERS,
        sends={"assignee": "$owner"},
    ),
    route(
        "api:alerts/conditions-acknowledge",
        on="condition",
        post=ALERT_MANAGERS,
        sends={"until": IN_A_WEEK, "reason": "known"},
    ),
    route("api:alerts/conditions-reopen", on="condition", post=ALERT_MANAGERS),
    route(
        "api:alerts/conditions-assign-many",
        post=ALERT_MANAGERS,
        sends={"conditions": ["$condition"], "assignee": "$owner"},
    ),
    route(
        "api:alerts/conditions-acknowledge-many",
        post=ALERT_MANAGERS,
        sends={"conditions": ["$condition"], "until": IN_A_WEEK, "reason": "known"},
    ),
    route("api:alerts/preferences-list", get=STAFF, post=ALERT_MANAGERS, sends=PREFERENCES),
    route(
        "api:webhooks-list",
        get=ADMINS,
        post=ADMINS,
        sends={"url": "https://hooks.example.com/fresh", "events": ["alert.digest"]},
    ),
    route(
        "api:webhooks-detail",
        on="webhook",
        get=ADMINS,
        patch=ADMINS,
        delete=ADMINS,
        sends={"state": "paused"},
    ),
    route("api:webhooks-rotate", on="webhook", post=ADMINS),
    route("api:deliveries-list", get=ADMINS),
    route("api:deliveries-detail", on="delivery", get=ADMINS),
    route("api:deliveries-retry", on="delivery", post=ADMINS),
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

LETTER = {
    "language": "en",
    "to": "{#Accounts.Email#}",
    "subject": "Fresh subject",
    "body": "Fresh text for {#Accounts.Name#}",
}
TRIED = {"language": "en", "about": "$account"}
PASSWORDS = chain(
    route("api:letters-list", get=ADMINS),
    route("api:letters-detail", on="kind", get=ADMINS, put=ADMINS, sends=LETTER),
    route("api:letters-preview", on="kind", post=ADMINS, sends={**LETTER, **TRIED}),
    route("api:letters-test", on="kind", post=ADMINS, sends=TRIED),
    route("api:letters-reset", on="kind", post=ADMINS, sends={"language": "en"}),
    route("api:first-passwords-list", get=PASSWORD_KEEPERS),
    route("api:first-passwords-detail", on="first_password", get=PASSWORD_KEEPERS),
    route("api:first-passwords-send", on="first_password", post=PASSWORD_KEEPERS),
    route(
        "api:first-passwords-redirect",
        on="first_password",
        post=ADMINS,
        sends={"reason": "they moved"},
    ),
    route(
        "api:first-passwords-handing",
        get=LINKERS,
        patch=ADMINS,
        sends={"own_address": "us@example.com"},
    ),
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
    route("api:reports-resellers", get=ACCOUNTANTS),
    route(
        "api:reports-close",
        post=CLOSERS,
        sends={"accept_unassigned": True, "reason": "nobody is charged"},
    ),
    route("api:reports-reopen", on="closed month", post=CLOSERS, sends={"reason": "a mistake"}),
)

VIEW = {"table": "tenants", "name": "Mine", "query": "tab=unlinked", "is_default": False}
TABLES = chain(
    route("api:find-list", get=EVERYBODY),
    route("api:saved-views-list", get=EVERYBODY, post=EVERYBODY, sends=VIEW),
    route("api:saved-views-detail", on="view", get=EVERYBODY, delete=EVERYBODY),
    route(
        "api:table-columns-list",
        get=EVERYBODY,
        post=EVERYBODY,
        sends={"table": "tenants", "columns": ["status"]},
    ),
)

API: tuple[Row, ...] = tuple(
    chain(
        DESCRIPTION,
        TABLES,
        CONNECTIONS,
        DIRECTORY,
        FIELDS,
        SYNCHRONIZING,
        LINKING,
        ALERT,
        BULK,
        FILES,
        PROVISIONING,
        MEMBERS,
        PASSWORDS,
        BILLING,
        OVERSIGHT,
    )
)
