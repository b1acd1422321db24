"""Row-level security of letters. Customers are shown none of them."""

from django.db import migrations

from portal.core.database.security import secure_table


class Migration(migrations.Migration):
    dependencies = [("notify", "0003_letters"), ("core", "0002_security")]

    operations = [*secure_table("notify_lettertemplate")]
