"""Links lose indexes that no query uses, since each names the reseller first, and one key.

The key to the tenant holds the reseller too.
"""

import django.db.models.deletion
from django.db import migrations, models

import portal.core.rows


class Migration(migrations.Migration):
    dependencies = [("core", "0005_tables_security"), ("organizations", "0015_files_security"), ("tenants", "0015_fewer_indexes")]

    operations = [
        migrations.AlterField(
            model_name="link",
            name="account",
            field=portal.core.rows.OwnedForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organizations.account"),
        ),
        migrations.AlterField(
            model_name="link",
            name="organization",
            field=portal.core.rows.OwnedForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organizations.organization"),
        ),
        migrations.AlterField(
            model_name="link",
            name="reseller",
            field=models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.reseller"),
        ),
        migrations.AlterField(
            model_name="link",
            name="tenant",
            field=portal.core.rows.OwnedForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenants.tenant"),
        ),
    ]
