"""Links get a period: the days whose months they own.

What holds now has owned every month, because no month could be closed before; what has ended owned
none from then on, since a month that was open followed its tenant's live link.
"""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models

import portal.core.rows
from portal.core.database.security import composite_key

FILL = """
ALTER TABLE organizations_link ADD COLUMN period daterange NOT NULL DEFAULT 'empty';
UPDATE organizations_link SET period = '(,)' WHERE ends_at IS NULL;
ALTER TABLE organizations_link ALTER COLUMN period DROP DEFAULT;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0003_books"), ("organizations", "0003_search"), ("tenants", "0010_integration_security")]

    operations = [
        migrations.RunSQL(
            FILL,
            "ALTER TABLE organizations_link DROP COLUMN period",
            state_operations=[
                migrations.AddField(
                    model_name="link",
                    name="period",
                    field=django.contrib.postgres.fields.ranges.DateRangeField(),
                )
            ],
        ),
        migrations.AddField(
            model_name="link",
            name="begins_on_a_day",
            field=models.GeneratedField(db_persist=True, expression=models.Case(models.When(models.Q(("period__isempty", False), ("period__lower_inf", False)), then=models.Value(True)), default=models.Value(False)), output_field=models.BooleanField()),
        ),
        migrations.AddField(
            model_name="link",
            name="replaces",
            field=portal.core.rows.OwnedForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organizations.link"),
        ),
        composite_key("organizations_link", "replaces_id", "organizations_link"),
        migrations.AlterField(
            model_name="link",
            name="how",
            field=models.CharField(choices=[("manual", "By hand"), ("created", "Organization created from the tenant"), ("suggestion", "By suggestion"), ("bulk", "In bulk"), ("provisioned", "Provisioned here"), ("moved", "Moved from another organization"), ("undo", "Given back by undo")], default="manual", max_length=12),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.CheckConstraint(condition=models.Q(models.Q(("ends_at", None), ("period__upper_inf", True)), models.Q(("ends_at__isnull", False), ("period__upper_inf", False)), _connector="OR"), name="organizations_link_live_has_no_last_day"),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[("tenant", "="), ("period", "&&")], name="organizations_link_no_overlap"),
        ),
        migrations.AddIndex(
            model_name="link",
            index=models.Index(condition=models.Q(("begins_on_a_day", True)), fields=["reseller", "tenant"], name="organizations_link_from_a_day"),
        ),
    ]
