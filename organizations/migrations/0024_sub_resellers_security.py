"""What the people of a sub-reseller may read and write: their organization and what is below it.

Below it means below any sub-reseller that is below theirs, so a function walks the tree, which is
small, once for a statement. It and the other one run as the migration login, because a policy that
reads its own table would never end; both keep to the reseller and the sub-reseller in scope, and
give away nothing but ids.

A sub-reseller adds customers and changes their particulars. To whom an organization belongs, what
kind it is, its number and its ids at Microsoft are the provider's to say: those columns it cannot
update, and what it adds is a customer.
"""

from django.db import migrations

from portal.core.database.security import (
    ALL_RIGHTS,
    CUSTOMER,
    RESELLER,
    grant_policy,
    of_a_tree,
    tree_function,
)

TREE = f"""
CREATE FUNCTION organizations_tree(root uuid) RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH RECURSIVE below AS (
        SELECT o.id FROM organizations_organization o
        WHERE o.reseller_id = {RESELLER} AND o.id = root AND root = {CUSTOMER}
          AND o.kind = 'sub_reseller' AND o.merged_into_id IS NULL
        UNION
        SELECT o.id FROM below b JOIN organizations_organization o ON o.parent_id = b.id
        WHERE o.reseller_id = {RESELLER}
          AND o.kind = 'sub_reseller' AND o.merged_into_id IS NULL
    )
    SELECT coalesce(array_agg(id), '{{}}') FROM below
$$
"""
TENANTS = f"""
CREATE FUNCTION organizations_tree_tenants() RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 200
SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    mine bigint := {RESELLER};
    tree uuid[] := organizations_tree({CUSTOMER});
BEGIN
    RETURN QUERY
    SELECT l.tenant_id FROM organizations_organization o
    JOIN organizations_link l ON l.reseller_id = mine AND l.organization_id = o.id
    WHERE o.reseller_id = mine AND o.sub_reseller_id = ANY (tree) AND l.ends_at IS NULL
    UNION ALL
    SELECT t.id FROM organizations_organization s
    JOIN tenants_tenant t ON t.reseller_id = mine AND t.associated_partner = s.mpn_id
    WHERE s.reseller_id = mine AND s.id = ANY (tree) AND s.mpn_id <> ''
      AND t.associated_partner <> '' AND NOT t.is_linked AND NOT t.is_ignored;
END $$
"""
OWN = f"reseller_id = {RESELLER}"
ROLE = "app_subreseller"
ORGANIZATIONS = f"{OWN} AND {of_a_tree('sub_reseller_id')}"
OF_ORGANIZATIONS = (
    f"{OWN} AND organization_id = ANY (ARRAY(SELECT id FROM organizations_organization))"
)
OF_PEOPLE = f"{OWN} AND membership_id = ANY (ARRAY(SELECT id FROM core_membership))"
WRITTEN = (
    "name, primary_domain, registration_number, country, notification_email, contact_phone,"
    " changed_at"
)
SEEN_OF_CONNECTIONS = (
    "id, reseller_id, name, program, cloud, partner_tenant, state, last_success_at, discovered_at,"
    " created_at"
)
STATEMENTS = (
    # Of a new organization every column is written, so what it is stands in a second condition.
    f"CREATE POLICY {ROLE}_adds ON organizations_organization AS RESTRICTIVE FOR INSERT TO {ROLE}"
    " WITH CHECK (kind = 'customer' AND merged_into_id IS NULL)",
    f"GRANT UPDATE ({WRITTEN}) ON organizations_organization TO {ROLE}",
    f"CREATE POLICY {ROLE} ON tenants_connection FOR SELECT TO {ROLE}"
    f" USING ({OWN} AND program <> 'direct_bill')",
    # The secret, and what is told of failures, are the provider's.
    f"GRANT SELECT ({SEEN_OF_CONNECTIONS}) ON tenants_connection TO {ROLE}",
)


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0023_sub_resellers"),
        ("core", "0006_sub_reseller_roles"),
    ]

    operations = [
        *tree_function("organizations_tree(uuid)", TREE),
        *tree_function("organizations_tree_tenants()", TENANTS),
        *grant_policy("core_reseller", ROLE, f"id = {RESELLER}", ["SELECT"]),
        *grant_policy(
            "core_membership", ROLE, f"{OWN} AND {of_a_tree('organization_id')}", ["SELECT"]
        ),
        *grant_policy("core_apitoken", ROLE, OF_PEOPLE, ["SELECT", "INSERT", "UPDATE"]),
        *grant_policy("core_tableview", ROLE, OF_PEOPLE, ALL_RIGHTS),
        *grant_policy("core_auditevent", ROLE, OF_ORGANIZATIONS, ["INSERT"]),
        *grant_policy("core_audithead", ROLE, OWN, ["SELECT", "INSERT", "UPDATE"]),
        *grant_policy("organizations_organization", ROLE, ORGANIZATIONS, ["SELECT", "INSERT"]),
        *grant_policy(
            "organizations_account", ROLE, OF_ORGANIZATIONS, ["SELECT", "INSERT", "UPDATE"]
        ),
        *grant_policy("organizations_link", ROLE, OF_ORGANIZATIONS, ["SELECT"]),
        *grant_policy(
            "tenants_tenant", ROLE,
            f"{OWN} AND id = ANY (ARRAY(SELECT organizations_tree_tenants()))", ["SELECT"],
        ),
        *(migrations.RunSQL(statement, migrations.RunSQL.noop) for statement in STATEMENTS),
    ]
