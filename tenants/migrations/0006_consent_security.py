"""Row-level security of consents, their tokens, health and claims. Customers see none of them."""

from django.db import migrations

from portal.core.database.security import composite_key, secure_table

OF_A_CONNECTION = (
    "tenants_consent",
    "tenants_consentrequest",
    "tenants_familyhealth",
    "tenants_partnerclaim",
)


CLAIM_WHAT_WORKS = """
    INSERT INTO tenants_partnerclaim (id, reseller_id, connection_id, partner_tenant, claimed_at)
    SELECT gen_random_uuid(), reseller_id, id, partner_tenant, now()
    FROM tenants_connection WHERE last_success_at IS NOT NULL ORDER BY last_success_at, id
    ON CONFLICT (partner_tenant) DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0005_consent")]

    operations = [
        migrations.RunSQL(CLAIM_WHAT_WORKS, migrations.RunSQL.noop),
        *(step for table in OF_A_CONNECTION for step in secure_table(table)),
        *(
            composite_key(table, "connection_id", "tenants_connection", on_delete="CASCADE")
            for table in OF_A_CONNECTION
        ),
        *secure_table("tenants_accesstoken"),
        composite_key("tenants_accesstoken", "consent_id", "tenants_consent", on_delete="CASCADE"),
    ]
