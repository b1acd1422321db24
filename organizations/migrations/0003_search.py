"""Columns and functions that make organizations quick to find under row-level security.

LIKE is not leakproof, so PostgreSQL will not use the trigram index for it below a policy. Both
functions therefore run as the migration login, which the policies do not bind, and compare the
reseller themselves; only the role of a reseller's staff may call them, and they give away nothing
but ids of its own rows.
"""

import django.db.models.functions.text
from django.db import migrations, models

from portal.core.database.security import RESELLER

MATCHING = f"""
CREATE FUNCTION organizations_matching(term text) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 200
SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    mine bigint := {RESELLER};
    pattern text := replace(replace(replace(lower(term), '\\', '\\\\'), '%', '\\%'), '_', '\\_');
BEGIN
    RETURN QUERY SELECT o.id FROM organizations_organization o
        WHERE o.reseller_id = mine AND o.search LIKE '%' || pattern || '%';
END $$
"""

# Names that begin with the term come first and straight from their index; of what else contains it
# only so many are ranked, so that a word in every third name ("gmbh") costs no more than a rare one.
CLOSEST = f"""
CREATE FUNCTION organizations_closest(term text, most integer)
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
             WHERE o.reseller_id = mine AND o.number = term)
            UNION ALL
            (SELECT o.id, 3, o.name_key FROM organizations_organization o
             WHERE o.reseller_id = mine AND o.name_key LIKE pattern || '%'
             ORDER BY o.name_key USING ~<~ LIMIT most)
            UNION ALL
            (SELECT o.id, word_similarity(wanted, o.search), o.name_key FROM (
                 SELECT i.id, i.search, i.name_key FROM organizations_organization i
                 WHERE length(wanted) > 2 AND i.reseller_id = mine
                   AND i.search LIKE '%' || pattern || '%' LIMIT 500) o
             ORDER BY 2 DESC, length(o.search), o.name_key LIMIT most)
        ) first GROUP BY first.id
    ) found ORDER BY found.closeness DESC, length(found.name_key), found.name_key LIMIT most;
    IF NOT FOUND AND length(wanted) > 2 THEN
        RETURN QUERY SELECT near.id, true FROM (
            SELECT o.id, o.search, o.name_key FROM organizations_organization o
            WHERE o.reseller_id = mine AND wanted <% o.search LIMIT 500) near
        ORDER BY word_similarity(wanted, near.search) DESC, near.name_key LIMIT least(most, 5);
    END IF;
END $$
"""


def for_staff(function: str) -> list[migrations.RunSQL]:
    """Return the operations that hand a function to the migration login and to a reseller's staff."""
    return [
        migrations.RunSQL(f"ALTER FUNCTION {function} OWNER TO app_migrate", migrations.RunSQL.noop),
        migrations.RunSQL(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC", migrations.RunSQL.noop),
        migrations.RunSQL(
            f"GRANT EXECUTE ON FUNCTION {function} TO app_reseller",
            f"DROP FUNCTION {function}",
        ),
    ]


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0002_security'),
        ('organizations', '0002_security'),
    ]

    operations = [
        migrations.AddField(
            model_name='organization',
            name='is_complete',
            field=models.GeneratedField(db_persist=True, expression=models.Case(models.When(models.Q(models.Q(('primary_domain', ''), _negated=True), models.Q(('notification_email', ''), _negated=True), models.Q(('contact_phone', ''), _negated=True)), then=models.Value(True)), default=models.Value(False)), output_field=models.BooleanField()),
        ),
        migrations.AddField(
            model_name='organization',
            name='name_key',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Lower(models.F('name')), output_field=models.TextField()),
        ),
        migrations.AddField(
            model_name='organization',
            name='registration_key',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Lower(models.Func(models.F('registration_number'), models.Value('[^[:alnum:]]'), models.Value(''), models.Value('g'), function='regexp_replace'), output_field=models.TextField()), output_field=models.TextField()),
        ),
        migrations.AddIndex(
            model_name='organization',
            index=models.Index(fields=['reseller', 'name_key'], name='organizations_by_name_key', opclasses=['int8_ops', 'text_pattern_ops']),
        ),
        migrations.AddIndex(
            model_name='organization',
            index=models.Index(condition=models.Q(('registration_key', ''), _negated=True), fields=['reseller', 'registration_key'], name='organizations_by_registration'),
        ),
        migrations.AddIndex(
            model_name='organization',
            index=models.Index(condition=models.Q(('is_complete', False)), fields=['reseller', 'name', 'id'], name='organizations_incomplete'),
        ),
        migrations.AddIndex(
            model_name='organization',
            index=models.Index(condition=models.Q(('kind', 'sub_reseller')), fields=['reseller', 'name', 'id'], name='organizations_resellers'),
        ),
        migrations.AddIndex(
            model_name='organization',
            index=models.Index(fields=['reseller', 'country', 'name', 'id'], name='organizations_by_country'),
        ),
        migrations.RunSQL(MATCHING, migrations.RunSQL.noop),
        *for_staff("organizations_matching(text)"),
        migrations.RunSQL(CLOSEST, migrations.RunSQL.noop),
        *for_staff("organizations_closest(text, integer)"),
    ]
