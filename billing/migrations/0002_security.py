"""Row-level security of the billing floor, and the rule that what is published never changes.

Billing is never shown to customers. Lines and totals may come and go only while their invoice is
staged; a published invoice may do one thing more, be superseded. The check of inserts and deletes
looks at a whole statement at once, because one look per line would cost more than the line.
"""

from django.db import migrations

from portal.core.database.security import composite_key, secure_table

WHILE_STAGED = """
CREATE FUNCTION billing_only_while_staged() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT reseller_id, invoice_id FROM changed) AS c
        LEFT JOIN billing_invoice AS i
            ON i.reseller_id = c.reseller_id AND i.id = c.invoice_id AND i.state = 'staged'
        WHERE i.id IS NULL
    ) THEN
        RAISE EXCEPTION 'Lines and totals of a published invoice never change.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$
"""

NEVER_EDITED = """
CREATE FUNCTION billing_never_edited() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'Invoices, their lines and totals are never edited.'
        USING ERRCODE = 'integrity_constraint_violation';
END $$
"""

INVOICE_STEPS = """
CREATE FUNCTION billing_invoice_steps() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state = 'staged' THEN
            RETURN NEW;
        END IF;
    ELSIF OLD.state = 'staged' THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    ELSIF TG_OP = 'UPDATE' AND OLD.state = 'published' AND NEW.state = 'superseded'
        AND to_jsonb(NEW) - 'state' - 'superseded_at' = to_jsonb(OLD) - 'state' - 'superseded_at'
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'A published invoice never changes; a correction is a new version.'
        USING ERRCODE = 'integrity_constraint_violation';
END $$
"""

FUNCTIONS = {
    "billing_only_while_staged": WHILE_STAGED,
    "billing_never_edited": NEVER_EDITED,
    "billing_invoice_steps": INVOICE_STEPS,
}


def guard_rows(table: str) -> list[migrations.RunSQL]:
    """Return the triggers of a table whose rows belong to an invoice."""
    return [
        migrations.RunSQL(
            f"CREATE TRIGGER {table}_{name} {moment} ON {table} {rows}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {function}()",
            f"DROP TRIGGER {table}_{name} ON {table}",
        )
        for name, moment, rows, function in (
            ("added", "AFTER INSERT", "REFERENCING NEW TABLE AS changed", "billing_only_while_staged"),
            ("removed", "AFTER DELETE", "REFERENCING OLD TABLE AS changed", "billing_only_while_staged"),
            ("edited", "BEFORE UPDATE OR TRUNCATE", "", "billing_never_edited"),
        )
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0001_initial"),
        ("core", "0002_security"),
        ("tenants", "0002_security"),
    ]

    operations = [
        *(
            migrations.RunSQL(text, f"DROP FUNCTION {name}()")
            for name, text in FUNCTIONS.items()
        ),
        *secure_table("billing_invoice"),
        composite_key("billing_invoice", "connection_id", "tenants_connection"),
        composite_key("billing_invoice", "job_id", "core_job"),
        migrations.RunSQL(
            "CREATE TRIGGER billing_invoice_steps BEFORE INSERT OR UPDATE OR DELETE"
            " ON billing_invoice FOR EACH ROW EXECUTE FUNCTION billing_invoice_steps()",
            "DROP TRIGGER billing_invoice_steps ON billing_invoice",
        ),
        migrations.RunSQL(
            "CREATE TRIGGER billing_invoice_whole BEFORE TRUNCATE ON billing_invoice"
            " FOR EACH STATEMENT EXECUTE FUNCTION billing_never_edited()",
            "DROP TRIGGER billing_invoice_whole ON billing_invoice",
        ),
        *secure_table(
            "billing_invoiceline",
            reseller_rights=("SELECT", "INSERT", "DELETE"),
            parent_key=False,
        ),
        composite_key("billing_invoiceline", "invoice_id", "billing_invoice"),
        *guard_rows("billing_invoiceline"),
        *secure_table(
            "billing_invoicetenanttotal",
            reseller_rights=("SELECT", "INSERT", "DELETE"),
            parent_key=False,
        ),
        composite_key("billing_invoicetenanttotal", "invoice_id", "billing_invoice"),
        *guard_rows("billing_invoicetenanttotal"),
    ]
