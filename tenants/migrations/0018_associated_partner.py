"""Which indirect reseller a customer was sold through, as Partner Center names it."""

from django.db import migrations, models
from django.db.models import Q

from portal.core.database.security import RESELLER

VIEW = f"""
CREATE VIEW tenants_searchable AS
SELECT * FROM tenants_tenant WHERE reseller_id = {RESELLER}
"""
"""As `0004_search` made it: a view keeps the columns it was made with, so it is made again."""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0017_countries_security")]

    operations = [
        migrations.RunSQL("DROP VIEW tenants_searchable", VIEW),
        migrations.AddField(
            "tenant",
            "associated_partner",
            models.CharField(blank=True, db_default="", default="", max_length=30),
        ),
        migrations.AddIndex(
            "tenant",
            models.Index(
                fields=["reseller", "associated_partner"],
                condition=~Q(associated_partner=""),
                name="tenants_tenant_by_partner",
            ),
        ),
        migrations.RunSQL(VIEW, "DROP VIEW tenants_searchable"),
        migrations.RunSQL(
            "ALTER VIEW tenants_searchable OWNER TO app_migrate", migrations.RunSQL.noop
        ),
        migrations.RunSQL(
            "GRANT SELECT ON tenants_searchable TO app_reseller", migrations.RunSQL.noop
        ),
    ]
