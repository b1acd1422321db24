"""An index built while people work, so in no transaction."""

from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("lateapp", "0001_column")]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX CONCURRENTLY late_index ON core_job (reseller_id, late)",
            "DROP INDEX CONCURRENTLY IF EXISTS late_index",
        )
    ]
