"""No two accounts of a connection have the same username (PRV-05), whoever writes it.

The definition says so, and the database writes beside each value of such a field the text that may
not come twice. Where two accounts have one already, the older keeps it and the others are left as
they are until somebody changes them: whatever is written from now on is judged.
"""

from django.db import migrations, models

JUDGE = """
CREATE FUNCTION organizations_value_distinct() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    NEW.distinct_text := CASE WHEN NEW.text <> '' AND EXISTS (
        SELECT 1 FROM organizations_fielddefinition
        WHERE reseller_id = NEW.reseller_id AND id = NEW.definition_id AND is_distinct
    ) THEN lower(NEW.text) END;
    RETURN NEW;
END $$
"""
STATEMENTS = (
    "ALTER FUNCTION organizations_value_distinct() OWNER TO app_migrate",
    "REVOKE ALL ON FUNCTION organizations_value_distinct() FROM PUBLIC",
    """UPDATE organizations_fielddefinition SET is_distinct = true
    WHERE source = 'vendor' AND entity = 'account' AND vendor_key = 'username'""",
    """UPDATE organizations_fieldvalue SET distinct_text = lower(text)
    WHERE id IN (
        SELECT DISTINCT ON (v.reseller_id, v.definition_id, lower(v.text)) v.id
        FROM organizations_fieldvalue v JOIN organizations_fielddefinition d
            ON d.reseller_id = v.reseller_id AND d.id = v.definition_id
        WHERE d.is_distinct AND v.text <> ''
        ORDER BY v.reseller_id, v.definition_id, lower(v.text), v.changed_at, v.id)""",
    """CREATE TRIGGER organizations_value_distinct
    BEFORE INSERT OR UPDATE OF text, distinct_text, definition_id
    ON organizations_fieldvalue FOR EACH ROW EXECUTE FUNCTION organizations_value_distinct()""",
)


class Migration(migrations.Migration):
    dependencies = [("organizations", "0027_accounts_of_an_organization")]

    operations = [
        migrations.AddField(
            model_name="fielddefinition",
            name="is_distinct",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="fieldvalue",
            name="distinct_text",
            field=models.CharField(editable=False, max_length=500, null=True),
        ),
        migrations.RunSQL(JUDGE, "DROP FUNCTION organizations_value_distinct() CASCADE"),
        *(migrations.RunSQL(statement, migrations.RunSQL.noop) for statement in STATEMENTS),
        migrations.AddConstraint(
            model_name="fieldvalue",
            constraint=models.UniqueConstraint(
                fields=("reseller", "definition", "distinct_text"),
                name="organizations_fieldvalue_distinct",
            ),
        ),
    ]
