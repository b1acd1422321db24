"""What runs or leaves the portal beside its addresses: tasks, jobs, commands, exports (gate A02).

Whatever is new has to be written down here, by somebody who then thinks about whose data it touches
and whose it shows.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Task:
    """A task of the queue. ``takes``: arguments, ids only. ``for_one``: works for one reseller."""

    name: str
    takes: tuple[str, ...]
    for_one: bool


TASKS = (
    Task("portal.run_job", ("job_id",), for_one=True),
    # Takes nothing: what is done by the clock goes round the resellers, in the scope of each.
    Task("portal.tick", (), for_one=False),
)

JOB_KINDS = (
    "billing.import_invoices",
    "billing.read_unbilled",
    "organizations.bulk_link",
    "organizations.bulk_undo",
    "organizations.check_file",
    "organizations.confirm_agreement",
    "organizations.provision",
    "organizations.reconcile_conditions",
    "organizations.run_file",
    "organizations.suggest",
    "portal.deliver_message",
    "tenants.check_mfa",
    "tenants.discover",
    "tenants.integration_test",
    "tenants.look",
    "tenants.poll_audit",
    "tenants.read_country_rules",
    "tenants.read_indirect_resellers",
    "tenants.renew_sign_in",
)

SCHEDULES = (
    "alert digests",
    "alert reconciliation",
    "audit poll",
    "connection upkeep",
    "country rules",
    "due looks",
    "due messages",
    "end of first passwords",
    "end of ignoring",
    "forgetting of bulk drafts",
    "forgetting of notifications",
    "forgetting of uploaded files",
    "indirect resellers",
    "looking after provisioning",
    "nightly discovery",
    "nightly integration test",
    "nightly suggestions",
    "nightly unbilled",
    "suggestions after changes",
)

COMMANDS = {
    "backup": "everything of all resellers, as app_backup, into a file only its owner may read",
    "create_reseller": "makes a reseller and its first administrator; reads nothing of another",
    "demo": "starts everything; for people who try the portal out",
    "export_links": "one reseller, named by --reseller",
    "export_organizations": "one reseller, named by --reseller",
    "discover_tenants": "one reseller, named by --reseller",
    "import_invoices": "one reseller, named by --reseller",
    "import_links": "one reseller, named by --reseller",
    "import_organizations": "one reseller, named by --reseller",
    "migrate": "the schema; refuses to end with a table that is not protected",
    "partnercenter_simulator": "no data of any reseller",
    "prepare_database": "roles and schema rights",
    "reconcile": "one reseller, named by --reseller",
    "resume_reseller": "one reseller, named by --reseller",
    "rotate_keys": "sealed secrets of all resellers, each in its own scope; shows none of them",
    "suspend_reseller": "one reseller, named by --reseller",
    "relay": "headers of jobs of all resellers, under a role that sees no more",
    "restore": "everything of all resellers, as an administrator, into an empty database",
    "seed_demo": "fills an empty demo",
    "suggest_links": "one reseller, named by --reseller",
}
PER_RESELLER = (
    "discover_tenants",
    "export_links",
    "export_organizations",
    "import_invoices",
    "import_links",
    "import_organizations",
    "reconcile",
    "resume_reseller",
    "suggest_links",
    "suspend_reseller",
)

LINE_COLUMNS = (
    "month",
    "invoice",
    "line",
    "section",
    "organization_number",
    "organization",
    "tenant_id",
    "customer",
    "domain",
    "subscription",
    "product",
    "sku",
    "charge_type",
    "quantity",
    "unit_price",
    "subtotal",
    "tax",
    "total",
    "currency",
    "charge_start",
    "charge_end",
    "provider",
)
STATEMENT_COLUMNS = (
    "month",
    "connection",
    "kind",
    "mpn_id",
    "organization_number",
    "organization",
    "currency",
    "lines",
    "subtotal",
    "tax",
    "total",
)
REPORT_COLUMNS = (
    "month",
    "section",
    "organization_number",
    "organization",
    "tenant_id",
    "tenant",
    "domain",
    "invoice",
    "currency",
    "lines",
    "subtotal",
    "tax",
    "total",
)
TENANT_COLUMNS = (
    "microsoft_id",
    "name",
    "domain",
    "status",
    "organization_number",
    "organization_name",
    "country",
    "first_seen_at",
    "billed_amount",
    "billed_currency",
    "billed_month",
)
STEP_COLUMNS = (
    "connection",
    "asked_at",
    "asked_by",
    "position",
    "step",
    "title",
    "state",
    "seconds",
    "seen",
    "reason",
    "advice",
    "code",
    "correlation_id",
    "request_id",
)
DECISION_COLUMNS = (
    "at",
    "what",
    "kind",
    "about",
    "microsoft_id",
    "who",
    "why",
    "detail",
    "days",
    "state_now",
)
BULK_COLUMNS = (
    "position",
    "line",
    "microsoft_id",
    "tenant",
    "organization_number",
    "organization",
    "action",
    "outcome",
    "code",
    "detail",
)
LINK_COLUMNS = (
    "microsoft_id",
    "tenant_name",
    "domain",
    "organization_number",
    "organization_name",
    "how",
    "why",
)
ORGANIZATION_COLUMNS = (
    "number",
    "name",
    "primary_domain",
    "registration_number",
    "country",
    "notification_email",
    "contact_phone",
    "kind",
    "mpn_id",
    "microsoft_partner_id",
    "parent_number",
    "created_at",
    "account_customer_number",
    "account_email",
    "account_phone",
    "account_currency",
    "account_address_line1",
    "account_address_line2",
    "account_city",
    "account_state",
    "account_postal_code",
    "account_country",
    # The custom fields of the cast, as an administrator sees them; those of a connection without
    # the part that names it.
    "field:sector",
    "field:open",
    "account_field:prefix",
    "account_field:username",
    "account_field:domain_prefix",
    "account_field:spare",
    "account_field:note",
)
EXPORTS = {
    "alert:decision_export": DECISION_COLUMNS,
    "api:links-export": LINK_COLUMNS,
    "api:organizations-export": ORGANIZATION_COLUMNS,
    "bulk:bulk_export": BULK_COLUMNS,
    "directory:organization_export": ORGANIZATION_COLUMNS,
    "files:remark_export": ("line", "column", "is_error", "text"),
    "linking:link_export": LINK_COLUMNS,
    "integration:integration_csv": STEP_COLUMNS,
    "linking:tenant_export": TENANT_COLUMNS,
    "invoices:line_export": LINE_COLUMNS,
    "reports:line_export": LINE_COLUMNS,
    "reports:report_export": REPORT_COLUMNS,
    "reports:partners_export": STATEMENT_COLUMNS,
    "api:invoices-export": LINE_COLUMNS,
    "api:reports-export": REPORT_COLUMNS,
}
"""Every route that answers CSV, with its columns in order."""
MONEY_COLUMNS = {"billed_amount", "billed_currency", "billed_month"}
"""What an export that customers may take has to leave empty for them."""

CACHE_KEYS = {
    r"tenantry:limit:(?P<reseller>\d+):user:[0-9a-f-]{36}": "requests of one person",
    r"tenantry:limit:(?P<reseller>\d+):token:[0-9a-f]{64}": "requests with one API token",
    r"tenantry:limit:(?P<reseller>\d+):reseller": "requests of one reseller",
    r"tenantry:limit:shared:address:[0-9a-f.:/]+": "shared: an address is nobody's own",
    r"tenantry:limit:shared:webhook:[0-9a-f.:/]+": "shared: an address is nobody's own",
    r"tenantry:webhook:(?P<reseller>\d+):download:[0-9a-f-]{36}": "when one was last downloaded",
    r"tenantry:webhook:shared:certificate:[0-9a-f]{64}": "shared: Microsoft's, public",
    r"tenantry:metrics:[a-z_]+": "shared: counts by words of the code, shown to the operator alone",
}
"""Every key in the cache, as a pattern. One that is not shared names its reseller."""
MEMORIES = {
    "billing/invoices/copying.py:_day": "a date written out",
    "billing/invoices/copying.py:_tenant_id": "an id written out",
    "organizations/directory/fields.py:_codes_by_name": "countries",
    "organizations/directory/fields.py:country_names": "countries",
    "organizations/alert/context.py:count": "one request's own number, gone with the request",
    "organizations/suggestions/matching/addresses.py:read_domain": "a domain read from text",
    "organizations/suggestions/matching/alike.py:_slip": "two words compared",
    "organizations/suggestions/matching/alike.py:is_branch": "a word looked up",
    "organizations/suggestions/matching/letters.py:settle": "a word's letters",
    "organizations/suggestions/matching/names.py:_is_misspelt_legal": "a word looked up",
    "organizations/suggestions/matching/numbers.py:read_number": "a number read from text",
    "partnercenter/schemas/fields.py:_written_amount": "a number read from text",
    "partnercenter/schemas/fields.py:as_moment": "a time read from text",
    "partnercenter/schemas/line_items.py:_customer_id": "an id read from text",
    "partnercenter/webhook_signatures.py:_store": "roots, by the file they are in",
    "portal/core/encryption.py:_ring": "the installation's keys, by their text",
    "portal/core/shared.py:client": "the way to Redis",
    "portal/core/zones.py:time_zones": "the machine's time zones",
    "tenants/countries/patterns.py:_tree_of": "a pattern of Microsoft's, taken apart",
    "tenants/countries/rules.py:offline_rules": "the rules of a country that come with the portal",
    "portal/web/addresses.py:_halves": "routes, by their name",
    "portal/web/health.py:_migrations": "the release's migrations",
    "portal/web/templatetags/ui.py:icon": "pictures, by their name",
    "portal/web/templatetags/ui.py:status": "a word and its tone, as they are said",
    "portal/web/wording.py:_parse": "locales, by their name",
    "portal/web/wording.py:_write_moment": "a moment written out",
}
"""Every function that remembers its answers. What each gives depends on its arguments and on the
installation; whose request it is enters none of them."""
