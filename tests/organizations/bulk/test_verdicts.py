"""What linking says of a tenant alone is what a bulk link says of it among many, before and after.

An ignored tenant and an organization that was merged away have a word and a sentence of their own:
in the preview, and where they became so between the preview and the run.
"""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.utils import timezone

from organizations.bulk.models import BulkLink
from organizations.bulk.operations import preview_rows, retry_bulk
from organizations.bulk.plans import AcceptSuggestions, FileRow, LinkTo
from organizations.directory.models import Organization
from organizations.ignoring.models import IgnoredTenant
from organizations.ignoring.operations import ignore_tenant, unignore_tenant
from organizations.linking.operations import link_tenant
from organizations.merging.operations import merge_organizations
from organizations.suggestions.models import Level, LinkSuggestion
from portal.core.access import Role, acting
from portal.core.errors import Conflict
from tenants.discovery.models import Tenant
from tenants.discovery.queries import tally_of
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_tenant
from tests.organizations.bulk.work import creations, items, outcomes, owners, preview, run, work_off
from tests.organizations.linking.scene import Scene, at_work

pytestmark = pytest.mark.django_db(transaction=True)


def ignore(scene: Scene, tenant: Tenant) -> None:
    with at_work(scene.operator.actor) as actor:
        ignore_tenant(tenant, actor=actor, kind="test", reason="for the demo of May.")


def merge(scene: Scene, source: Organization, into: Organization) -> None:
    admin = scene.person(Role.ADMIN).actor
    with acting(admin):
        merge_organizations(source, actor=admin, into=into, reason="the same company")


def suggest(scene: Scene, tenant: Tenant, organization: Organization) -> None:
    with at_work(scene.operator.actor):
        LinkSuggestion.objects.create(
            reseller=scene.reseller,
            tenant=tenant,
            organization=organization,
            rank=1,
            score=Decimal("0.99"),
            level=Level.CERTAIN,
            reasons=[{"code": "name", "text": "same name"}],
            made_at=timezone.now(),
        )


def by_link(scene: Scene) -> BulkLink:
    return preview(scene, [scene.tenant])


def by_file(scene: Scene) -> BulkLink:
    rows = [FileRow(2, scene.tenant.pk, scene.organization.pk, how="manual", why="as agreed")]
    with acting(scene.operator.actor):
        return preview_rows(rows, actor=scene.operator.actor, source="links.csv")


@pytest.mark.parametrize("previewed", [by_link, by_file])
def test_an_ignored_tenant_that_somebody_chose_is_linked_and_that_is_said_before(
    north: Scene, previewed: Callable[[Scene], BulkLink]
) -> None:
    ignore(north, north.tenant)
    draft = previewed(north)
    assert (draft.to_link, draft.to_skip) == (1, 0)
    (item,) = items(north, draft)
    assert item.code == "ignored"
    assert "North Bakery is ignored by Olga of North" in item.detail
    assert item.detail.endswith("for the demo of May. Linking it ends that.")
    assert outcomes(north, run(north, draft)) == {"linked": 1}
    with at_work(north.operator.actor) as actor:
        assert tally_of(actor).unlinked == 0
        assert IgnoredTenant.objects.get().ended_how == "linked"
    assert not north.fresh_tenant().is_ignored


@pytest.mark.parametrize("previewed", [by_link, by_file])
def test_a_tenant_that_was_ignored_since_the_preview_is_refused_and_stays_ignored(
    north: Scene, previewed: Callable[[Scene], BulkLink]
) -> None:
    other = make_tenant(north.connection)
    draft = previewed(north)
    seen = preview(north, [other])
    ignore(north, north.tenant)
    done = run(north, draft)
    assert outcomes(north, done) == {"refused": 1}
    (item,) = items(north, done)
    assert item.code == "ignored"
    assert item.detail.endswith("Bring it back first, or link it by itself.")
    assert north.fresh_tenant().is_ignored
    assert outcomes(north, run(north, seen)) == {"linked": 1}
    with at_work(north.operator.actor) as actor:
        unignore_tenant(north.tenant, actor=actor)
        again = retry_bulk(done, actor=actor)
    assert again.job is not None
    assert outcomes(north, work_off(north, again, again.job)) == {"linked": 1}


def test_nobody_creates_or_accepts_anything_for_an_ignored_tenant_among_many(north: Scene) -> None:
    left_out, later = (
        make_tenant(north.connection, name=f"Company {word}", domain=f"{word}.com")
        for word in ("one", "two")
    )
    for tenant in (left_out, later):
        suggest(north, tenant, north.organization)
    ignore(north, left_out)
    created = creations(north, [left_out, later])
    accepted = preview(north, [left_out, later], AcceptSuggestions(Level.CERTAIN))
    for draft in (created, accepted):
        assert draft.skipped == {"ignored": 1}
        assert draft.planned == 1
    ignore(north, later)
    for draft in (created, accepted):
        done = run(north, draft)
        assert outcomes(north, done) == {"skipped": 1, "refused": 1}
        assert [item.code for item in items(north, done)] == ["ignored", "ignored"]
    assert owners(north) == {}


def test_an_organization_merged_away_since_the_preview_is_told_with_its_heir(north: Scene) -> None:
    gone = make_organization(north.reseller, name="Gone Company")
    moving = make_tenant(north.connection)
    north.link(moving)
    linking = preview(north, [north.tenant], LinkTo(gone))
    rows = [FileRow(2, moving.pk, gone.pk)]
    with acting(north.operator.actor):
        moves = preview_rows(rows, actor=north.operator.actor, source="links.csv", allow_moves=True)
    suggest(north, north.tenant, gone)
    merge(north, gone, north.organization)
    for draft in (linking, moves):
        done = run(north, draft)
        assert outcomes(north, done) == {"refused": 1}
        (item,) = items(north, done)
        assert item.code == "organization_merged"
        assert "Gone Company" in item.detail and "North Bakery BV" in item.detail
    suggested = preview(north, [north.tenant], AcceptSuggestions(Level.CERTAIN))
    assert suggested.skipped == {"organization_merged": 1}
    assert owners(north) == {moving.pk: north.organization.pk}


def test_what_a_preview_says_is_what_linking_one_tenant_says(north: Scene) -> None:
    """Merged twice over: the heir at the end is named, as linking names it."""
    first, second = (make_organization(north.reseller, name=name) for name in ("First", "Second"))
    merge(north, first, second)
    merge(north, second, north.organization)
    with acting(north.operator.actor) as actor:
        with pytest.raises(Conflict, match="merged into North Bakery BV") as refusal:
            link_tenant(north.tenant, actor=actor, organization=first)
        draft = preview_rows([FileRow(2, north.tenant.pk, first.pk)], actor=actor, source="x")
    (item,) = items(north, draft)
    assert (item.code, item.detail) == ("organization_merged", refusal.value.detail)
