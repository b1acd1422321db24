"""J05 to J07 of discovery: lists that lie about their pages, outages that look like a farewell,
tenants that change while nobody looks.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from portal.core.access import acting, system_actor
from portal.core.identity.models import Reseller
from portal.core.jobs.models import Job
from tenants.connections.models import Connection
from tenants.discovery.models import DiscoveryRun, Tenant
from tenants.discovery.operations import mark_linked
from tenants.discovery.queries import same_domain
from tests.tenants.simulated import PartnerCenterInProcess, customer, customer_id, customers
from tests.tenants.steps import ask, discovered, tenants, work

pytestmark = pytest.mark.django_db(transaction=True)
Record = Callable[[str, object], None]
LIST = "^/v1/customers(\\?|$)"
N = 90
LIES: dict[str, tuple[int, list[dict[str, Any]]]] = {
    "an empty page in the middle": (20, [{"action": "empty_page", "call": 3}]),
    "a page repeated once": (20, [{"action": "repeat_page", "call": 3}]),
    "a customer moved between pages": (20, [{"action": "duplicate_item", "call": 2}]),
    "a page torn": (20, [{"action": "torn", "call": 2}]),
    "a page that is no list": (20, [{"action": "html", "call": 4}]),
    "a page refused": (20, [{"action": "status", "call": 3, "status": 503}]),
    "a page missing": (20, [{"action": "status", "call": 3, "status": 404}]),
    "pages of one": (1, []),
}


def actor_of(connection: Connection) -> Any:
    return system_actor(connection.reseller_id, "tests")


def until_done(run: DiscoveryRun, *, most: int = 5) -> DiscoveryRun:
    """Let workers try as often as they do."""
    for _ in range(most):
        run = work(run)
        if not run.job.is_open:
            break
    return run


@pytest.mark.parametrize("lie", LIES)
def test_j05_whatever_the_pages_do_every_customer_is_seen_or_nobody_is_called_gone(
    lie: str, partner: PartnerCenterInProcess, reseller: Reseller, record_property: Record
) -> None:
    size, rules = LIES[lie]
    partner.lists(customers(N), page_size=size)
    connection = partner.connect(reseller)
    discovered(connection)
    partner.fail(*({"path": LIST, **rule} for rule in rules))
    run = until_done(ask(connection))
    found = tenants(connection)
    assert {row.status for row in found.values()} == {Tenant.Status.ACTIVE}
    assert len(found) == N
    if run.job.state == Job.State.DONE:
        assert run.found == N
    else:
        assert run.completed_at is None
        partner.fail()
        assert discovered(connection).found == N
    record_property("figure", f"J05: {lie}: {len(found)} of {N} customers, 0 called gone")


def test_j05_a_list_without_end_is_left(
    partner: PartnerCenterInProcess, reseller: Reseller, record_property: Record
) -> None:
    partner.lists(customers(N), page_size=20)
    connection = partner.connect(reseller)
    discovered(connection)
    partner.fail({"path": LIST, "action": "endless"})
    partner.calls.clear()
    run = until_done(ask(connection))
    assert run.job.state in (Job.State.FAILED, Job.State.NEEDS_PERSON)
    asked = sum(call == "GET /v1/customers" for call in partner.calls)
    assert asked <= 100
    assert {row.status for row in tenants(connection).values()} == {Tenant.Status.ACTIVE}
    partner.fail()
    assert discovered(connection).found == N
    record_property("figure", f"J05: a loop of pages left after {asked} calls, 0 called gone")


@pytest.mark.parametrize("left", [0, 1, 50, 80])
def test_j06_a_mass_disappearance_is_held_for_a_person(
    left: int, partner: PartnerCenterInProcess, reseller: Reseller, record_property: Record
) -> None:
    partner.lists(customers(N))
    connection = partner.connect(reseller)
    discovered(connection)
    partner.lists(customers(left))
    run = discovered(connection)
    assert (run.job.state, run.held, run.missing) == (Job.State.NEEDS_PERSON, N - left, 0)
    assert {row.status for row in tenants(connection).values()} == {Tenant.Status.ACTIVE}
    partner.lists(customers(N))
    again = discovered(connection)
    assert (again.job.state, again.missing, again.returned) == (Job.State.DONE, 0, 0)
    record_property("figure", f"J06: {N - left} of {N} gone at once: held, 0 called gone")


def test_j07_what_changes_keeps_its_identity_by_its_id_alone(
    partner: PartnerCenterInProcess, reseller: Reseller, record_property: Record
) -> None:
    """Renamed, gone, merged into another, made anew with the old domain and name."""
    partner.lists(customers(40))
    connection = partner.connect(reseller)
    discovered(connection)
    linked = tenants(connection)
    with acting(actor_of(connection)) as actor, transaction.atomic():
        mark_linked([row.pk for row in linked.values()], actor=actor, linked=True)
    anew = customer_id(900)
    partner.lists(
        [
            customer(1, name="Renamed Ltd"),
            # 2 is gone; 3 went into 4, which took its domain; 5 was made anew.
            customer(4, domain="customer3.onmicrosoft.com"),
            customer(5, id=anew),
            *customers(35, first=6),
        ]
    )
    discovered(connection)
    now = tenants(connection)
    renamed = now[customer_id(1)]
    assert (renamed.name, renamed.former_name) == ("Renamed Ltd", "Customer 00001")
    assert renamed.pk == linked[customer_id(1)].pk
    for number in (2, 3, 5):
        assert now[customer_id(number)].status == Tenant.Status.MISSING
        assert now[customer_id(number)].is_linked
    assert now[customer_id(4)].domain == "customer3.onmicrosoft.com"
    again = now[anew]
    assert (again.name, again.domain) == ("Customer 00005", "customer5.onmicrosoft.com")
    assert not again.is_linked, "a name and a domain link nothing"
    assert again.pk not in {row.pk for row in linked.values()}
    relinked = [row for key, row in now.items() if row.is_linked and key not in linked]
    assert relinked == []
    with acting(actor_of(connection)) as actor, transaction.atomic():
        namesakes = same_domain(again, actor=actor)
    assert [row.pk for row in namesakes] == [linked[customer_id(5)].pk]
    partner.lists([*customers(40), customer(41, id=anew, domain="customer5.onmicrosoft.com")])
    discovered(connection)
    back = tenants(connection)
    assert all(back[customer_id(number)].returned_at for number in (2, 3, 5))
    assert back[customer_id(5)].pk == linked[customer_id(5)].pk
    record_property(
        "figure", "J07: renamed, gone, merged, made anew, returned: 0 linked again by name"
    )
