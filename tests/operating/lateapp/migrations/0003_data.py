"""A change of the data of every reseller."""

from django.db import migrations


def mark(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("UPDATE core_job SET note = 'late'")


class Migration(migrations.Migration):
    dependencies = [("lateapp", "0002_index")]

    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
