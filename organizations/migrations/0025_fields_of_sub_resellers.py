"""What a sub-reseller's people see of custom fields: those everybody sees, of what is theirs."""

from django.db import migrations

from portal.core.database.security import RESELLER, grant_policy

OWN = f"reseller_id = {RESELLER}"
SEEN = (
    f"{OWN} AND belongs_to_id = ANY (ARRAY(SELECT id FROM organizations_organization))"
    " AND definition_id = ANY (ARRAY(SELECT id FROM organizations_fielddefinition))"
)


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0018_fields_security"),
        ("organizations", "0024_sub_resellers_security"),
    ]

    operations = [
        *grant_policy(
            "organizations_fielddefinition",
            "app_subreseller",
            f"{OWN} AND seen_by = 'everybody'",
            ["SELECT"],
        ),
        *grant_policy("organizations_fieldvalue", "app_subreseller", SEEN, ["SELECT"]),
    ]
