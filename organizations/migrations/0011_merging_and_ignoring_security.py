"""Row-level security of what is ignored and of who leaves, and what makes a merger final.

Whoever merges locks both organizations FOR UPDATE; whoever begins a link, adds an account, a member
or a child locks the organization FOR KEY SHARE and looks whether it was merged away meanwhile. So
whichever comes second sees the other, and nothing living ever belongs to a tombstone. The functions
run as the migration login: the rule holds for every role alike.
"""

from django.db import migrations

from portal.core.database.security import RESELLER, composite_key, secure_table

FINAL = """
CREATE FUNCTION organizations_merge_is_final() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.merged_into_id IS NOT NULL THEN
        RAISE EXCEPTION 'organization % was merged into another and cannot be changed', OLD.id
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'organizations_merge_is_final';
    END IF;
    PERFORM FROM organizations_organization o
        WHERE o.reseller_id = OLD.reseller_id AND o.id = OLD.id FOR UPDATE;
    PERFORM FROM organizations_organization o
        WHERE o.reseller_id = OLD.reseller_id AND o.id = NEW.merged_into_id
          AND o.merged_into_id IS NULL FOR KEY SHARE;
    IF NOT FOUND OR NEW.merged_into_id = OLD.id OR NEW.merged_at IS NULL
        OR EXISTS (SELECT FROM organizations_link l WHERE l.reseller_id = OLD.reseller_id
                   AND l.organization_id = OLD.id AND l.ends_at IS NULL)
        OR EXISTS (SELECT FROM organizations_account a WHERE a.reseller_id = OLD.reseller_id
                   AND a.organization_id = OLD.id)
        OR EXISTS (SELECT FROM organizations_organization c WHERE c.reseller_id = OLD.reseller_id
                   AND c.parent_id = OLD.id AND c.merged_into_id IS NULL)
        OR EXISTS (SELECT FROM core_membership m WHERE m.reseller_id = OLD.reseller_id
                   AND m.organization_id = OLD.id)
    THEN
        RAISE EXCEPTION 'organization % still has something living, or is merged into nothing living',
            OLD.id USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'organizations_merge_is_final';
    END IF;
    RETURN NEW;
END $$
"""
LINKS = """
CREATE FUNCTION organizations_link_to_the_living() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM organizations_organization o
        WHERE (o.reseller_id, o.id) IN
            (SELECT w.reseller_id, w.organization_id FROM written w WHERE w.ends_at IS NULL)
        ORDER BY o.id FOR KEY SHARE;
    IF EXISTS (SELECT FROM written w JOIN organizations_organization o
               ON o.reseller_id = w.reseller_id AND o.id = w.organization_id
               WHERE w.ends_at IS NULL AND o.merged_into_id IS NOT NULL)
    THEN
        RAISE EXCEPTION 'a link cannot lead to an organization that was merged into another'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'organizations_nothing_of_merged';
    END IF;
    RETURN NULL;
END $$
"""
OWNERS = """
CREATE FUNCTION organizations_owned_by_the_living() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    owner uuid := (to_jsonb(NEW) ->> TG_ARGV[0])::uuid;
BEGIN
    PERFORM FROM organizations_organization o
        WHERE o.reseller_id = NEW.reseller_id AND o.id = owner FOR KEY SHARE;
    IF EXISTS (SELECT FROM organizations_organization o WHERE o.reseller_id = NEW.reseller_id
               AND o.id = owner AND o.merged_into_id IS NOT NULL)
    THEN
        RAISE EXCEPTION 'nothing can belong to an organization that was merged into another'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'organizations_nothing_of_merged';
    END IF;
    RETURN NEW;
END $$
"""
TRIGGERS = (
    """CREATE TRIGGER organizations_merge_is_final BEFORE UPDATE ON organizations_organization
    FOR EACH ROW WHEN (OLD.merged_into_id IS NOT NULL OR NEW.merged_into_id IS NOT NULL)
    EXECUTE FUNCTION organizations_merge_is_final()""",
    """CREATE TRIGGER organizations_link_inserted AFTER INSERT ON organizations_link
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT
    EXECUTE FUNCTION organizations_link_to_the_living()""",
    """CREATE TRIGGER organizations_link_updated AFTER UPDATE ON organizations_link
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT
    EXECUTE FUNCTION organizations_link_to_the_living()""",
    """CREATE TRIGGER organizations_account_owner BEFORE INSERT OR UPDATE OF organization_id
    ON organizations_account FOR EACH ROW
    EXECUTE FUNCTION organizations_owned_by_the_living('organization_id')""",
    """CREATE TRIGGER organizations_parent_inserted BEFORE INSERT ON organizations_organization
    FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL)
    EXECUTE FUNCTION organizations_owned_by_the_living('parent_id')""",
    """CREATE TRIGGER organizations_parent_updated BEFORE UPDATE OF parent_id
    ON organizations_organization
    FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL AND NEW.parent_id IS DISTINCT FROM OLD.parent_id)
    EXECUTE FUNCTION organizations_owned_by_the_living('parent_id')""",
    """CREATE TRIGGER organizations_member_owner BEFORE INSERT OR UPDATE OF organization_id
    ON core_membership FOR EACH ROW WHEN (NEW.organization_id IS NOT NULL)
    EXECUTE FUNCTION organizations_owned_by_the_living('organization_id')""",
)

# As in 0003, but tombstones are found by nobody.
MATCHING = f"""
CREATE OR REPLACE FUNCTION organizations_matching(term text) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 200
SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    mine bigint := {RESELLER};
    pattern text := replace(replace(replace(lower(term), '\\', '\\\\'), '%', '\\%'), '_', '\\_');
BEGIN
    RETURN QUERY SELECT o.id FROM organizations_organization o
        WHERE o.reseller_id = mine AND o.merged_into_id IS NULL
          AND o.search LIKE '%' || pattern || '%';
END $$
"""
CLOSEST = f"""
CREATE OR REPLACE FUNCTION organizations_closest(term text, most integer)
RETURNS TABLE (id uuid, is_guess boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20
SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan
SET pg_trgm.word_similarity_threshold = 0.6 AS $$
DECLARE
    mine bigint := {RESELLER};
    wanted text := lower(term);
    pattern text := replace(replace(replace(wanted, '\\', '\\\\'), '%', '\\%'), '_', '\\_');
BEGIN
    RETURN QUERY
    SELECT found.id, false FROM (
        SELECT first.id, max(first.closeness) AS closeness, min(first.name_key) AS name_key FROM (
            (SELECT o.id, 4 AS closeness, o.name_key FROM organizations_organization o
             WHERE o.reseller_id = mine AND o.number = term AND o.merged_into_id IS NULL)
            UNION ALL
            (SELECT o.id, 3, o.name_key FROM organizations_organization o
             WHERE o.reseller_id = mine AND o.name_key LIKE pattern || '%'
               AND o.merged_into_id IS NULL
             ORDER BY o.name_key USING ~<~ LIMIT most)
            UNION ALL
            (SELECT o.id, word_similarity(wanted, o.search), o.name_key FROM (
                 SELECT i.id, i.search, i.name_key FROM organizations_organization i
                 WHERE length(wanted) > 2 AND i.reseller_id = mine AND i.merged_into_id IS NULL
                   AND i.search LIKE '%' || pattern || '%' LIMIT 500) o
             ORDER BY 2 DESC, length(o.search), o.name_key LIMIT most)
        ) first GROUP BY first.id
    ) found ORDER BY found.closeness DESC, length(found.name_key), found.name_key LIMIT most;
    IF NOT FOUND AND length(wanted) > 2 THEN
        RETURN QUERY SELECT near.id, true FROM (
            SELECT o.id, o.search, o.name_key FROM organizations_organization o
            WHERE o.reseller_id = mine AND o.merged_into_id IS NULL
              AND wanted <% o.search LIMIT 500) near
        ORDER BY word_similarity(wanted, near.search) DESC, near.name_key LIMIT least(most, 5);
    END IF;
END $$
"""
TRIGGER_FUNCTIONS = (
    "organizations_merge_is_final()",
    "organizations_link_to_the_living()",
    "organizations_owned_by_the_living()",
)


def guard(function: str) -> list[migrations.RunSQL]:
    """Return the operations that hand a trigger's function to the migration login."""
    return [
        migrations.RunSQL(f"ALTER FUNCTION {function} OWNER TO app_migrate"),
        migrations.RunSQL(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC"),
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_security"),
        ("organizations", "0010_merging_and_ignoring"),
        ("tenants", "0011_ignored"),
    ]

    operations = [
        *secure_table("organizations_ignoredtenant"),
        composite_key("organizations_ignoredtenant", "tenant_id", "tenants_tenant"),
        *secure_table("organizations_offboardingstep"),
        composite_key("organizations_offboardingstep", "tenant_id", "tenants_tenant"),
        composite_key(
            "organizations_organization", "merged_into_id", "organizations_organization"
        ),
        *(migrations.RunSQL(function) for function in (FINAL, LINKS, OWNERS)),
        *(operation for name in TRIGGER_FUNCTIONS for operation in guard(name)),
        *(migrations.RunSQL(trigger) for trigger in TRIGGERS),
        migrations.RunSQL(MATCHING),
        migrations.RunSQL(CLOSEST),
    ]
