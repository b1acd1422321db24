"""Searching names under row-level security reads what matches and no more (M03)."""

import json
from collections.abc import Callable
from time import perf_counter
from typing import Any

import pytest
from django.db import connection as database
from django.db import transaction

from portal.core.access import acting, system_actor
from tenants.discovery.models import Tenant
from tenants.discovery.queries import search_tenants
from tests.factories.core import make_reseller
from tests.factories.tenants import make_connection, make_tenants

MANY, RARE, TIMES = 50_000, 20, 40
MATCHES = 2 * RARE
"""Rows with the rare word: as many belong to another reseller, and are left out."""
PAGE = 50
TABLE = "tenants_tenant"
COPY = """
    INSERT INTO tenants_tenant ({names}) SELECT {values}
    FROM tenants_tenant t, generate_series(1, %s) AS n WHERE t.id = %s
"""


def multiply(row: Tenant, number: int, name: str) -> None:
    """Copy a tenant inside the database; fifty thousand objects would cost more than the test."""
    own = {
        "id": "gen_random_uuid()",
        "microsoft_id": "gen_random_uuid()",
        "name": f"'{name} ' || n",
        "domain": "'t' || n || '.example'",
    }
    fields = [field for field in Tenant._meta.concrete_fields if not getattr(field, "generated", 0)]
    columns = [str(field.column) for field in fields]
    values = ", ".join(own.get(column, f"t.{column}") for column in columns)
    statement = COPY.format(names=", ".join(columns), values=values)
    system = system_actor(row.reseller_id, "tests")
    with acting(system), transaction.atomic(), database.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', '120s', true)")
        cursor.execute(statement, [number, row.pk])


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(found for part in plan.get("Plans", ()) for found in nodes(part))]


@pytest.mark.django_db(transaction=True)
def test_m03_a_search_among_50000_names_reads_what_matches(
    record_property: Callable[[str, object], None],
) -> None:
    reseller = make_reseller()
    for owner in (reseller, make_reseller()):
        connection = make_connection(owner)
        (model,) = make_tenants(connection, 1, name="Model")
        multiply(model, RARE, "Needle in the hay")
        multiply(model, MANY if owner == reseller else RARE, "Common")
    system = system_actor(reseller.pk, "tests")
    with acting(system), transaction.atomic(), database.cursor() as cursor:
        cursor.execute("SELECT tenants_settle()")
        cursor.execute("SELECT pg_relation_size('tenants_tenant') / 8192")
        pages = cursor.fetchone()[0]
    seconds = []
    with acting(system), transaction.atomic():
        rows = Tenant.objects.visible_to(system).order_by("name", "id")
        found = search_tenants(rows, "needle", actor=system)[:PAGE]
        plan = json.loads(found.explain(format="json", analyze=True, buffers=True))[0]["Plan"]
        for _ in range(TIMES):
            began = perf_counter()
            names = [row.name for row in found.all()]
            seconds.append(perf_counter() - began)
    assert len(names) == RARE
    assert all(name.startswith("Needle") for name in names)
    scans = [node for node in nodes(plan) if "Relation Name" in node or "Index Name" in node]
    assert "tenants_tenant_search" in {node.get("Index Name") for node in scans}
    read = max(
        node["Actual Rows"] * node["Actual Loops"] + node.get("Rows Removed by Filter", 0)
        for node in scans
    )
    assert read <= MATCHES, "only rows with the text in them are read"
    blocks = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    assert blocks < pages / 10, "a scan would read every page of the table"
    slow = sorted(seconds)[int(TIMES * 0.95) - 1]
    record_property(
        "figure",
        f"M03: {RARE} of {MANY:,} names found in {blocks} of {pages:,} pages,"
        f" p95 {slow * 1000:.1f} ms",
    )
