"""Row-level security of suggestions. Customers see none of them."""

from django.db import migrations

from portal.core.database.security import composite_key, secure_table


class Migration(migrations.Migration):
    dependencies = [("organizations", "0006_suggestions"), ("tenants", "0002_security")]

    operations = [
        *secure_table("organizations_linksuggestion"),
        composite_key("organizations_linksuggestion", "tenant_id", "tenants_tenant"),
        composite_key(
            "organizations_linksuggestion", "organization_id", "organizations_organization"
        ),
        *secure_table("organizations_suggestionstate", parent_key=False),
    ]
