"""Row-level security of floor 0.

The identity tables (resellers, memberships, tokens) have a role of their own that reads them before a
reseller is known: that is how one becomes known. Audit is written and read, never changed.
"""

from django.db import migrations

from portal.core.database.security import EVERY_CUSTOMER, composite_key, grant_policy, secure_table

RESELLER = "nullif(current_setting('app.reseller_id', true), '')::bigint"
CUSTOMER = "nullif(current_setting('app.customer_id', true), '')::uuid"
OWN_TOKENS = "membership_id = ANY (ARRAY(SELECT id FROM core_membership))"

IMMUTABLE_AUDIT = """
CREATE FUNCTION core_auditevent_is_final() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'Audit events are final: % is refused.', TG_OP;
END $$;
ALTER FUNCTION core_auditevent_is_final() OWNER TO app_owner;
CREATE TRIGGER core_auditevent_is_final BEFORE UPDATE OR DELETE ON core_auditevent
    FOR EACH ROW EXECUTE FUNCTION core_auditevent_is_final();
CREATE TRIGGER core_auditevent_is_whole BEFORE TRUNCATE ON core_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION core_auditevent_is_final();
"""
MUTABLE_AUDIT = """
DROP TRIGGER core_auditevent_is_final ON core_auditevent;
DROP TRIGGER core_auditevent_is_whole ON core_auditevent;
DROP FUNCTION core_auditevent_is_final();
"""

JOB_HEADER = "id, reseller_id, kind, queue, state, due_at, publish_at, lease_until"


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        *secure_table(
            "core_reseller", reseller_column="id", reseller_rights=["SELECT"], parent_key=False,
            customer=EVERY_CUSTOMER,
        ),
        *grant_policy("core_reseller", "app_identity", "true", ["SELECT", "INSERT", "UPDATE"]),
        *secure_table("core_membership", customer="organization_id"),
        *grant_policy("core_membership", "app_identity", "true", ["SELECT"]),
        *secure_table("core_apitoken", customer=OWN_TOKENS,
                      customer_rights=["SELECT", "INSERT", "UPDATE"]),
        composite_key("core_apitoken", "membership_id", "core_membership", on_delete="CASCADE"),
        *grant_policy("core_apitoken", "app_identity", "true", ["SELECT", "UPDATE"]),
        *secure_table("core_auditevent", reseller_rights=["SELECT", "INSERT"]),
        *grant_policy(
            "core_auditevent", "app_customer",
            f"reseller_id = {RESELLER} AND organization_id = {CUSTOMER}", ["INSERT"],
        ),
        migrations.RunSQL(IMMUTABLE_AUDIT, MUTABLE_AUDIT),
        *secure_table("core_audithead", parent_key=False, customer=EVERY_CUSTOMER,
                      customer_rights=["SELECT", "INSERT", "UPDATE"],
                      reseller_rights=["SELECT", "INSERT", "UPDATE"]),
        *secure_table("core_job"),
        migrations.RunSQL(
            f"GRANT SELECT ({JOB_HEADER}), UPDATE (publish_at) ON core_job TO app_relay",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            "CREATE POLICY app_relay ON core_job FOR ALL TO app_relay USING (true)",
            migrations.RunSQL.noop,
        ),
    ]
