"""Row-level security of country rules and indirect resellers. Customers see none of them."""

from django.db import migrations

from portal.core.database.security import composite_key, secure_table


class Migration(migrations.Migration):
    dependencies = [("tenants", "0016_countries")]

    operations = [
        *secure_table("tenants_countryruleset"),
        composite_key(
            "tenants_countryruleset", "connection_id", "tenants_connection", on_delete="CASCADE"
        ),
        *secure_table("tenants_indirectreseller"),
        composite_key(
            "tenants_indirectreseller", "connection_id", "tenants_connection", on_delete="CASCADE"
        ),
    ]
