"""What a closed month billed stays with whom it was billed to, whoever writes.

The trigger compares who owned the days before the books' closing day before and after a statement,
so it refuses a change in whatever way it is made, and lets through all that leaves those days alone.
It reads the books with the lock that linking takes, for those that come without it.
"""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION organizations_link_keeps_closed_months() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    changed record;
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM FROM core_books b WHERE b.closed_until IS NOT NULL
            AND b.reseller_id IN (SELECT reseller_id FROM added) FOR SHARE;
        IF NOT FOUND THEN RETURN NULL; END IF;
        SELECT a.tenant_id INTO changed FROM added a JOIN core_books b
            ON b.reseller_id = a.reseller_id AND a.period && daterange(NULL, b.closed_until)
        WHERE b.closed_until IS NOT NULL LIMIT 1;
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM FROM core_books b WHERE b.closed_until IS NOT NULL
            AND b.reseller_id IN (SELECT reseller_id FROM removed) FOR SHARE;
        IF NOT FOUND THEN RETURN NULL; END IF;
        SELECT r.tenant_id INTO changed FROM removed r JOIN core_books b
            ON b.reseller_id = r.reseller_id AND r.period && daterange(NULL, b.closed_until)
        WHERE b.closed_until IS NOT NULL LIMIT 1;
    ELSE
        PERFORM FROM core_books b WHERE b.closed_until IS NOT NULL
            AND b.reseller_id IN (SELECT reseller_id FROM added UNION SELECT reseller_id FROM removed)
            FOR SHARE;
        IF NOT FOUND THEN RETURN NULL; END IF;
        SELECT d.tenant_id INTO changed FROM (
            (SELECT {owner} FROM removed l {closed} EXCEPT SELECT {owner} FROM added l {closed})
            UNION ALL
            (SELECT {owner} FROM added l {closed} EXCEPT SELECT {owner} FROM removed l {closed})
        ) d LIMIT 1;
    END IF;
    IF FOUND THEN
        RAISE EXCEPTION 'A closed month of tenant % would change hands.', changed.tenant_id
            USING ERRCODE = 'integrity_constraint_violation',
            CONSTRAINT = 'organizations_link_closed_months', TABLE = 'organizations_link';
    END IF;
    RETURN NULL;
END $$
"""
OWNER = """l.reseller_id, l.tenant_id, l.organization_id, l.account_id,
                l.period * daterange(NULL, b.closed_until) AS days"""
CLOSED = """JOIN core_books b ON b.reseller_id = l.reseller_id
                AND b.closed_until IS NOT NULL AND l.period && daterange(NULL, b.closed_until)"""
TRIGGER = """
CREATE TRIGGER organizations_link_closed_{event} AFTER {event} ON organizations_link
REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION organizations_link_keeps_closed_months()
"""
TABLES = {
    "insert": "NEW TABLE AS added",
    "update": "NEW TABLE AS added OLD TABLE AS removed",
    "delete": "OLD TABLE AS removed",
}


class Migration(migrations.Migration):
    dependencies = [("core", "0003_books"), ("organizations", "0004_periods")]

    operations = [
        migrations.RunSQL(
            FUNCTION.format(owner=OWNER, closed=CLOSED),
            "DROP FUNCTION organizations_link_keeps_closed_months() CASCADE",
        ),
        migrations.RunSQL(
            "ALTER FUNCTION organizations_link_keeps_closed_months() OWNER TO app_owner",
            migrations.RunSQL.noop,
        ),
        *(
            migrations.RunSQL(TRIGGER.format(event=event, tables=tables), migrations.RunSQL.noop)
            for event, tables in TABLES.items()
        ),
    ]
