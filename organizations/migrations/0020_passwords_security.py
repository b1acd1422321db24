"""Row-level security of first passwords. Customers are shown none of them.

Whose a one-time link is, is found out in the identity's role, which reads links: a digest and how
long it is good for, and nothing of the password.
"""

from django.db import migrations

from portal.core.database.security import composite_key, grant_policy, secure_table

PASSWORD, LINK = "organizations_firstpassword", "organizations_passwordlink"


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0019_passwords"),
        ("tenants", "0001_initial"),
        ("core", "0002_security"),
    ]

    operations = [
        *secure_table(PASSWORD),
        composite_key(PASSWORD, "account_id", "organizations_account"),
        composite_key(PASSWORD, "connection_id", "tenants_connection"),
        *secure_table(LINK),
        composite_key(LINK, "password_id", PASSWORD, on_delete="CASCADE"),
        *grant_policy(LINK, "app_identity", "true", ["SELECT"]),
        *secure_table("organizations_passwordsettings"),
    ]
