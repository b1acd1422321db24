"""Tenants lose an index that no query uses: each names the reseller before the connection."""

import django.db.models.deletion
from django.db import migrations

import portal.core.rows


class Migration(migrations.Migration):
    dependencies = [("tenants", "0014_mfa_calls")]

    operations = [
        migrations.AlterField(
            model_name="tenant",
            name="connection",
            field=portal.core.rows.OwnedForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenants.connection"),
        ),
    ]
