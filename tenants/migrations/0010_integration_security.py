"""Row-level security of integration tests. Customers see none of them."""

from django.db import migrations

from portal.core.database.security import composite_key, secure_table


class Migration(migrations.Migration):
    dependencies = [("tenants", "0009_integration")]

    operations = [
        *secure_table("tenants_integrationtest"),
        composite_key("tenants_integrationtest", "connection_id", "tenants_connection"),
        composite_key("tenants_integrationtest", "job_id", "core_job"),
        *secure_table("tenants_integrationstep"),
        composite_key(
            "tenants_integrationstep", "test_id", "tenants_integrationtest", on_delete="CASCADE"
        ),
    ]
