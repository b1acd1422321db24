"""What makes a text among a million tenants quick to find under row-level security.

LIKE is not leakproof, so below a policy PostgreSQL will not ask the trigram index for it. This view
belongs to the migration login, which policies do not bind, and states the policy's own condition
instead; only a reseller's staff may read it. A function could do the same, but the planner cannot
see into one: it would collect every match of a common word before the page takes its first fifty.
The statistics are finer than usual because the planner chooses by them how to search. After many
tenants came at once they are taken again and the index is put in order: until then the planner works
by a table that is no more, and every search reads what the index has not sorted in. Only an owner
may do that, so a function does it for discovery.

A later migration that adds, removes or retypes a column of tenants_tenant drops this view first and
makes it again.
"""

from django.db import migrations

from portal.core.database.security import RESELLER

VIEW = f"""
CREATE VIEW tenants_searchable AS
SELECT * FROM tenants_tenant WHERE reseller_id = {RESELLER}
"""
SETTLE = """
CREATE FUNCTION tenants_settle() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    ANALYZE tenants_tenant;
    PERFORM gin_clean_pending_list('tenants_tenant_search'::regclass);
END $$
"""
STATEMENTS = (
    "ALTER VIEW tenants_searchable OWNER TO app_migrate",
    "GRANT SELECT ON tenants_searchable TO app_reseller",
    "ALTER TABLE tenants_tenant ALTER COLUMN search SET STATISTICS 1000",
    "ALTER FUNCTION tenants_settle() OWNER TO app_migrate",
    "REVOKE ALL ON FUNCTION tenants_settle() FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION tenants_settle() TO app_reseller",
)


class Migration(migrations.Migration):
    dependencies = [("tenants", "0003_tally")]

    operations = [
        migrations.RunSQL(VIEW, "DROP VIEW tenants_searchable"),
        migrations.RunSQL(SETTLE, "DROP FUNCTION tenants_settle()"),
        *(migrations.RunSQL(statement, migrations.RunSQL.noop) for statement in STATEMENTS),
    ]
