"""F14: everything that writes, at random, at once, on the same few rows: no deadlock anywhere.

Threads with connections of their own meet on three tenants and two organizations. PostgreSQL counts
its deadlocks itself, so one that somebody caught on the way would show all the same.
"""

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Barrier, Lock
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from billing.closing.operations import close_month, reopen_month
from billing.reconciliation.queries import reconcile
from organizations.directory.models import Organization
from organizations.directory.operations import change_organization, create_organization
from organizations.linking.batch import Pair, link_tenants
from organizations.linking.models import Link
from organizations.linking.operations import (
    create_organization_from_tenant,
    link_tenant,
    move_tenant,
    undo_link,
    unlink_tenant,
)
from partnercenter.schemas.customers import CustomerSummary
from portal.core.access import Actor, Role, acting
from portal.core.audit.operations import first_broken_event
from portal.core.database.refusals import sqlstate_of
from portal.core.errors import PortalError
from tenants.discovery.listing import listed
from tenants.discovery.models import Tenant
from tenants.discovery.operations import note_billing
from tenants.discovery.storing import store_tenants
from tests.database import administrator
from tests.environment import DATABASE
from tests.factories.billing import Charge, make_invoice
from tests.factories.core import Person
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_tenant
from tests.organizations.linking.scene import Scene, make_scene
from tests.repetitions import TIMES

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 16
PAIRS = 6 * TIMES
MONTH = date(2026, 1, 1)
DEADLOCK = "40P01"
COUNT = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


class Actions:
    """What people and jobs write, each on rows chosen at random."""

    def __init__(self, scene: Scene, tenants: list[Tenant], targets: list[Organization]) -> None:
        self.scene, self.tenants, self.targets = scene, tenants, targets

    def all(self) -> list[Callable[[Actor, random.Random], Any]]:
        return [
            self.link,
            self.link_many,
            self.move,
            self.unlink,
            self.undo,
            self.create_from_tenant,
            self.create,
            self.change,
            self.close,
            self.reopen,
            self.discover,
            self.bill,
            self.publish,
        ]

    def link(self, actor: Actor, chance: random.Random) -> None:
        tenant, target = chance.choice(self.tenants), chance.choice(self.targets)
        link_tenant(tenant, actor=actor, organization=target)

    def link_many(self, actor: Actor, chance: random.Random) -> None:
        some = chance.sample(self.tenants, len(self.tenants))
        list(
            link_tenants([Pair(it.pk, chance.choice(self.targets).pk) for it in some], actor=actor)
        )

    def move(self, actor: Actor, chance: random.Random) -> None:
        tenant, target = chance.choice(self.tenants), chance.choice(self.targets)
        move_tenant(tenant, actor=actor, organization=target)

    def unlink(self, actor: Actor, chance: random.Random) -> None:
        unlink_tenant(chance.choice(self.tenants), actor=actor, reason="a race")

    def undo(self, actor: Actor, chance: random.Random) -> None:
        with transaction.atomic():
            links = list(Link.objects.filter(ends_at=None).select_related("tenant"))
        if links:
            undo_link(chance.choice(links), actor=actor)

    def create_from_tenant(self, actor: Actor, chance: random.Random) -> None:
        create_organization_from_tenant(
            chance.choice(self.tenants), actor=actor, values=details(chance), create_anyway=True
        )

    def create(self, actor: Actor, chance: random.Random) -> None:
        create_organization(actor=actor, create_anyway=True, **details(chance))

    def change(self, actor: Actor, chance: random.Random) -> None:
        changes = {"contact_phone": f"+31 20 123 4{chance.randrange(100, 999)}"}
        change_organization(chance.choice(self.targets), actor=actor, changes=changes)

    def close(self, actor: Actor, chance: random.Random) -> None:
        close_month(MONTH, actor=actor, accept_unassigned=True, reason="a race")

    def reopen(self, actor: Actor, chance: random.Random) -> None:
        reopen_month(MONTH, actor=actor, reason="a race")

    def discover(self, actor: Actor, chance: random.Random) -> None:
        some = chance.sample(self.tenants, len(self.tenants))
        rows = [
            CustomerSummary(str(it.microsoft_id), f"{it.name} {chance.random()}", it.domain, "", {})
            for it in some
        ]
        with transaction.atomic():
            store_tenants(self.scene.connection, listed(rows))

    def bill(self, actor: Actor, chance: random.Random) -> None:
        amount = Decimal(chance.randrange(1, 100))
        some = chance.sample(self.tenants, len(self.tenants))
        with transaction.atomic():
            note_billing([(it.microsoft_id, amount, "EUR", MONTH) for it in some], actor=actor)

    def publish(self, actor: Actor, chance: random.Random) -> None:
        charges = [Charge(it.microsoft_id, Decimal(1)) for it in self.tenants]
        make_invoice(self.scene.connection, charges, month=date(2026, 2, 1))


def details(chance: random.Random) -> dict[str, Any]:
    name = f"Company {chance.randrange(10**9)}"
    return {
        "name": name,
        "primary_domain": f"{name.replace(' ', '-').lower()}.com",
        "notification_email": "it@example.com",
        "contact_phone": "+31 20 123 4567",
    }


def test_f14_random_pairs_of_all_write_actions_end_without_a_deadlock(
    record_property: Callable[[str, object], None],
) -> None:
    north = make_scene()
    tenants = [north.tenant, *(make_tenant(north.connection) for _ in range(2))]
    targets = [north.organization, make_organization(north.reseller)]
    for month in (MONTH, date(2026, 2, 1)):
        make_invoice(
            north.connection, [Charge(it.microsoft_id, Decimal(7)) for it in tenants], month=month
        )
    actions = Actions(north, tenants, targets).all()
    people = [north.person(Role.ADMIN) for _ in range(THREADS)]
    before = deadlocks()
    outcomes: Counter[str] = Counter()
    barrier, writing = Barrier(THREADS), Lock()

    def work(number: int, person: Person) -> None:
        chance = random.Random(number)
        try:
            for _ in range(PAIRS):
                barrier.wait(timeout=120)
                for action in chance.sample(actions, 2):
                    outcome = outcome_of(action, person.actor, chance)
                    with writing:
                        outcomes[outcome] += 1
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS), people))
    found = deadlocks() - before
    done = sum(outcomes.values())
    record_property(
        "figure",
        f"F14: {done} actions of {len(actions)} kinds by {THREADS} threads at once"
        f" ({outcomes['done']} done, {outcomes['refused']} refused in words,"
        f" {outcomes['waited too long']} waited too long): deadlocks surfaced"
        f" {outcomes['deadlock']}, met and retried {found}",
    )
    assert done == THREADS * PAIRS * 2
    assert outcomes["deadlock"] == found == 0
    assert outcomes["done"] > done / 4
    with acting(people[0].actor) as actor, transaction.atomic():
        assert first_broken_event(actor) is None
        assert all(part.difference == 0 for part in reconcile(actor))
        for tenant in tenants:
            live = Link.objects.filter(tenant=tenant, ends_at=None).count()
            assert live == Tenant.objects.values_list("is_linked", flat=True).get(pk=tenant.pk)


def outcome_of(
    action: Callable[[Actor, random.Random], Any], actor: Actor, chance: random.Random
) -> str:
    """Do one thing and say how it ended; what is no refusal in words is the test's failure."""
    try:
        with acting(actor):
            action(actor, chance)
    except PortalError as error:
        assert error.detail
        return "refused"
    except OperationalError as error:
        return "deadlock" if sqlstate_of(error) == DEADLOCK else "waited too long"
    return "done"


def deadlocks() -> int:
    """Return how many deadlocks PostgreSQL has met in this database."""
    with administrator(DATABASE) as database, database.cursor() as cursor:
        cursor.execute(COUNT)
        row = cursor.fetchone()
    assert row
    return int(row[0])
