"""Row-level security of closed months, whose figures are frozen, and of the invoices in them.

A closing is written once; what may still be written is that it was reopened. An invoice of a closed
month is neither published nor replaced, whoever tries.
"""

from django.db import migrations

from portal.core.database.security import secure_table

MONTH_IS_OPEN = """
CREATE FUNCTION billing_invoice_month_is_open() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.state <> OLD.state AND EXISTS (
        SELECT FROM core_books b
        WHERE b.reseller_id = NEW.reseller_id AND NEW.month < b.closed_until
    ) THEN
        RAISE EXCEPTION 'The month of an invoice is closed.'
            USING ERRCODE = 'integrity_constraint_violation',
            CONSTRAINT = 'billing_invoice_month_is_open', TABLE = 'billing_invoice';
    END IF;
    RETURN NEW;
END $$
"""
REOPENING = "reopened_at, reopened_by, reopened_because"


class Migration(migrations.Migration):
    dependencies = [("billing", "0003_closing"), ("core", "0003_books")]

    operations = [
        *secure_table("billing_closedmonth", reseller_rights=("SELECT", "INSERT")),
        migrations.RunSQL(
            f"GRANT UPDATE ({REOPENING}) ON billing_closedmonth TO app_reseller",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(MONTH_IS_OPEN, "DROP FUNCTION billing_invoice_month_is_open()"),
        migrations.RunSQL(
            "ALTER FUNCTION billing_invoice_month_is_open() OWNER TO app_owner",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            "CREATE TRIGGER billing_invoice_month_is_open BEFORE UPDATE OF state"
            " ON billing_invoice FOR EACH ROW EXECUTE FUNCTION billing_invoice_month_is_open()",
            "DROP TRIGGER billing_invoice_month_is_open ON billing_invoice",
        ),
    ]
