"""Row-level security of what Microsoft tells. Customers are shown none of it.

An event comes from a stranger who names a key and no reseller; as for a token, whose it is is found
out in the identity's role, which reads registrations and nothing else of them can be changed by it.
"""

from django.db import migrations

from portal.core.database.security import composite_key, grant_policy, secure_table

TABLES = (
    "tenants_webhookregistration",
    "tenants_receivedevent",
    "tenants_look",
    "tenants_auditcursor",
    "tenants_seenrecord",
)


class Migration(migrations.Migration):
    dependencies = [("tenants", "0007_notifications"), ("core", "0002_security")]

    operations = [
        operation
        for table in TABLES
        for operation in (
            *secure_table(table),
            composite_key(table, "connection_id", "tenants_connection"),
        )
    ] + grant_policy("tenants_webhookregistration", "app_identity", "true", ["SELECT"])
