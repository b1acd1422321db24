"""The upsert: whatever lists come one after the other, the tenants end as the last one says."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connection as database
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partnercenter.schemas.customers import CustomerSummary
from portal.core.access import acting, system_actor
from portal.core.identity.models import Reseller
from tenants.connections.models import Connection
from tenants.discovery import storing
from tenants.discovery.listing import listed
from tenants.discovery.models import DiscoveryRun, Tenant, TenantTally
from tests.factories.core import make_reseller
from tests.factories.tenants import make_connection, make_tenants
from tests.tenants.simulated import PartnerCenterInProcess, customer_id, customers
from tests.tenants.steps import ask, discovered

NAMES = st.sampled_from(["Alpha", "Beta", "alpha"])
A_LIST = st.dictionaries(st.integers(1, 8), NAMES)
"""A whole list: which customers, and what they are called."""


@pytest.mark.django_db(transaction=True)
@settings(deadline=None, max_examples=30, suppress_health_check=list(HealthCheck))
@given(st.lists(A_LIST, min_size=1, max_size=5))
def test_any_sequence_of_lists_ends_in_the_right_state(lists: list[dict[int, str]]) -> None:
    reseller = make_reseller()
    connection = make_connection(reseller)
    ever: dict[int, str] = {}
    for rows in lists:
        totals = take_list(connection, rows)
        assert totals[0] == len(rows.keys() - ever.keys())
        ever |= rows
    with acting(system_actor(reseller.pk, "tests")), transaction.atomic():
        found = {row.microsoft_id: row for row in Tenant.objects.all()}
        tally = {(row.status, row.is_linked): row.tenants for row in TenantTally.objects.all()}
    last = lists[-1]
    assert set(found) == {UUID(customer_id(number)) for number in ever}
    for number, name in ever.items():
        row = found[UUID(customer_id(number))]
        assert row.name == name
        assert (row.status == Tenant.Status.ACTIVE) == (number in last)
        assert (row.missing_since is None) == (number in last)
        assert row.former_name != row.name
    assert tally.get(("active", False), 0) == len(last)
    assert tally.get(("missing", False), 0) == len(ever) - len(last)


def take_list(connection: Connection, rows: dict[int, str]) -> tuple[int, int, int]:
    """Store a whole list in two pages and mark who is absent."""
    run = ask(connection)
    created = updated = returned = 0
    ordered = sorted(rows.items())
    with acting(system_actor(connection.reseller_id, "tests")), transaction.atomic():
        for part in (ordered[::2], ordered[1::2]):
            page = listed(
                CustomerSummary(customer_id(number), name, "d.example", "reseller", {})
                for number, name in part
            )
            assert storing.sight_page(run, page) == frozenset()
            stored = storing.store_tenants(run.connection, page)
            created += stored.created
            updated += stored.updated
            returned += stored.returned
        assert storing.count_absent(run) == storing.mark_absent(run)
        storing.forget_sightings(run)
        run.job.__class__.objects.filter(pk=run.job_id).update(
            state="done", finished_at=run.job.created_at
        )
    return created, updated, returned


def test_absence_is_judged_in_one_pass_however_little_is_known_of_the_tables(
    reseller: Reseller,
) -> None:
    connection = make_connection(reseller)
    make_tenants(connection, 3_000)
    run = ask(connection)
    with acting(system_actor(reseller.pk, "tests")), transaction.atomic():
        for statement in (storing.COUNT_ABSENT, storing.MARK_MISSING):
            with storing._compared_whole():
                plan = explain(statement, storing._absence(run))
            assert "Nested Loop" not in plan


def explain(statement: str, values: dict[str, Any]) -> str:
    with database.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}", values)
        return "\n".join(line for (line,) in cursor.fetchall())


@pytest.mark.size
def test_ten_thousand_customers_take_the_same_statements_per_page(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    counts = {}
    for size in (2_000, 10_000):
        partner.lists(customers(size))
        connection = partner.connect(make_reseller(name=f"Of {size}"))
        run, statements = counted(connection)
        assert (run.found, run.pages, run.created) == (size, size // 500, size)
        counts[size] = statements
        again, _ = counted(connection)
        assert (again.created, again.updated, again.missing) == (0, 0, 0)
    per_page = (counts[10_000] - counts[2_000]) / 16
    assert per_page == int(per_page)
    assert per_page <= 8


def counted(connection: Connection) -> tuple[DiscoveryRun, int]:
    statements = 0

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal statements
        statements += 1
        return execute(sql, params, many, context)

    with database.execute_wrapper(count):
        run = discovered(connection)
    return run, statements
