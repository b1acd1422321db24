"""Roles of people who work for a sub-reseller; like customers' roles they need an organization."""

from django.db import migrations, models

ROLES = [
    ("admin", "Reseller administrator"),
    ("operator", "Operator"),
    ("finance", "Finance"),
    ("auditor", "Auditor"),
    ("sub_reseller_admin", "Sub-reseller administrator"),
    ("sub_reseller", "Sub-reseller"),
    ("customer_admin", "Customer administrator"),
    ("customer_viewer", "Customer viewer"),
]
OF_AN_ORGANIZATION = ["customer_admin", "customer_viewer", "sub_reseller", "sub_reseller_admin"]
NAME = "core_membership_customers_have_organization"


class Migration(migrations.Migration):
    dependencies = [("core", "0005_tables_security")]

    operations = [
        migrations.AlterField(
            model_name="membership",
            name="role",
            field=models.CharField(choices=ROLES, max_length=20),
        ),
        migrations.RemoveConstraint(model_name="membership", name=NAME),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("organization_id__isnull", False), ("role__in", OF_AN_ORGANIZATION)),
                    models.Q(
                        models.Q(("role__in", OF_AN_ORGANIZATION), _negated=True),
                        ("organization_id__isnull", True),
                    ),
                    _connector="OR",
                ),
                name=NAME,
            ),
        ),
    ]
