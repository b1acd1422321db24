"""The tally equals a count, whatever happens to tenants and however many do it at once."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import DatabaseError, connections, transaction
from django.db.models import Count, Sum

from portal.core.access import Role, acting, system_actor
from portal.core.identity.models import Reseller
from portal.core.money import Money
from tenants.discovery.models import Tenant, TenantTally
from tenants.discovery.operations import mark_linked, note_billing, sight_tenants
from tenants.discovery.queries import tally_of, tenants_per_connection
from tests.factories.core import make_person, make_reseller
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_connection, make_tenant, make_tenants
from tests.tenants.simulated import customer_id


def assert_exact(reseller: Reseller) -> None:
    """Compare the tally with a count of the rows themselves."""
    with acting(system_actor(reseller.pk, "tests")), transaction.atomic():
        kinds = ("connection_id", "status", "is_linked", "is_ignored", "billed_currency")
        rows = Tenant.objects.order_by().values_list(*kinds)
        counted = {
            tuple(kind): (tenants, billed or 0)
            for *kind, tenants, billed in rows.annotate(Count("id"), Sum("billed_amount"))
        }
        kept = {
            (
                row.connection_id,
                row.status,
                row.is_linked,
                row.is_ignored,
                row.billed_currency,
            ): (row.tenants, row.billed)
            for row in TenantTally.objects.all()
            if row.tenants or row.billed
        }
    assert kept == counted


def test_tally_follows_every_kind_of_change(reseller: Reseller) -> None:
    system = system_actor(reseller.pk, "tests")
    one, two = make_connection(reseller), make_connection(reseller)
    rows = make_tenants(one, 30)
    make_tenants(two, 5)
    make_tenant(one, status=Tenant.Status.MISSING)
    assert_exact(reseller)
    with acting(system), transaction.atomic():
        assert mark_linked([row.pk for row in rows[:10]], actor=system, linked=True) == 10
        assert mark_linked([row.pk for row in rows[:12]], actor=system, linked=True) == 2
    assert_exact(reseller)
    with acting(system), transaction.atomic():
        Tenant.objects.filter(pk=rows[0].pk).update(connection=two)
        Tenant.objects.filter(pk__in=[row.pk for row in rows[20:25]]).delete()
    assert_exact(reseller)
    with acting(system), transaction.atomic():
        tally = tally_of(system)
        assert (tally.total, tally.unlinked, tally.linked) == (31, 19, 12)
        assert (tally.missing, tally.active) == (1, 30)
        assert tally_of(system, connection=two).total == 6
        assert tenants_per_connection(system) == {one.pk: 24, two.pk: 6}


def test_tally_knows_what_unlinked_tenants_cost_per_currency(reseller: Reseller) -> None:
    system = system_actor(reseller.pk, "tests")
    rows = make_tenants(make_connection(reseller), 6)
    amounts = [Decimal("10.25"), Decimal("-3.5"), Decimal(7), Decimal("0.000001"), Decimal(5)]
    currencies = ["EUR", "EUR", "USD", "USD", "EUR"]
    billed = [
        (row.microsoft_id, amount, currency, date(2026, 9, 1))
        for row, amount, currency in zip(rows, amounts, currencies, strict=False)
    ]
    with acting(system), transaction.atomic():
        note_billing(billed, actor=system)
    assert_exact(reseller)
    with acting(system), transaction.atomic():
        mark_linked([rows[4].pk, rows[5].pk], actor=system, linked=True)
        expected = (Money(Decimal("6.75"), "EUR"), Money(Decimal("7.000001"), "USD"))
        assert tally_of(system).unassigned == expected
        mark_linked([row.pk for row in rows], actor=system, linked=True)
        assert tally_of(system).unassigned == ()
    assert_exact(reseller)


def test_tally_is_unchanged_by_what_is_taken_back(reseller: Reseller) -> None:
    system = system_actor(reseller.pk, "tests")
    rows = make_tenants(make_connection(reseller), 4)
    with acting(system), transaction.atomic():
        mark_linked([rows[0].pk], actor=system, linked=True)
        transaction.set_rollback(True)
    assert_exact(reseller)


def test_tally_is_exact_while_many_change_tenants_at_once(reseller: Reseller) -> None:
    system = system_actor(reseller.pk, "tests")
    one, two = make_connection(reseller), make_connection(reseller)
    ids = [row.pk for row in [*make_tenants(one, 40), *make_tenants(two, 40)]]

    def change(worker: int) -> None:
        rng = random.Random(worker)
        try:
            for turn in range(15):
                with acting(system), transaction.atomic():
                    mark_linked(rng.sample(ids, 9), actor=system, linked=bool(turn % 2))
                with acting(system), transaction.atomic():
                    number = 1_000 * worker + turn
                    row = (UUID(customer_id(number)), f"New {number}", "")
                    sight_tenants([row], connection=two, actor=system)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(change, range(4)))
    assert_exact(reseller)


def test_nobody_but_the_triggers_writes_the_tally(reseller: Reseller) -> None:
    make_tenants(make_connection(reseller), 2)
    with (
        acting(system_actor(reseller.pk, "tests")),
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
    ):
        TenantTally.objects.update(tenants=99)


def test_tally_of_another_reseller_is_never_shown(reseller: Reseller) -> None:
    make_tenants(make_connection(reseller), 3)
    other = system_actor(make_reseller().pk, "tests")
    with acting(other), transaction.atomic():
        assert tally_of(other).total == 0
        assert TenantTally.objects.count() == 0


def test_customers_are_shown_no_tally(reseller: Reseller) -> None:
    make_tenants(make_connection(reseller), 3)
    viewer = make_person(
        reseller, Role.CUSTOMER_VIEWER, organization_id=make_organization(reseller).pk
    )
    with acting(viewer.actor), transaction.atomic():
        assert tally_of(viewer.actor).total == 0
