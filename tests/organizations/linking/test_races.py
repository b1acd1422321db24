"""F10: two operators link one tenant to two organizations at once, on real connections."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

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
ROUNDS = 100


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


def test_f10_two_operators_make_one_link_and_the_other_is_told_who_was_quicker(
    record_property: Callable[[str, object], None],
) -> None:
    """Over HTTP, each with a token and a connection to the database of their own."""
    north = make_scene()
    organizations = [north.organization, make_organization(north.reseller, name="Other Company")]
    people = [make_person(north.reseller, Role.OPERATOR, name=name) for name in ("Anna", "Boris")]
    clients = [person.api() for person in people]
    for _ in range(ROUNDS):
        tenant = make_tenant(north.connection)
        address = reverse("api:tenants-link", args=[tenant.pk])

        def linking_by_http(at: int, address: str = address) -> Callable[[], Any]:
            body = {"organization": str(organizations[at].pk)}
            return lambda: clients[at].post(address, body, content_type="application/json")

        answers = at_once(linking_by_http(0), linking_by_http(1))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        winner = answers.index(next(answer for answer in answers if answer.status_code == 200))
        refusal = answers[1 - winner].json()["detail"]
        assert people[winner].membership.label in refusal
        assert organizations[winner].name in refusal
        (live,) = [link for link in north.live_links() if link.tenant_id == tenant.pk]
        assert live.organization_id == organizations[winner].pk
    record_property(
        "figure", f"F10: {ROUNDS} of {ROUNDS} races end in one link, the other is told who and when"
    )
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
