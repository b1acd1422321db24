"""Every audit action with its sentence. `record` refuses a name that is not here."""

ACTIONS: dict[str, str] = {
    "core.member_added": "gave {subject} a role",
    "core.member_removed": "took the role of {subject} away",
    "core.token_created": "made the API token {subject}",
    "core.token_revoked": "revoked the API token {subject}",
    "core.job_retried": "asked for {subject} to be tried again",
    "tenants.connection_created": "connected the Partner Center account {subject}",
    "tenants.connection_changed": "changed the connection {subject}",
    "tenants.connection_tested": "tested the connection {subject}",
    "tenants.discovery_requested": "asked for tenants to be discovered through {subject}",
    "tenants.discovery_completed": "discovered tenants through {subject}",
    "tenants.tenant_refreshed": "read the details of {subject} from Partner Center",
    "organizations.organization_created": "created the organization {subject}",
    "organizations.organization_changed": "changed the organization {subject}",
    "organizations.account_changed": "changed the account {subject}",
    "organizations.tenant_linked": "linked the tenant {subject}",
    "organizations.tenant_unlinked": "unlinked the tenant {subject}",
    "organizations.link_undone": "took back the link of {subject}",
    "billing.import_requested": "asked for the invoices of {subject} to be imported",
    "billing.invoice_imported": "imported the invoice {subject}",
    "billing.report_exported": "exported the report of {subject}",
}
