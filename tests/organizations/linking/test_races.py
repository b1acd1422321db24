"""F10: two operators link one tenant to two organizations at once, on real connections."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from organizations.directory.models import Organization
from organizations.linking.batch import Outcome, Pair, link_tenants
from organizations.linking.operations import create_organization_from_tenant, link_tenant
from portal.core.access import Role, acting
from portal.core.audit.operations import first_broken_event
from portal.core.errors import Conflict
from tests.factories.core import make_person
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_tenant, make_tenants
from tests.organizations.linking.scene import Scene, at_work, make_scene

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 20


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Run each work in a thread of its own, all from the same moment; return results or errors."""
    barrier = Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        try:
            barrier.wait(timeout=30)
            return work()
        except Conflict as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def linking(scene: Scene, tenant: Any, organization: Organization, name: str) -> Callable[[], Any]:
    person = make_person(scene.reseller, Role.OPERATOR, name=name)

    def link() -> Any:
        with acting(person.actor) as actor:
            return link_tenant(tenant, actor=actor, organization=organization)

    return link


def test_two_operators_make_one_link_and_the_other_is_told_who_was_quicker() -> None:
    north = make_scene()
    other = make_organization(north.reseller, name="Other Company")
    for number in range(ROUNDS):
        tenant = make_tenant(north.connection)
        names = (f"Anna {number}", f"Boris {number}")
        results = at_once(
            linking(north, tenant, north.organization, names[0]),
            linking(north, tenant, other, names[1]),
        )
        refusals = [result for result in results if isinstance(result, Conflict)]
        winners = [result for result in results if not isinstance(result, Conflict)]
        assert len(winners) == len(refusals) == 1
        assert winners[0].linked_by in refusals[0].detail
        assert winners[0].organization.name in refusals[0].detail
        live = [link for link in north.live_links() if link.tenant_id == tenant.pk]
        assert [link.pk for link in live] == [winners[0].pk]
    admin = north.person(Role.ADMIN)
    with at_work(admin.actor) as actor:
        assert first_broken_event(actor) is None


def test_two_operators_creating_from_one_tenant_make_one_organization() -> None:
    north = make_scene()
    for number in range(5):
        tenant = make_tenant(north.connection)
        people = [make_person(north.reseller, Role.OPERATOR) for _ in range(2)]

        def creating(person: Any, suffix: str, tenant: Any = tenant, number: int = number) -> Any:
            values = {
                "name": f"Company {number} {suffix}",
                "primary_domain": f"company-{number}-{suffix}.com",
                "notification_email": "it@example.com",
                "contact_phone": "+31 20 123 4567",
            }

            def create() -> Any:
                with acting(person.actor) as actor:
                    return create_organization_from_tenant(tenant, actor=actor, values=values)

            return create

        results = at_once(creating(people[0], "a"), creating(people[1], "b"))
        assert sum(isinstance(result, Conflict) for result in results) == 1
        with at_work(north.operator.actor):
            made = Organization.objects.filter(name__startswith=f"Company {number} ").count()
        assert made == 1


def test_creating_and_linking_at_once_end_without_a_deadlock() -> None:
    north = make_scene()
    for number in range(5):
        one, two = make_tenant(north.connection), make_tenant(north.connection)
        person = make_person(north.reseller, Role.OPERATOR)
        values = {
            "name": f"Quick {number}",
            "primary_domain": f"quick-{number}.com",
            "notification_email": "it@example.com",
            "contact_phone": "+31 20 123 4567",
        }

        def create(person: Any = person, one: Any = one, values: Any = values) -> Any:
            with acting(person.actor) as actor:
                return create_organization_from_tenant(one, actor=actor, values=values)

        results = at_once(create, linking(north, two, north.organization, f"Carla {number}"))
        assert all(result.is_live for result in results)


def test_two_batches_over_the_same_tenants_link_each_once() -> None:
    north = make_scene()
    other = make_organization(north.reseller)
    tenants = make_tenants(north.connection, 60)
    people = [make_person(north.reseller, Role.OPERATOR) for _ in range(2)]

    def batch(person: Any, organization: Organization, rows: Any) -> Callable[[], Any]:
        pairs = [Pair(row.pk, organization.pk) for row in rows]

        def link() -> Any:
            with acting(person.actor) as actor:
                return list(link_tenants(pairs, actor=actor))

        return link

    first, second = at_once(
        batch(people[0], north.organization, tenants),
        batch(people[1], other, list(reversed(tenants))),
    )
    outcomes = [result.outcome for result in [*first, *second]]
    assert outcomes.count(Outcome.LINKED) == outcomes.count(Outcome.REFUSED) == 60
    assert len(north.live_links()) == 60
