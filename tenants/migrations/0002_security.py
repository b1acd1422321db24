"""Row-level security of the tenants floor, and the search index.

Customers see tenants through their live links; that policy comes with the table of links, one floor
up. Connections are never shown to customers.
"""

from django.db import migrations

from portal.core.database.security import composite_key, secure_table

SEARCH_INDEX = (
    "CREATE INDEX tenants_tenant_search ON tenants_tenant"
    " USING gin (reseller_id, search gin_trgm_ops)"
)


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial"), ("core", "0002_security")]

    operations = [
        *secure_table("tenants_connection"),
        *secure_table("tenants_tenant"),
        composite_key("tenants_tenant", "connection_id", "tenants_connection"),
        migrations.RunSQL(SEARCH_INDEX, "DROP INDEX tenants_tenant_search"),
        *secure_table("tenants_discoveryrun"),
        composite_key("tenants_discoveryrun", "connection_id", "tenants_connection"),
        composite_key("tenants_discoveryrun", "job_id", "core_job"),
        *secure_table("tenants_sightedtenant", parent_key=False),
        composite_key(
            "tenants_sightedtenant", "run_id", "tenants_discoveryrun", on_delete="CASCADE"
        ),
    ]
