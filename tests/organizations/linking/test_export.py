"""The list of tenants as CSV."""

import csv
import io
from decimal import Decimal

import pytest
from django.test import Client

from portal.core.access import Role
from tests.factories.tenants import make_tenant
from tests.organizations.linking.calls import LIST
from tests.organizations.linking.scene import Scene

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


def test_export_holds_what_the_list_holds(north: Scene, visitor: Client) -> None:
    linked = make_tenant(
        north.connection,
        name="=cmd()",
        billed_amount=Decimal("12.34"),
        billed_currency="EUR",
    )
    north.link(linked)
    answer = visitor.get(f"{LIST}export/?tab=linked")
    content = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(content)))
    assert len(rows) == 3
    row = dict(zip(rows[0], rows[1], strict=True))
    assert row["microsoft_id"] == str(linked.microsoft_id)
    assert row["name"] == "'=cmd()"
    assert row["organization_number"] == north.organization.number
    assert row["billed_amount"] == "12.340000"


def test_export_of_a_customer_has_its_own_rows_and_no_money(north: Scene) -> None:
    own = make_tenant(north.connection, billed_amount=Decimal("77.77"), billed_currency="EUR")
    north.link(own)
    customer = north.person(Role.CUSTOMER_VIEWER, organization=north.organization).client()
    content = b"".join(customer.get(f"{LIST}export/").streaming_content).decode()  # type: ignore[attr-defined]
    assert str(own.microsoft_id) in content
    assert "77.77" not in content and str(north.tenant.microsoft_id) not in content
