"""Row-level security of saved views: a customer's people see those of their own organization."""

from django.db import migrations

from portal.core.database.security import ALL_RIGHTS, composite_key, secure_table

OWN_PEOPLE = "membership_id = ANY (ARRAY(SELECT id FROM core_membership))"


class Migration(migrations.Migration):
    dependencies = [("core", "0004_tables")]

    operations = [
        *secure_table("core_tableview", customer=OWN_PEOPLE, customer_rights=ALL_RIGHTS),
        composite_key("core_tableview", "membership_id", "core_membership", on_delete="CASCADE"),
    ]
