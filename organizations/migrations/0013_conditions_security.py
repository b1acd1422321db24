"""Row-level security of conditions and of what became of them. Customers are shown neither.

After thousands of conditions came at once the planner still takes them for a handful and walks
through all of a reseller's for each; what it knows is then taken anew. Only an owner may do that, so
a function does it for the job.
"""

from django.db import migrations

from portal.core.database.security import composite_key, secure_table

SETTLE = """
CREATE FUNCTION organizations_settle_conditions() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    ANALYZE organizations_condition;
    ANALYZE organizations_conditionevent;
END $$
"""
STATEMENTS = (
    "ALTER FUNCTION organizations_settle_conditions() OWNER TO app_migrate",
    "REVOKE ALL ON FUNCTION organizations_settle_conditions() FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION organizations_settle_conditions() TO app_reseller",
)


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0012_conditions"),
        ("tenants", "0013_unbilled"),
        ("core", "0002_security"),
    ]

    operations = [
        *secure_table("organizations_condition"),
        composite_key("organizations_condition", "tenant_id", "tenants_tenant"),
        composite_key("organizations_condition", "connection_id", "tenants_connection"),
        composite_key("organizations_condition", "organization_id", "organizations_organization"),
        composite_key(
            "organizations_condition", "assignee_id", "core_membership",
            on_delete="SET NULL (assignee_id)",
        ),
        *secure_table("organizations_conditionevent", reseller_rights=["SELECT", "INSERT"]),
        composite_key(
            "organizations_conditionevent", "condition_id", "organizations_condition"
        ),
        migrations.RunSQL(SETTLE, "DROP FUNCTION organizations_settle_conditions()"),
        *(migrations.RunSQL(statement, migrations.RunSQL.noop) for statement in STATEMENTS),
    ]
