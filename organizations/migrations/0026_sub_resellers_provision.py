"""What the people of a sub-reseller read to provision their customers, and what of it they write.

They read requests, journals and first passwords of their own accounts, never what is sealed; the
jobs of those requests; the rules of countries; and of the indirect resellers themselves. Requests
are written for them past this role, after it was asked what is theirs, and so are the options that
a vendor's fields hold. What they do write here is what they enter in the provider's own fields that
whoever may provision fills in.

Connections of every kind are theirs to see now: a customer of theirs may be provisioned through a
direct one too.
"""

from django.db import migrations

from portal.core.database.security import RESELLER, grant_policy

OWN = f"reseller_id = {RESELLER}"
ROLE = "app_subreseller"
ACCOUNTS = f"{OWN} AND account_id = ANY (ARRAY(SELECT id FROM organizations_account))"
OF_REQUESTS = (
    f"{OWN} AND provisioning_id = ANY (ARRAY(SELECT id FROM organizations_provisioningrequest))"
)
JOBS = (
    f"{OWN} AND kind = 'organizations.provision'"
    " AND subject_id = ANY (ARRAY(SELECT id FROM organizations_provisioningrequest))"
)
THEMSELVES = (
    f"{OWN} AND mpn_id = ANY (ARRAY(SELECT mpn_id FROM organizations_organization"
    " WHERE mpn_id <> ''))"
)
VALUES = (
    f"{OWN} AND belongs_to_id = ANY (ARRAY(SELECT id FROM organizations_organization))"
    " AND definition_id = ANY (ARRAY(SELECT id FROM organizations_fielddefinition))"
)
FILLED = (
    f"{VALUES} AND definition_id = ANY (ARRAY(SELECT id FROM organizations_fielddefinition"
    " WHERE edited_by = 'provisioners' AND source = 'reseller'))"
)
RULES = "id, reseller_id, country, rules, fetched_at"
PASSWORDS = (
    "id, reseller_id, account_id, connection_id, microsoft_id, request_id, username, domain,"
    " recipient, held_because, language, version, links, state, kept_at, expires_at, sent_at,"
    " opened_at, wiped_at, wiped_because"
)
STATEMENTS = (
    f"ALTER POLICY {ROLE} ON tenants_connection USING ({OWN})",
    f"GRANT SELECT (uses_reseller_address) ON tenants_connection TO {ROLE}",
    # Why reading failed is told to the provider's staff.
    f"CREATE POLICY {ROLE} ON tenants_countryruleset FOR SELECT TO {ROLE} USING ({OWN})",
    f"GRANT SELECT ({RULES}) ON tenants_countryruleset TO {ROLE}",
    f"CREATE POLICY {ROLE} ON organizations_firstpassword FOR SELECT TO {ROLE} USING ({ACCOUNTS})",
    f"GRANT SELECT ({PASSWORDS}) ON organizations_firstpassword TO {ROLE}",
    f"DROP POLICY {ROLE} ON organizations_fieldvalue",
    f"CREATE POLICY {ROLE} ON organizations_fieldvalue TO {ROLE}"
    f" USING ({VALUES}) WITH CHECK ({FILLED})",
    f"GRANT INSERT, UPDATE ON organizations_fieldvalue TO {ROLE}",
)


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0025_fields_of_sub_resellers"),
        ("tenants", "0018_associated_partner"),
    ]

    operations = [
        *grant_policy("organizations_provisioningrequest", ROLE, ACCOUNTS, ["SELECT"]),
        *grant_policy("organizations_provisioningstep", ROLE, OF_REQUESTS, ["SELECT"]),
        *grant_policy("core_job", ROLE, JOBS, ["SELECT"]),
        *grant_policy("tenants_indirectreseller", ROLE, THEMSELVES, ["SELECT"]),
        *(migrations.RunSQL(statement, migrations.RunSQL.noop) for statement in STATEMENTS),
    ]
