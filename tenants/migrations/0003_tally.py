"""How many tenants there are of each kind and what they cost, counted by triggers as they change.

The triggers work per statement, on the rows a statement changed, and take their rows of the tally in
the order of its key, so that two discoveries cannot wait for each other. They run as the migration
login: nobody else writes a tally, so no code can get it wrong.
"""

import django.db.models.deletion
from django.db import migrations, models

import portal.core.money
import portal.core.rows
from portal.core.database.security import composite_key, secure_table

FUNCTION = """
CREATE FUNCTION tenants_tally_changes() RETURNS trigger
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
KIND = "reseller_id, connection_id, status, is_linked, billed_currency"
ADD = f"""ON CONFLICT ({KIND})
        DO UPDATE SET tenants = kept.tenants + EXCLUDED.tenants,
            billed = kept.billed + EXCLUDED.billed"""
TRIGGER = """
CREATE TRIGGER tenants_tally_{event} AFTER {event} ON tenants_tenant
REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION tenants_tally_changes()
"""
TABLES = {
    "insert": "NEW TABLE AS added",
    "update": "NEW TABLE AS added OLD TABLE AS removed",
    "delete": "OLD TABLE AS removed",
}


class Migration(migrations.Migration):
    dependencies = [("core", "0002_security"), ("tenants", "0002_security")]

    operations = [
        migrations.CreateModel(
            name="TenantTally",
            fields=[
                ("pk", models.CompositePrimaryKey("reseller_id", "connection_id", "status", "is_linked", "billed_currency", blank=True, editable=False, primary_key=True, serialize=False)),
                ("status", models.CharField(choices=[("active", "Active"), ("missing", "No longer listed")], max_length=10)),
                ("is_linked", models.BooleanField()),
                ("billed_currency", portal.core.money.CurrencyField(blank=True)),
                ("tenants", models.BigIntegerField()),
                ("billed", portal.core.money.AmountField()),
                ("connection", portal.core.rows.OwnedForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenants.connection")),
                ("reseller", models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.reseller")),
            ],
        ),
        *secure_table("tenants_tenanttally", parent_key=False, reseller_rights=("SELECT",)),
        composite_key("tenants_tenanttally", "connection_id", "tenants_connection"),
        migrations.RunSQL(
            FUNCTION.format(kind=KIND, columns=f"({KIND}, tenants, billed)", add=ADD),
            "DROP FUNCTION tenants_tally_changes() CASCADE",
        ),
        migrations.RunSQL(
            "ALTER FUNCTION tenants_tally_changes() OWNER TO app_migrate", migrations.RunSQL.noop
        ),
        migrations.RunSQL(
            "REVOKE ALL ON FUNCTION tenants_tally_changes() FROM PUBLIC", migrations.RunSQL.noop
        ),
        *(
            migrations.RunSQL(TRIGGER.format(event=event, tables=tables), migrations.RunSQL.noop)
            for event, tables in TABLES.items()
        ),
    ]
