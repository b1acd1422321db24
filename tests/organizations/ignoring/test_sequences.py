"""Whatever is done to tenants in whatever order, the counts are those of the rows themselves."""

from collections import Counter
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from organizations.ignoring.models import IgnoredTenant
from organizations.ignoring.operations import (
    end_billed_ignores,
    end_expired_ignores,
    ignore_tenant,
    ignore_tenants,
    unignore_tenant,
)
from organizations.linking.batch import Pair, link_tenants
from organizations.linking.operations import link_tenant, unlink_tenant
from portal.core.access import acting, system_actor
from portal.core.errors import Conflict
from tenants.discovery.models import Tenant
from tests.factories.tenants import make_tenants
from tests.organizations.ignoring.ignoring import bill, days, tally
from tests.organizations.linking.scene import Scene, at_work, make_scene
from tests.tenants.discovery.test_tally import assert_exact

pytestmark = pytest.mark.django_db
TENANTS = 4
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["ignore", "many", "unignore", "link", "batch", "unlink", "bill", "time"]),
        st.integers(0, TENANTS - 1),
        st.integers(1, 9),
    ),
    min_size=4,
    max_size=14,
)


def do(step: str, row: Tenant, month: int, *, scene: Scene, rows: list[Tenant]) -> None:
    system = system_actor(scene.reseller.pk, "tests")
    if step == "bill":
        bill(row, str(month), date(2026, month, 1))
        with at_work(system):
            end_billed_ignores([row.microsoft_id], actor=system)
        return
    if step == "time":
        with at_work(system):
            IgnoredTenant.objects.filter(tenant=row, ended_at=None).update(until=days(-1))
            end_expired_ignores(actor=system)
        return
    with acting(scene.operator.actor) as actor, suppress(Conflict):
        if step == "ignore":
            ignore_tenant(row, actor=actor, kind="test", reason=f"because {month}")
        elif step == "many":
            ids = [one.pk for one in rows[: month % TENANTS + 1]]
            ignore_tenants(ids, actor=actor, kind="own", reason="ours")
        elif step == "unignore":
            unignore_tenant(row, actor=actor)
        elif step == "link":
            link_tenant(row, actor=actor, organization=scene.organization)
        elif step == "batch":
            list(link_tenants([Pair(row.pk, scene.organization.pk)], actor=actor))
        else:
            unlink_tenant(row, actor=actor, reason="left")


def assert_consistent(scene: Scene) -> None:
    """Compare tenants with their decisions and links, and the tally with both."""
    live_links = {link.tenant_id for link in scene.live_links()}
    with at_work(system_actor(scene.reseller.pk, "tests")):
        live = Counter(
            IgnoredTenant.objects.filter(ended_at=None).values_list("tenant_id", flat=True)
        )
        rows: list[Any] = list(Tenant.objects.filter(reseller=scene.reseller))
    assert {row.pk for row in rows if row.is_linked} == live_links
    assert {row.pk for row in rows if row.is_ignored} == set(live)
    assert set(live.values()) <= {1}
    assert not live_links & set(live)
    counted = tally(scene)
    assert (counted.linked, counted.ignored) == (len(live_links), len(live))
    assert counted.unlinked == len(rows) - len(live_links) - len(live)
    assert_exact(scene.reseller)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_counts_are_exact_after_any_sequence(steps: list[tuple[str, int, int]]) -> None:
    scene = make_scene()
    rows = make_tenants(scene.connection, TENANTS)
    for step, at, month in steps:
        do(step, rows[at], month, scene=scene, rows=rows)
    assert_consistent(scene)
