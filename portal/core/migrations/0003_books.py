"""The books of each reseller: up to which month they are closed."""

import django.db.models.deletion
from django.db import migrations, models

from portal.core.database.security import secure_table


class Migration(migrations.Migration):
    dependencies = [("core", "0002_security")]

    operations = [
        migrations.CreateModel(
            name="Books",
            fields=[
                ("reseller", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name="+", serialize=False, to="core.reseller")),
                ("closed_until", models.DateField(null=True)),
            ],
        ),
        migrations.AddConstraint(
            model_name="books",
            constraint=models.CheckConstraint(condition=models.Q(("closed_until", None), ("closed_until__day", 1), _connector="OR"), name="core_books_closed_by_whole_months"),
        ),
        *secure_table(
            "core_books", parent_key=False, reseller_rights=["SELECT", "INSERT", "UPDATE"]
        ),
    ]
