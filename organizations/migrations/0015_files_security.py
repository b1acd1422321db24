"""Row-level security of uploaded files. Customers are shown none of them."""

from django.db import migrations

from portal.core.database.security import composite_key, secure_table

FILE = "organizations_uploadedfile"


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0014_files"),
        ("organizations", "0009_bulk_security"),
        ("core", "0002_security"),
    ]

    operations = [
        *secure_table(FILE),
        composite_key(FILE, "job_id", "core_job"),
        # A preview that nobody ran is deleted; the file that it came from stays and says so.
        composite_key(
            FILE, "bulk_id", "organizations_bulklink", on_delete="SET NULL (bulk_id)"
        ),
        *secure_table("organizations_filepart", parent_key=False),
        composite_key("organizations_filepart", "file_id", FILE, on_delete="CASCADE"),
        *secure_table("organizations_fileremark", parent_key=False),
        composite_key("organizations_fileremark", "file_id", FILE, on_delete="CASCADE"),
    ]
