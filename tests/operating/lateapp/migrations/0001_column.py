"""A column, which needs the lock that shuts everybody out."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("core", "0002_security")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE core_job ADD COLUMN late text NOT NULL DEFAULT ''",
            "ALTER TABLE core_job DROP COLUMN late",
        )
    ]
