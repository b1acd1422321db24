"""What the people of a sub-reseller see: their own tree, and nothing of the provider's others."""

from typing import Any

import pytest
from django.db import transaction

from organizations.directory.models import Account, Organization
from organizations.linking.models import Link
from organizations.linking.queries import visible_tenants
from portal.core.access import Role, acting
from portal.core.identity.models import Membership
from portal.core.rows import ResellerOwned
from tests.factories.core import Person, make_person
from tests.isolation.catalogue import as_role, attempt
from tests.organizations.subresellers.scene import NORTH_MPN, OTHER_MPN, Scene

pytestmark = pytest.mark.django_db(transaction=True)

REFUSED = "42501"


def names(person: Person, model: type[ResellerOwned], field: str = "name") -> set[str]:
    with acting(person.actor), transaction.atomic():
        rows: Any = model.objects.visible_to(person.actor)
        return set(rows.values_list(field, flat=True))


def tenants_of(person: Person) -> set[str]:
    with acting(person.actor), transaction.atomic():
        return set(visible_tenants(person.actor).values_list("name", flat=True))


def test_organizations_and_accounts_of_the_whole_tree_and_no_others(scene: Scene) -> None:
    tree = {"North IT", "North Branch", "Inside Bakery", "Deep Bakery"}
    assert names(scene.admin, Organization) == tree
    assert names(scene.admin, Account) == tree
    assert names(scene.worker, Organization) == {"North Branch", "Deep Bakery"}
    assert names(scene.stranger, Organization) == {"South IT", "Outside Bakery"}


def test_tenants_linked_below_and_those_sold_through_it_that_nobody_linked(scene: Scene) -> None:
    for name, organization in (
        ("inside", scene.inside),
        ("deep", scene.deep),
        ("outside", scene.outside),
        ("direct", scene.direct),
    ):
        scene.link(scene.tenant(name), organization)
    scene.tenant("waiting", NORTH_MPN)
    scene.tenant("waits elsewhere", OTHER_MPN)
    scene.tenant("sold directly")
    # Sold through it once, but the provider has linked it to somebody else.
    scene.link(scene.tenant("taken", NORTH_MPN), scene.outside)
    assert tenants_of(scene.admin) == {"inside", "deep", "waiting"}
    assert tenants_of(scene.worker) == {"deep"}
    assert tenants_of(scene.stranger) == {"outside", "taken", "waits elsewhere"}
    assert names(scene.admin, Link, "tenant__name") == {"inside", "deep"}


def test_a_customer_that_moves_is_seen_by_its_new_sub_reseller_alone(scene: Scene) -> None:
    with acting(scene.system), transaction.atomic():
        Organization.objects.filter(pk=scene.inside.pk).update(parent=scene.other)
    assert "Inside Bakery" not in names(scene.admin, Organization)
    assert "Inside Bakery" in names(scene.stranger, Organization)


def test_people_of_an_organization_that_is_no_sub_reseller_see_nothing(scene: Scene) -> None:
    person = make_person(scene.reseller, Role.SUB_RESELLER, organization_id=scene.direct.pk)
    assert names(person, Organization) == set()
    assert tenants_of(person) == set()


def test_members_are_its_own_and_those_of_sub_resellers_below(scene: Scene) -> None:
    make_person(scene.reseller, Role.CUSTOMER_ADMIN, organization_id=scene.inside.pk)
    own = {scene.admin.membership.email, scene.worker.membership.email}
    assert names(scene.admin, Membership, "email") == own
    assert names(scene.worker, Membership, "email") == {scene.worker.membership.email}


TABLES = (
    "organizations_organization",
    "organizations_account",
    "organizations_link",
    "tenants_tenant",
    "core_membership",
)


def test_the_database_alone_shows_the_same_rows_whatever_is_asked(scene: Scene) -> None:
    """Without any filter of ours: `SELECT *` in the role of a sub-reseller's people."""
    scene.link(scene.tenant("inside"), scene.inside)
    scene.link(scene.tenant("outside"), scene.outside)
    scene.tenant("waiting", NORTH_MPN)
    expected = dict(zip(TABLES, (4, 4, 1, 2, 2), strict=True))
    with as_role(
        "app_subreseller", reseller=scene.reseller.pk, organization=str(scene.sub.pk)
    ) as cursor:
        seen = {table: attempt(cursor, f"SELECT * FROM {table}") for table in TABLES}
    assert seen == expected


def test_the_database_shows_nothing_without_reseller_or_organization(scene: Scene) -> None:
    contexts = ((None, None), (scene.reseller.pk, None), (None, str(scene.sub.pk)))
    for reseller, organization in contexts:
        with as_role("app_subreseller", reseller=reseller, organization=organization) as cursor:
            for table in TABLES:
                assert attempt(cursor, f"SELECT * FROM {table}") == 0, table


def test_the_database_refuses_what_is_the_providers(scene: Scene) -> None:
    """Secrets, money and everything about jobs, suggestions and other people's links."""
    refused = (
        "SELECT secret_sealed FROM tenants_connection",
        "SELECT * FROM tenants_connection",
        "SELECT * FROM tenants_consent",
        "SELECT * FROM billing_invoiceline",
        "SELECT * FROM organizations_linksuggestion",
        "SELECT * FROM core_auditevent",
        "SELECT * FROM organizations_numbering",
        "UPDATE organizations_organization SET parent_id = NULL",
        "UPDATE organizations_organization SET mpn_id = '3333333'",
        "UPDATE organizations_organization SET kind = 'customer'",
        "UPDATE organizations_organization SET number = '1'",
        "DELETE FROM organizations_organization",
        "DELETE FROM organizations_account",
        "INSERT INTO organizations_link (id) VALUES (gen_random_uuid())",
        "UPDATE tenants_tenant SET associated_partner = '1111111'",
        "UPDATE core_membership SET role = 'admin'",
        "SELECT client_id FROM tenants_connection",
        "SELECT last_failure FROM tenants_connection",
        "UPDATE tenants_connection SET name = 'mine'",
        "SELECT failure FROM tenants_countryruleset",
        "SELECT password_sealed FROM organizations_firstpassword",
        "UPDATE organizations_firstpassword SET recipient = 'me@example.com'",
        "SELECT * FROM organizations_passwordlink",
        "SELECT * FROM organizations_passwordsettings",
        "SELECT * FROM notify_delivery",
        "UPDATE core_job SET state = 'waiting'",
        "UPDATE organizations_provisioningrequest SET reseller_mpn_id = '3333333'",
        "INSERT INTO organizations_provisioningrequest (id) VALUES (gen_random_uuid())",
        "UPDATE organizations_provisioningstep SET state = 'done'",
        "UPDATE tenants_indirectreseller SET has_signed = true",
    )
    with as_role(
        "app_subreseller", reseller=scene.reseller.pk, organization=str(scene.sub.pk)
    ) as cursor:
        outcomes = {statement: attempt(cursor, statement) for statement in refused}
        seen = attempt(cursor, "SELECT id, name, program FROM tenants_connection")
    assert outcomes == dict.fromkeys(refused, REFUSED)
    assert seen == 1


def test_the_database_lets_it_add_customers_below_itself_alone(scene: Scene) -> None:
    adding = (
        "INSERT INTO organizations_organization (id, reseller_id, number, name, kind, parent_id,"
        " primary_domain, registration_number, country, notification_email, contact_phone,"
        " created_at, changed_at) VALUES (gen_random_uuid(), %s, 'X1', 'X', %s, %s, '', '', '',"
        " '', '', now(), now())"
    )
    below = ("customer", str(scene.sub.pk))
    with as_role(
        "app_subreseller", reseller=scene.reseller.pk, organization=str(scene.sub.pk)
    ) as cursor:
        assert attempt(cursor, adding, [scene.reseller.pk, *below]) == 1
        for kind, parent in (
            ("sub_reseller", str(scene.sub.pk)),
            ("customer", str(scene.other.pk)),
            ("customer", None),
        ):
            assert attempt(cursor, adding, [scene.reseller.pk, kind, parent]) == REFUSED
