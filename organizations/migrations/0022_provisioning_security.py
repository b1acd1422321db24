"""Row-level security of provisioning, and the ways its states may go (G14).

Customers are shown none of it. Nothing of a journal is deleted, and no worker, page or person can
take a request or a step back to where it was: the triggers know the ways of
`organizations.provisioning.models`, and refuse every other.
"""

from django.db import migrations

from portal.core.database.security import composite_key, secure_table

REQUEST = "organizations_provisioningrequest"
STEP = "organizations_provisioningstep"
RIGHTS = ("SELECT", "INSERT", "UPDATE")
MOVES = """
    ('waiting', 'running'), ('waiting', 'asking'), ('waiting', 'failed'), ('waiting', 'person'),
    ('waiting', 'cancelled'),
    ('running', 'asking'), ('running', 'failed'), ('running', 'person'), ('running', 'done'),
    ('running', 'cancelled'),
    ('asking', 'running'), ('asking', 'done'), ('asking', 'waiting'), ('asking', 'cancelled'),
    ('failed', 'waiting'), ('failed', 'cancelled'),
    ('person', 'waiting'), ('person', 'done'), ('person', 'cancelled')
"""
STEP_MOVES = """
    ('waiting', 'running'), ('waiting', 'skipped'), ('waiting', 'done'),
    ('running', 'waiting'), ('running', 'done'), ('running', 'skipped'), ('running', 'failed'),
    ('running', 'unknown'),
    ('failed', 'waiting'), ('failed', 'running'), ('failed', 'skipped'), ('failed', 'done'),
    ('unknown', 'running'), ('unknown', 'done'), ('unknown', 'failed'), ('unknown', 'skipped')
"""
REQUEST_STEPS = f"""
CREATE FUNCTION organizations_provisioning_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'waiting' OR NEW.outcome <> 'nothing' OR NEW.microsoft_id IS NOT NULL THEN
            RAISE EXCEPTION 'a provisioning request begins waiting, with nothing sent'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN ({MOVES}) THEN
        RAISE EXCEPTION 'a provisioning request does not go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state IN ('done', 'cancelled') AND NEW IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'a provisioning request that has ended is final'
            USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.microsoft_id IS NOT NULL AND NEW.microsoft_id IS DISTINCT FROM OLD.microsoft_id
       AND OLD.outcome <> 'existing' THEN
        RAISE EXCEPTION 'the tenant of a provisioning request is never forgotten'
            USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.outcome IN ('created', 'adopted') AND NEW.outcome <> OLD.outcome THEN
        RAISE EXCEPTION 'what was made is never unmade'
            USING ERRCODE = 'check_violation';
    END IF;
    IF (NEW.account_id, NEW.connection_id, NEW.key, NEW.digest)
       IS DISTINCT FROM (OLD.account_id, OLD.connection_id, OLD.key, OLD.digest) THEN
        RAISE EXCEPTION 'what a provisioning request is about does not change'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
"""
STEP_STEPS = f"""
CREATE FUNCTION organizations_provisioningstep_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'waiting' THEN
            RAISE EXCEPTION 'a step begins waiting' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN ({STEP_MOVES}) THEN
        RAISE EXCEPTION 'a step of a provisioning does not go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.attempts < OLD.attempts THEN
        RAISE EXCEPTION 'attempts are not taken back' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
"""


def _guard(table: str, name: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER {name} AFTER INSERT OR UPDATE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION {name}()",
        f"DROP TRIGGER {name} ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0021_provisioning"),
        ("organizations", "0015_files_security"),
        ("tenants", "0002_security"),
        ("core", "0002_security"),
    ]

    operations = [
        migrations.RunSQL(
            REQUEST_STEPS, "DROP FUNCTION organizations_provisioning_moves()"
        ),
        migrations.RunSQL(
            STEP_STEPS, "DROP FUNCTION organizations_provisioningstep_moves()"
        ),
        *secure_table(REQUEST, reseller_rights=RIGHTS),
        composite_key(REQUEST, "account_id", "organizations_account"),
        composite_key(REQUEST, "connection_id", "tenants_connection"),
        composite_key(REQUEST, "tenant_id", "tenants_tenant"),
        composite_key(REQUEST, "link_id", "organizations_link"),
        composite_key(REQUEST, "job_id", "core_job"),
        _guard(REQUEST, "organizations_provisioning_moves"),
        *secure_table(STEP, reseller_rights=RIGHTS, parent_key=False),
        composite_key(STEP, "provisioning_id", REQUEST),
        _guard(STEP, "organizations_provisioningstep_moves"),
    ]
