"""An organization leads to its accounts, so that a list can read both at once."""

import django.db.models.deletion
from django.db import migrations

import portal.core.rows


class Migration(migrations.Migration):
    dependencies = [("organizations", "0026_sub_resellers_provision")]

    operations = [
        migrations.AlterField(
            model_name="account",
            name="organization",
            field=portal.core.rows.OwnedForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="accounts",
                to="organizations.organization",
            ),
        ),
    ]
