"""Row-level security of bulk links. Customers are shown none of them."""

from django.db import migrations

from portal.core.database.security import composite_key, secure_table


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0008_bulk"),
        ("tenants", "0002_security"),
        ("core", "0002_security"),
    ]

    operations = [
        *secure_table("organizations_bulklink"),
        composite_key("organizations_bulklink", "organization_id", "organizations_organization"),
        composite_key("organizations_bulklink", "job_id", "core_job"),
        composite_key("organizations_bulklink", "undo_job_id", "core_job"),
        *secure_table("organizations_bulkitem", parent_key=False),
        composite_key(
            "organizations_bulkitem", "bulk_id", "organizations_bulklink", on_delete="CASCADE"
        ),
        composite_key("organizations_bulkitem", "tenant_id", "tenants_tenant"),
        composite_key("organizations_bulkitem", "organization_id", "organizations_organization"),
        composite_key("organizations_bulkitem", "link_id", "organizations_link"),
    ]
