"""Merging: the preview is what happens, everything living goes over, nothing living stays."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from organizations.directory.accounts import create_account
from organizations.directory.details import AccountDetails
from organizations.directory.models import Account, Organization
from organizations.directory.operations import change_organization, create_organization
from organizations.directory.queries import (
    matching,
    organization_options,
    organizations,
    similar_organizations,
)
from organizations.linking.batch import Pair, link_tenants
from organizations.linking.models import Link
from organizations.linking.operations import (
    link_tenant,
    move_tenant,
    undo_link,
    unlink_tenant,
)
from organizations.linking.periods import beginning
from organizations.members.operations import invite_member
from organizations.merging.operations import merge_organizations
from organizations.merging.queries import preview_merge
from portal.core.access import Role, acting, system_actor
from portal.core.audit.models import AuditEvent
from portal.core.audit.operations import first_broken_event
from portal.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from portal.core.identity.models import ApiToken, Membership
from portal.core.money import Money
from tests.factories.core import make_person
from tests.factories.organizations import make_account, make_organization
from tests.factories.tenants import make_tenant
from tests.organizations.linking.periods import close, owned
from tests.organizations.linking.scene import at_work, make_scene
from tests.organizations.merging.conftest import Two

pytestmark = pytest.mark.django_db


def test_the_preview_is_what_happens(two: Two) -> None:
    scene = two.scene
    billed = [("EUR", "100.25"), ("EUR", "20"), ("USD", "7.5")]
    tenants = [
        make_tenant(
            scene.connection,
            billed_amount=Decimal(amount),
            billed_currency=currency,
            billed_month=date(2026, 9, 1),
        )
        for currency, amount in billed
    ]
    former = make_tenant(scene.connection)
    for tenant in (*tenants, former):
        scene.link(tenant)
    with acting(scene.operator.actor) as actor:
        unlink_tenant(former, actor=actor, reason="it left")
    make_account(two.source)
    person = scene.person(Role.CUSTOMER_VIEWER, organization=two.source)
    with acting(two.admin.actor) as actor:
        preview = preview_merge(two.source, actor=actor, into=two.target)
    assert preview.refusal == ""
    assert (preview.links, preview.ended_links, preview.accounts) == (3, 1, 2)
    assert (preview.members, preview.doubled, preview.children) == (1, 0, 0)
    assert preview.money == (Money(Decimal("120.25"), "EUR"), Money(Decimal("7.5"), "USD"))
    assert [row.name for row in preview.gaps] == ["primary_domain"]
    merged = two.merge()
    assert merged.pk == two.target.pk
    assert len(scene.live_links()) == preview.links
    assert {link.organization_id for link in scene.live_links()} == {two.target.pk}
    assert len(two.accounts_of(two.target)) == 1 + preview.accounts
    assert [row.pk for row in two.members_of(two.target)] == [person.membership.pk]
    assert [row.organization_id for row in two.links_of(former)] == [two.source.pk]
    assert two.fresh(two.target).primary_domain == "", "nobody asked for gaps to be filled"


def test_links_end_and_begin_anew_at_the_same_account(two: Two) -> None:
    before = two.scene.link()
    two.merge()
    old, new = two.links_of(two.scene.tenant)
    assert (old.pk, old.organization_id) == (before.pk, two.source.pk)
    assert old.end_reason.startswith("Merged into Bakery Holding")
    assert (new.organization_id, new.account_id) == (two.target.pk, before.account_id)
    assert new.begins_at == old.ends_at
    assert two.scene.fresh_tenant().is_linked


def test_closed_months_stay_with_the_tombstone_and_open_ones_go_over(two: Two) -> None:
    scene = two.scene
    late = make_tenant(
        scene.connection,
        billed_amount=Decimal(40),
        billed_currency="EUR",
        billed_month=date(2026, 8, 1),
    )
    scene.link()
    scene.link(late)
    close(scene, date(2026, 10, 1))
    before = owned(scene)
    with acting(two.admin.actor) as actor:
        preview = preview_merge(two.source, actor=actor, into=two.target)
    assert (preview.closed_until, preview.links, preview.money) == (date(2026, 10, 1), 2, ())
    two.merge()
    assert before == [("North Bakery BV", None, None)]
    assert owned(scene) == [
        ("North Bakery BV", None, date(2026, 10, 1)),
        ("Bakery Holding", date(2026, 10, 1), None),
    ]
    old, new = two.links_of(scene.tenant)
    assert new.replaces_id == old.pk


def test_a_link_that_took_a_tenant_from_a_tombstone_can_be_undone(two: Two) -> None:
    scene = two.scene
    other = make_organization(scene.reseller, name="Somebody Else")
    account = scene.link().account_id
    with acting(two.admin.actor) as actor:
        moved = move_tenant(scene.tenant, actor=actor, organization=other, why="wrong")
    two.merge()
    with acting(two.admin.actor) as actor:
        undo_link(moved, actor=actor)
    (live,) = scene.live_links()
    assert (live.organization_id, live.account_id) == (two.target.pk, account)


def test_accounts_go_over_as_ordinary_ones_with_the_number_they_were_known_by(two: Two) -> None:
    primary = two.accounts_of(two.target)[0]
    two.merge()
    first, second = two.accounts_of(two.target)
    assert (first.pk, first.is_primary) == (primary.pk, True)
    assert (second.is_primary, second.customer_number) == (False, two.source.number)
    assert two.accounts_of(two.source) == []


def test_only_gaps_that_were_chosen_are_filled(two: Two) -> None:
    with pytest.raises(InvalidInput, match="lacks nothing of this: contact_phone"):
        two.merge(fill=("contact_phone",))
    assert not two.fresh().is_merged
    two.merge(fill=("primary_domain",))
    assert two.fresh(two.target).primary_domain == two.source.primary_domain


def test_somebody_who_belongs_to_both_keeps_one_role_and_every_token(two: Two) -> None:
    scene = two.scene
    here = make_person(
        scene.reseller,
        Role.CUSTOMER_ADMIN,
        organization_id=two.source.pk,
        email="both@example.com",
    )
    there = make_person(
        scene.reseller,
        Role.CUSTOMER_VIEWER,
        organization_id=two.target.pk,
        email="both@example.com",
    )
    text = here.token()
    two.merge()
    with at_work(system_actor(scene.reseller.pk, "tests")):
        (kept,) = Membership.objects.filter(email="both@example.com")
        (token,) = ApiToken.objects.all()
    assert (kept.pk, kept.role) == (there.membership.pk, Role.CUSTOMER_VIEWER)
    assert token.membership_id == there.membership.pk
    assert text


def test_customers_of_the_source_see_the_target_from_then_on(two: Two) -> None:
    person = two.scene.person(Role.CUSTOMER_ADMIN, organization=two.source)
    two.scene.link()
    two.merge()
    browser = person.client()
    assert "Bakery Holding" in browser.get("/organizations/", follow=True).content.decode()
    assert "North Bakery" in browser.get("/tenants/").content.decode()


def test_children_go_over_and_only_to_a_sub_reseller(two: Two) -> None:
    scene = two.scene
    above, other = (
        make_organization(scene.reseller, kind=Organization.Kind.SUB_RESELLER) for _ in range(2)
    )
    child = make_organization(scene.reseller, parent=above)
    with acting(two.admin.actor) as actor:
        with pytest.raises(InvalidInput, match="is not a sub-reseller"):
            merge_organizations(above, actor=actor, into=two.target, reason="same")
        with pytest.raises(InvalidInput, match="Merge the other way round"):
            merge_organizations(above, actor=actor, into=child, reason="same")
        merge_organizations(above, actor=actor, into=other, reason="same")
        assert two.fresh(child).parent_id == other.pk
        merge_organizations(child, actor=actor, into=other, reason="same")
    assert two.fresh(child).merged_into_id == other.pk


def test_a_sub_reseller_goes_over_with_its_people_and_its_partner_ids(two: Two) -> None:
    scene = two.scene
    above, other = (
        make_organization(scene.reseller, kind=Organization.Kind.SUB_RESELLER) for _ in range(2)
    )
    person = scene.person(Role.SUB_RESELLER, organization=above)
    tenant_of = "d0000000-0000-4000-8000-000000000001"

    def known_as(row: Organization, mpn_id: str, partner: str | None = None) -> None:
        with acting(two.admin.actor), transaction.atomic():
            Organization.objects.filter(pk=row.pk).update(
                mpn_id=mpn_id, microsoft_partner_id=partner
            )

    with acting(two.admin.actor) as actor:
        with pytest.raises(InvalidInput, match="would see nothing any more"):
            merge_organizations(above, actor=actor, into=two.target, reason="same")
        known_as(above, "1111111", tenant_of)
        known_as(other, "2222222")
        with pytest.raises(InvalidInput, match="two partners to Microsoft"):
            merge_organizations(above, actor=actor, into=other, reason="same")
        known_as(other, "")
        merge_organizations(above, actor=actor, into=other, reason="same")
    heir = two.fresh(other)
    assert (heir.mpn_id, str(heir.microsoft_partner_id)) == ("1111111", tenant_of)
    page = person.client().get("/")
    assert page.status_code == 200 and heir.name in page.content.decode()


def test_a_partner_without_people_goes_only_to_a_sub_reseller(two: Two) -> None:
    above = make_organization(two.scene.reseller, kind=Organization.Kind.SUB_RESELLER)
    with acting(two.admin.actor) as actor:
        with transaction.atomic():
            Organization.objects.filter(pk=above.pk).update(mpn_id="1111111")
        with pytest.raises(InvalidInput, match="as a partner"):
            merge_organizations(above, actor=actor, into=two.target, reason="same")


def test_what_makes_no_sense_is_refused(two: Two) -> None:
    south = make_scene("South")
    with acting(two.admin.actor) as actor:
        with pytest.raises(InvalidInput, match="into itself"):
            merge_organizations(two.source, actor=actor, into=two.source, reason="same")
        with pytest.raises(InvalidInput, match="Say why"):
            merge_organizations(two.source, actor=actor, into=two.target, reason=" ")
        with pytest.raises(NotFound):
            merge_organizations(two.source, actor=actor, into=south.organization, reason="same")
    with acting(two.scene.operator.actor) as actor, pytest.raises(NotAllowed):
        merge_organizations(two.source, actor=actor, into=two.target, reason="same")
    assert not two.fresh().is_merged


def test_what_was_merged_is_final(two: Two) -> None:
    third = make_organization(two.scene.reseller, name="Third Company")
    two.merge()
    with acting(two.admin.actor) as actor:
        for source, into in ((two.source, third), (third, two.source)):
            with pytest.raises(Conflict, match="was merged into Bakery Holding") as refused:
                merge_organizations(source, actor=actor, into=into, reason="same")
            assert refused.value.code == "organization_merged"
        with pytest.raises(Conflict, match="Use that one"):
            change_organization(two.source, actor=actor, changes={"name": "Another"})
        with pytest.raises(Conflict, match="Use that one"):
            details = AccountDetails(name="New", currency="EUR")
            create_account(two.source, actor=actor, details=details)
        with pytest.raises(Conflict, match="Use that one"):
            link_tenant(two.scene.tenant, actor=actor, organization=two.source)
        with pytest.raises(Conflict, match="Use that one"):
            invite_member(
                actor=actor,
                email="new@example.com",
                full_name="New",
                role=Role.CUSTOMER_VIEWER,
                organization_id=two.source.pk,
            )
        (result,) = link_tenants([Pair(two.scene.tenant.pk, two.source.pk)], actor=actor)
        assert "was merged into Bakery Holding" in result.detail
        assert result.link_id is None
        # A merger of the heir leads on.
        merge_organizations(two.target, actor=actor, into=third, reason="same again")
        with pytest.raises(Conflict, match="was merged into Third Company"):
            link_tenant(two.scene.tenant, actor=actor, organization=two.source)


def test_nobody_finds_a_tombstone(two: Two) -> None:
    two.scene.link()
    two.merge()
    with at_work(two.admin.actor) as actor:
        assert two.source not in organizations(actor)
        assert list(matching(organizations(actor), "North Bakery", actor=actor)) == []
        options = organization_options(actor, "North Bakery")
        assert two.source.pk not in {option.value for option in options}
        assert similar_organizations(actor, name=two.source.name) == []
        again = create_organization(
            actor=actor,
            name=two.source.name,
            primary_domain=two.source.primary_domain,
            notification_email="it@example.com",
            contact_phone="+31 20 123 4567",
        )
    assert again.number != two.source.number


def test_the_database_lets_nothing_living_belong_to_a_tombstone(two: Two) -> None:
    link = two.scene.link()
    two.merge()
    other = make_tenant(two.scene.connection)
    child = make_organization(two.scene.reseller)
    person = two.scene.person(Role.CUSTOMER_VIEWER, organization=two.target)

    def refused(write: object) -> None:
        with (
            pytest.raises(IntegrityError, match="was merged into another"),
            at_work(two.admin.actor),
            transaction.atomic(),
        ):
            write()  # type: ignore[operator]

    refused(
        lambda: Link.objects.create(
            reseller_id=two.scene.reseller.pk,
            tenant=other,
            account_id=link.account_id,
            organization=two.source,
            begins_at=link.begins_at,
            linked_by="tests",
            period=beginning(None),
        )
    )
    refused(lambda: Link.objects.filter(ends_at=None).update(organization=two.source))
    refused(lambda: make_account(two.source))
    refused(lambda: Organization.objects.filter(pk=child.pk).update(parent=two.source))
    members = Membership.objects
    refused(lambda: members.filter(pk=person.membership.pk).update(organization_id=two.source.pk))
    rows = Organization.objects
    refused(lambda: rows.filter(pk=two.source.pk).update(merged_into=None, merged_at=None))


def test_the_database_refuses_to_bury_what_lives(two: Two) -> None:
    two.scene.link()
    with (
        pytest.raises(IntegrityError, match="still has something living"),
        at_work(two.admin.actor),
    ):
        Organization.objects.filter(pk=two.source.pk).update(
            merged_into=two.target, merged_at=two.source.created_at
        )


def test_the_database_refuses_a_merger_into_itself_or_without_a_time(two: Two) -> None:
    with at_work(system_actor(two.scene.reseller.pk, "tests")):
        Account.objects.filter(organization=two.source).delete()
    for values in (
        {"merged_into": two.source, "merged_at": two.source.created_at},
        {"merged_into": two.target, "merged_at": None},
    ):
        with pytest.raises(IntegrityError, match="nothing living"), at_work(two.admin.actor):
            Organization.objects.filter(pk=two.source.pk).update(**values)


def test_both_histories_know_of_it_and_the_chain_holds(two: Two) -> None:
    two.scene.link()
    two.merge(reason="The same company twice", fill=("primary_domain",))
    with at_work(two.admin.actor) as actor:
        rows = {
            event.action: event
            for event in AuditEvent.objects.filter(action__startswith="organizations.")
        }
        assert first_broken_event(actor) is None
    buried = rows["organizations.organization_merged"]
    took = rows["organizations.organization_took_over"]
    assert buried.subject_id == str(two.source.pk)
    assert buried.after["merged_into_number"] == two.target.number
    assert took.organization_id == two.target.pk
    assert took.after["primary_domain"] == two.source.primary_domain
    assert {buried.reason, took.reason} == {"The same company twice"}
    moved = rows["organizations.tenant_moved"]
    assert (moved.before["organization"], moved.after["organization"]) == (
        "North Bakery BV",
        "Bakery Holding",
    )
