"""What Microsoft has not billed yet, written down to each tenant, and where its sums are gathered."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

import portal.core.money
import portal.core.rows
from portal.core.database.security import RESELLER, composite_key, secure_table

VIEW = f"""
CREATE VIEW tenants_searchable AS
SELECT * FROM tenants_tenant WHERE reseller_id = {RESELLER}
"""
"""As `0004_search` made it: a view keeps the columns it was made with, so it is made again."""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0011_ignored"), ("core", "0002_security")]

    operations = [
        migrations.RunSQL("DROP VIEW tenants_searchable", VIEW),
        migrations.AddField("tenant", "unbilled_amount", portal.core.money.AmountField(null=True)),
        migrations.AddField(
            "tenant", "unbilled_currency",
            portal.core.money.CurrencyField(blank=True, db_default="", default=""),
        ),
        migrations.AddField("tenant", "unbilled_at", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "tenant",
            models.Index(
                fields=["reseller", "billed_month"],
                condition=Q(is_linked=False, billed_month__isnull=False),
                name="tenants_tenant_by_month",
            ),
        ),
        migrations.AddIndex(
            "tenant",
            models.Index(
                fields=["reseller", "unbilled_currency"],
                include=["unbilled_amount"],
                condition=Q(is_linked=False, unbilled_amount__isnull=False),
                name="tenants_tenant_unbilled",
            ),
        ),
        migrations.RunSQL(VIEW, "DROP VIEW tenants_searchable"),
        migrations.RunSQL(
            "ALTER VIEW tenants_searchable OWNER TO app_migrate", migrations.RunSQL.noop
        ),
        migrations.RunSQL(
            "GRANT SELECT ON tenants_searchable TO app_reseller", migrations.RunSQL.noop
        ),
        migrations.CreateModel(
            name="UnbilledSum",
            fields=[
                ("pk", models.CompositePrimaryKey("reseller_id", "connection_id", "currency", "microsoft_id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("currency", portal.core.money.CurrencyField()),
                ("microsoft_id", models.UUIDField()),
                ("amount", portal.core.money.AmountField()),
                ("connection", portal.core.rows.OwnedForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenants.connection")),
                ("reseller", models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.reseller")),
            ],
        ),
        *secure_table("tenants_unbilledsum", parent_key=False),
        composite_key("tenants_unbilledsum", "connection_id", "tenants_connection"),
    ]
