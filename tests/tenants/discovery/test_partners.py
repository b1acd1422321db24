"""Through whom customers of an indirect provider were sold, as discovery finds it out (IND-06)."""

from typing import Any

import pytest
from django.db import transaction

from portal.core.access import acting, system_actor
from portal.core.identity.models import Reseller
from portal.core.jobs.models import Job
from tenants.connections.models import Connection
from tenants.discovery import partners
from tenants.discovery.models import Tenant
from tenants.discovery.partners import Partner
from tests.tenants.simulated import PartnerCenterInProcess, customer, customers
from tests.tenants.steps import discovered

NORTH = {"id": "a0000000-0000-4000-8000-000000000001", "mpnId": "4000001", "name": "North IT"}
SOUTH = {"id": "a0000000-0000-4000-8000-000000000002", "mpnId": "4000002", "name": "South IT"}


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the floors above know both partners, since no user is signed in here."""
    named = [Partner(row["id"], (row["mpnId"],)) for row in (NORTH, SOUTH)]
    monkeypatch.setattr(partners, "_namers", [lambda _actor: named])


def sold(number: int, partner: dict[str, Any]) -> dict[str, Any]:
    return customer(number, associatedPartnerId=partner["mpnId"])


def partners_of(connection: Connection) -> dict[str, str]:
    actor = system_actor(connection.reseller_id, "tests")
    with acting(actor), transaction.atomic():
        rows = Tenant.objects.filter(connection=connection).order_by("name")
        return dict(rows.values_list("name", "associated_partner"))


@pytest.mark.usefixtures("known")
def test_discovery_says_through_whom_each_was_sold_and_follows_changes(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    both = [NORTH, SOUTH]
    partner.lists([sold(1, NORTH), sold(2, SOUTH), customer(3)], resellers=both)
    connection = partner.connect(reseller, program=Connection.Program.INDIRECT_PROVIDER)
    discovered(connection)
    assert list(partners_of(connection).values()) == ["4000001", "4000002", ""]
    partner.lists([sold(1, SOUTH), customer(2), sold(3, NORTH)], resellers=both)
    discovered(connection)
    assert list(partners_of(connection).values()) == ["4000002", "", "4000001"]


@pytest.mark.usefixtures("known")
def test_a_reseller_that_cannot_be_read_changes_nothing_and_fails_nothing(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    partner.lists([sold(1, NORTH), sold(2, SOUTH)], resellers=[NORTH, SOUTH])
    connection = partner.connect(reseller, program=Connection.Program.INDIRECT_PROVIDER)
    discovered(connection)
    partner.lists([sold(1, SOUTH), sold(2, NORTH)], resellers=[NORTH, SOUTH])
    partner.fail({"path": "IndirectReseller", "every": 1, "action": "status", "status": 500})
    assert discovered(connection).job.state == Job.State.DONE
    assert list(partners_of(connection).values()) == ["4000001", "4000002"]


@pytest.mark.usefixtures("known")
def test_a_direct_connection_asks_nobody(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    partner.lists(customers(3))
    connection = partner.connect(reseller)
    before = len(partner.calls)
    discovered(connection)
    assert set(partners_of(connection).values()) == {""}
    assert [call for call in partner.calls[before:] if "relationships" in call] == []
