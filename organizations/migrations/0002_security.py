"""Row-level security of the organizations floor.

A customer sees its own organization, its accounts and its links, and through the live links the
tenants one floor down: the sub-select reads the links under the customer's own policy.
"""

from django.db import migrations

from portal.core.database.security import RESELLER, composite_key, grant_policy, secure_table

LIVE_TENANTS = "id = ANY (ARRAY(SELECT tenant_id FROM organizations_link WHERE ends_at IS NULL))"
SEARCH_INDEX = (
    "CREATE INDEX organizations_organization_search ON organizations_organization"
    " USING gin (reseller_id, search gin_trgm_ops)"
)


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0001_initial"),
        ("tenants", "0002_security"),
        ("core", "0002_security"),
    ]

    operations = [
        *secure_table("organizations_organization", customer="id"),
        composite_key("organizations_organization", "parent_id", "organizations_organization"),
        migrations.RunSQL(SEARCH_INDEX, "DROP INDEX organizations_organization_search"),
        *secure_table("organizations_account", customer="organization_id"),
        composite_key("organizations_account", "organization_id", "organizations_organization"),
        *secure_table("organizations_numbering", parent_key=False),
        *secure_table("organizations_link", customer="organization_id"),
        composite_key("organizations_link", "tenant_id", "tenants_tenant"),
        composite_key("organizations_link", "account_id", "organizations_account"),
        composite_key("organizations_link", "organization_id", "organizations_organization"),
        composite_key("core_membership", "organization_id", "organizations_organization"),
        *grant_policy(
            "tenants_tenant", "app_customer",
            f"reseller_id = {RESELLER} AND {LIVE_TENANTS}", ["SELECT"],
        ),
    ]
