"""Tenants that are left out on purpose, and a tally that counts them apart.

The key of the tally gets one more part, so the table is made anew: its triggers go first, the new
ones come with it, and it is filled from the tenants themselves at the end. Everything happens in
one transaction that holds the table of tenants, so nothing changes in between.
"""

import django.db.models.deletion
from django.db import migrations, models

import portal.core.money
import portal.core.rows
from portal.core.database.security import RESELLER, composite_key, secure_table

# PostgreSQL fixes the columns of a view when it is made.
SEARCHABLE = f"""
CREATE VIEW tenants_searchable AS
SELECT * FROM tenants_tenant WHERE reseller_id = {RESELLER}
"""
VIEW_RIGHTS = (
    "ALTER VIEW tenants_searchable OWNER TO app_migrate",
    "GRANT SELECT ON tenants_searchable TO app_reseller",
)
FUNCTION = """
CREATE OR REPLACE FUNCTION tenants_tally_changes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO tenants_tenanttally AS kept {columns}
        SELECT {kind}, count(*), coalesce(sum(billed_amount), 0) FROM added
        GROUP BY {kind} ORDER BY {kind}
        {add};
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO tenants_tenanttally AS kept {columns}
        SELECT {kind}, -count(*), -coalesce(sum(billed_amount), 0) FROM removed
        GROUP BY {kind} ORDER BY {kind}
        {add};
    ELSE
        INSERT INTO tenants_tenanttally AS kept {columns}
        SELECT {kind}, sum(one), sum(amount) FROM (
            SELECT {kind}, 1 AS one, coalesce(billed_amount, 0) AS amount FROM added
            UNION ALL
            SELECT {kind}, -1, -coalesce(billed_amount, 0) FROM removed
        ) changes
        GROUP BY {kind} HAVING sum(one) <> 0 OR sum(amount) <> 0 ORDER BY {kind}
        {add};
    END IF;
    RETURN NULL;
END $$
"""
KIND = "reseller_id, connection_id, status, is_linked, is_ignored, billed_currency"
COLUMNS = f"({KIND}, tenants, billed)"
ADD = f"""ON CONFLICT ({KIND})
        DO UPDATE SET tenants = kept.tenants + EXCLUDED.tenants,
            billed = kept.billed + EXCLUDED.billed"""
COUNT_ANEW = f"""
INSERT INTO tenants_tenanttally {COLUMNS}
SELECT {KIND}, count(*), coalesce(sum(billed_amount), 0) FROM tenants_tenant
GROUP BY {KIND} ORDER BY {KIND}
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0010_integration_security")]

    operations = [
        # Tenants can be read by nobody and written by nobody until this has been committed.
        migrations.RunSQL("LOCK TABLE tenants_tenant IN ACCESS EXCLUSIVE MODE"),
        migrations.RunSQL("DROP VIEW tenants_searchable"),
        migrations.AddField(
            model_name="tenant",
            name="is_ignored",
            field=models.BooleanField(default=False, db_default=False),
        ),
        migrations.AddConstraint(
            model_name="tenant",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_linked", False), ("is_ignored", False), _connector="OR"),
                name="tenants_tenant_linked_or_ignored",
            ),
        ),
        migrations.AddIndex(
            model_name="tenant",
            index=models.Index(
                condition=models.Q(("is_ignored", True)),
                fields=["reseller", "name", "id"],
                name="tenants_tenant_ignored",
            ),
        ),
        migrations.RunSQL(SEARCHABLE),
        *(migrations.RunSQL(statement) for statement in VIEW_RIGHTS),
        migrations.DeleteModel("TenantTally"),
        migrations.CreateModel(
            name="TenantTally",
            fields=[
                ("pk", models.CompositePrimaryKey("reseller_id", "connection_id", "status", "is_linked", "is_ignored", "billed_currency", blank=True, editable=False, primary_key=True, serialize=False)),
                ("status", models.CharField(choices=[("active", "Active"), ("missing", "No longer listed")], max_length=10)),
                ("is_linked", models.BooleanField()),
                ("is_ignored", models.BooleanField()),
                ("billed_currency", portal.core.money.CurrencyField(blank=True)),
                ("tenants", models.BigIntegerField()),
                ("billed", portal.core.money.AmountField()),
                ("connection", portal.core.rows.OwnedForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenants.connection")),
                ("reseller", models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.reseller")),
            ],
        ),
        *secure_table("tenants_tenanttally", parent_key=False, reseller_rights=("SELECT",)),
        composite_key("tenants_tenanttally", "connection_id", "tenants_connection"),
        migrations.RunSQL(FUNCTION.format(kind=KIND, columns=COLUMNS, add=ADD)),
        migrations.RunSQL(COUNT_ANEW),
    ]
