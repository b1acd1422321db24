"""Row-level security of custom fields and of what they hold.

A customer knows of the fields that everybody sees, and of what they hold of what is its own: the
sub-select reads the definitions under the customer's own policy. Whose a value is, the database
takes from its owner, and follows that when it moves to another organization, whoever moves it.
"""

from django.db import migrations

from portal.core.database.security import CUSTOMER, composite_key, secure_table

SEEN = (
    f"belongs_to_id = {CUSTOMER}"
    " AND definition_id = ANY (ARRAY(SELECT id FROM organizations_fielddefinition))"
)
FOLLOW = """
CREATE FUNCTION organizations_values_follow() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_TABLE_NAME = 'organizations_account' THEN
        UPDATE organizations_fieldvalue SET belongs_to_id = NEW.organization_id
            WHERE reseller_id = NEW.reseller_id AND account_id = NEW.id;
    ELSE
        UPDATE organizations_fieldvalue SET belongs_to_id = NEW.organization_id
            WHERE reseller_id = NEW.reseller_id AND membership_id = NEW.id;
    END IF;
    RETURN NULL;
END $$
"""
BELONGS = """
CREATE FUNCTION organizations_value_belongs() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    NEW.belongs_to_id := CASE
        WHEN NEW.account_id IS NOT NULL THEN
            (SELECT organization_id FROM organizations_account
             WHERE reseller_id = NEW.reseller_id AND id = NEW.account_id)
        WHEN NEW.membership_id IS NOT NULL THEN
            (SELECT organization_id FROM core_membership
             WHERE reseller_id = NEW.reseller_id AND id = NEW.membership_id)
        ELSE NEW.organization_id END;
    RETURN NEW;
END $$
"""
STATEMENTS = (
    "ALTER FUNCTION organizations_value_belongs() OWNER TO app_migrate",
    "REVOKE ALL ON FUNCTION organizations_value_belongs() FROM PUBLIC",
    """CREATE TRIGGER organizations_value_belongs
    BEFORE INSERT OR UPDATE OF account_id, organization_id, membership_id, belongs_to_id
    ON organizations_fieldvalue FOR EACH ROW EXECUTE FUNCTION organizations_value_belongs()""",
    "ALTER FUNCTION organizations_values_follow() OWNER TO app_migrate",
    "REVOKE ALL ON FUNCTION organizations_values_follow() FROM PUBLIC",
    *(
        f"""CREATE TRIGGER organizations_values_follow AFTER UPDATE OF organization_id ON {table}
        FOR EACH ROW WHEN (NEW.organization_id IS DISTINCT FROM OLD.organization_id)
        EXECUTE FUNCTION organizations_values_follow()"""
        for table in ("organizations_account", "core_membership")
    ),
)


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0005_tables_security"),
        ("organizations", "0017_fields"),
        ("tenants", "0015_fewer_indexes"),
    ]

    operations = [
        *secure_table("organizations_fielddefinition", customer="seen_by = 'everybody'"),
        composite_key(
            "organizations_fielddefinition", "connection_id", "tenants_connection"
        ),
        *secure_table("organizations_fieldvalue", customer=SEEN),
        composite_key(
            "organizations_fieldvalue", "definition_id", "organizations_fielddefinition"
        ),
        composite_key("organizations_fieldvalue", "account_id", "organizations_account"),
        composite_key("organizations_fieldvalue", "organization_id", "organizations_organization"),
        composite_key("organizations_fieldvalue", "belongs_to_id", "organizations_organization"),
        composite_key(
            "organizations_fieldvalue", "membership_id", "core_membership", on_delete="CASCADE"
        ),
        migrations.RunSQL(BELONGS, "DROP FUNCTION organizations_value_belongs() CASCADE"),
        migrations.RunSQL(FOLLOW, "DROP FUNCTION organizations_values_follow() CASCADE"),
        *(migrations.RunSQL(statement, migrations.RunSQL.noop) for statement in STATEMENTS),
    ]
