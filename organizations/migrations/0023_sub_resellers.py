"""What Microsoft calls a sub-reseller, and to which sub-reseller each organization belongs.

The last is worked out by the database from kind and parent, so no operation can forget it.
"""

from django.db import migrations, models
from django.db.models import Case, F, Q, When


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0022_provisioning_security"),
        ("tenants", "0018_associated_partner"),
    ]

    operations = [
        migrations.AddField(
            "organization", "mpn_id",
            models.CharField(blank=True, db_default="", default="", max_length=30),
        ),
        migrations.AddField(
            "organization", "microsoft_partner_id", models.UUIDField(blank=True, null=True)
        ),
        migrations.AddField(
            "organization", "sub_reseller_id",
            models.GeneratedField(
                db_persist=True,
                expression=Case(When(kind="sub_reseller", then=F("id")), default=F("parent_id")),
                output_field=models.UUIDField(null=True),
            ),
        ),
        migrations.AddConstraint(
            "organization",
            models.UniqueConstraint(
                fields=["reseller", "mpn_id"],
                condition=~Q(mpn_id="") & Q(merged_into=None),
                name="organizations_organization_mpn_id",
            ),
        ),
        migrations.AddConstraint(
            "organization",
            models.UniqueConstraint(
                fields=["reseller", "microsoft_partner_id"],
                condition=Q(microsoft_partner_id__isnull=False, merged_into=None),
                name="organizations_organization_partner_id",
            ),
        ),
        migrations.AddConstraint(
            "organization",
            models.CheckConstraint(
                condition=Q(kind="sub_reseller") | Q(mpn_id="", microsoft_partner_id=None),
                name="organizations_organization_only_sub_resellers_are_partners",
            ),
        ),
        migrations.AddIndex(
            "organization",
            models.Index(
                fields=["reseller", "sub_reseller_id", "name", "id"],
                condition=Q(sub_reseller_id__isnull=False),
                name="organizations_by_sub_reseller",
            ),
        ),
    ]
