"""Merging and linking at once, on real connections: no deadlock, nothing left at a tombstone."""

from collections.abc import Callable
from typing import Any

import pytest

from organizations.directory.accounts import create_account
from organizations.directory.details import AccountDetails
from organizations.directory.models import Account, Organization
from organizations.linking.batch import Pair, link_tenants
from organizations.linking.models import Link
from organizations.linking.operations import link_tenant, unlink_tenant
from organizations.merging.operations import merge_organizations
from portal.core.access import acting, system_actor
from portal.core.audit.operations import first_broken_event
from portal.core.errors import Conflict
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_tenant, make_tenants
from tests.organizations.linking.scene import at_work
from tests.organizations.linking.test_races import at_once
from tests.organizations.merging.conftest import Two, make_two

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 12


def nothing_lives_at_tombstones(two: Two) -> None:
    with at_work(system_actor(two.scene.reseller.pk, "tests")) as actor:
        buried = Organization.objects.filter(merged_into__isnull=False)
        assert not Link.objects.filter(organization__in=buried, ends_at=None).exists()
        assert not Account.objects.filter(organization__in=buried).exists()
        assert first_broken_event(actor) is None


def working(two: Two, do: Callable[[Any], Any]) -> Callable[[], Any]:
    def work() -> Any:
        with acting(two.admin.actor) as actor:
            return do(actor)

    return work


def merging(two: Two, source: Organization, *, into: Organization) -> Callable[[], Any]:
    return working(
        two, lambda actor: merge_organizations(source, actor=actor, into=into, reason="same")
    )


def test_a_merger_meets_links_accounts_and_unlinks_without_a_deadlock(
    record_property: Callable[[str, object], None],
) -> None:
    two = make_two()
    refused = 0
    for number in range(ROUNDS):
        source = make_organization(two.scene.reseller, name=f"Going {number}")
        linked, free, other = (make_tenant(two.scene.connection) for _ in range(3))
        many = make_tenants(two.scene.connection, 20, name=f"Many {number}")
        two.scene.link(linked, source)
        details = AccountDetails(name="Another account", currency="EUR")
        pairs = [Pair(row.pk, source.pk) for row in many]
        works = (
            lambda actor, free=free, source=source: link_tenant(
                free, actor=actor, organization=source
            ),
            lambda actor, other=other: link_tenant(other, actor=actor, organization=two.target),
            lambda actor, linked=linked: unlink_tenant(linked, actor=actor, reason="leaves"),
            lambda actor, source=source, details=details: create_account(
                source, actor=actor, details=details
            ),
            lambda actor, pairs=pairs: list(link_tenants(pairs, actor=actor)),
        )
        results = at_once(
            merging(two, source, into=two.target), *(working(two, work) for work in works)
        )
        merged = results[0]
        assert isinstance(merged, Organization), merged
        assert all(not isinstance(result, Conflict) for result in results[2:4])
        refused += sum(isinstance(result, Conflict) for result in results)
        nothing_lives_at_tombstones(two)
    record_property(
        "figure",
        f"UNL-03: {ROUNDS} mergers against 5 others at once, 0 deadlocks, 0 links or accounts left"
        f" at a tombstone; {refused} came too late and were told",
    )


def test_two_mergers_of_the_same_two_leave_one_of_them() -> None:
    two = make_two()
    for number in range(ROUNDS):
        one = make_organization(two.scene.reseller, name=f"One {number}")
        other = make_organization(two.scene.reseller, name=f"Other {number}")
        results = at_once(
            merging(two, one, into=other),
            merging(two, other, into=one),
        )
        assert sum(isinstance(result, Conflict) for result in results) == 1
        assert two.fresh(one).is_merged != two.fresh(other).is_merged
