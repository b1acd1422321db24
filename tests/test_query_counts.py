"""M02: what each page and each list costs in queries is pinned, and does not grow with the rows.

After a change that is meant to cost more or less, write the pins anew:
``TENANTRY_PIN_QUERIES=1 pytest tests/test_query_counts.py``.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from organizations.fields.models import Entity
from organizations.fields.operations import create_field
from organizations.linking.operations import link_tenant
from portal.core.access import Role, acting
from portal.core.identity.operations import create_token
from tests.access import extras
from tests.access.calls import Caller
from tests.access.cast import Side, make_side
from tests.access.everything import READS
from tests.access.matrix import Row
from tests.factories.core import make_person
from tests.factories.organizations import make_account, make_organization
from tests.factories.tenants import make_connection, make_tenant

pytestmark = pytest.mark.django_db(transaction=True)

PINS = Path(__file__).with_name("query_counts.json")
PIN = "TENANTRY_PIN_QUERIES"
MANY = 30
MOST = 14
"""What a page may cost at all; the start page, with a figure from every room, costs the most."""
ROLES = (Role.ADMIN, Role.CUSTOMER_ADMIN)
NOT_QUERIES = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


def add_many(side: Side) -> None:
    """Add thirty of everything, most of it to what the pages of one row show."""
    reseller, admin = side.reseller, side.person(Role.ADMIN)
    system = extras.system(reseller.pk)
    tenants = []
    for number in range(MANY):
        make_connection(reseller, name=f"Further connection {number}")
        make_organization(reseller, parent=side.parent)
        make_account(side.one.organization)
        make_person(reseller, Role.CUSTOMER_VIEWER, organization_id=side.one.organization.pk)
        tenants.append(make_tenant(side.connection))
        make_tenant(side.connection)
        with acting(system):
            create_token(admin.membership, actor=system, name=f"Further token {number}")
        with acting(admin.actor):
            link_tenant(tenants[-1], actor=admin.actor, organization=side.one.organization)
        with acting(system), transaction.atomic():
            for entity in Entity.values:
                create_field(actor=system, entity=entity, label=f"Further {number}")
            job = extras.make_job(reseller, canary="further", subject_id=side.connection.pk)
            extras.make_run(side.connection, job, side.spare)
            extras.make_invoice(side.connection, job, [side.one.tenant], canary="further")
    with acting(system), transaction.atomic():
        extras.make_invoice(side.connection, job, [*tenants, side.one.tenant], canary="long")


def count_queries(side: Side, *, warm: bool = False) -> dict[str, int]:
    """Return what each row of the matrix that reads costs, for a member of staff and a customer.

    What is read once per process is not the page's, so each is read beforehand unless it was.
    """
    found = {}
    for role in ROLES:
        person = side.person(role)
        caller, objects = Caller.of(person), side.objects(person)
        for row in READS:
            if role in row.roles:
                if not warm:
                    caller.call(row, objects)
                with CaptureQueriesContext(connection) as captured:
                    assert caller.call(row, objects).status < 400, str(row)
                found[_key(row, role)] = sum(
                    not query["sql"].startswith(NOT_QUERIES) for query in captured
                )
    return found


def test_m02_queries_are_as_pinned_and_do_not_grow_with_rows(
    record_property: Callable[[str, object], None],
) -> None:
    side = make_side("north")
    few = count_queries(side)
    add_many(side)
    many = count_queries(side, warm=True)
    if os.environ.get(PIN):
        PINS.write_text(json.dumps(few, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    pinned = json.loads(PINS.read_text(encoding="utf-8"))
    grown = {key: (few[key], many[key]) for key in few if few[key] != many[key]}
    moved = {
        key: (pinned.get(key), few.get(key))
        for key in {*pinned, *few}
        if pinned.get(key) != few.get(key)
    }
    costly = {key: count for key, count in few.items() if count > MOST}
    record_property(
        "figure",
        f"M02: {len(few) - len(grown)} of {len(few)} pages and lists cost the same with {MANY} more"
        f" rows, {len(few) - len(moved)} as pinned, the costliest {max(few.values())} queries",
    )
    assert grown == {}
    assert costly == {}
    assert moved == {}


def _key(row: Row, role: Role) -> str:
    return f"{row.route} {'staff' if role == Role.ADMIN else 'customer'}"
