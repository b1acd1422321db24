"""What other floors write onto tenants, and what is read about one."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from portal.core.access import Actor, Role, acting, system_actor
from portal.core.errors import NotAllowed, NotFound, Unavailable
from portal.core.identity.models import Reseller
from tenants.connections.clients import RemoteCallInTransaction
from tenants.connections.models import Connection
from tenants.discovery.models import Tenant
from tenants.discovery.operations import mark_linked, note_billing, read_details, sight_tenants
from tests.factories.core import make_person, make_reseller
from tests.factories.tenants import make_connection, make_tenant, make_tenants
from tests.tenants.simulated import PartnerCenterInProcess, customer, customer_id, customers
from tests.tenants.steps import discovered, events, tenants

OCTOBER = date(2026, 10, 1)


@pytest.fixture
def actor(reseller: Reseller) -> Iterator[Actor]:
    system = system_actor(reseller.pk, "tests")
    with acting(system):
        yield system


def test_mark_linked_changes_what_differs_and_nobody_elses(
    actor: Actor, reseller: Reseller
) -> None:
    rows = make_tenants(make_connection(reseller), 3)
    foreign = make_tenants(make_connection(make_reseller()), 1)
    ids = [row.pk for row in [*rows[:2], *foreign]]
    with transaction.atomic():
        assert mark_linked(ids, actor=actor, linked=True) == 2
        assert mark_linked(ids, actor=actor, linked=True) == 0
        assert mark_linked([], actor=actor, linked=True) == 0
        assert mark_linked([rows[0].pk], actor=actor, linked=False) == 1
        assert Tenant.objects.filter(is_linked=True).count() == 1


def test_billing_is_noted_for_many_tenants_in_one_statement(
    actor: Actor, reseller: Reseller, django_assert_num_queries: object
) -> None:
    rows = make_tenants(make_connection(reseller), 3)
    given = [
        (rows[0].microsoft_id, Decimal("10.25"), "EUR", OCTOBER),
        (rows[1].microsoft_id, None, "", None),
        (uuid4(), Decimal(1), "EUR", OCTOBER),
    ]
    with transaction.atomic(), django_assert_num_queries(1):  # type: ignore[operator]
        assert note_billing(given, actor=actor) == 1
    with transaction.atomic():
        assert note_billing(given, actor=actor) == 0
        assert note_billing([], actor=actor) == 0
        rows[0].refresh_from_db()
        assert rows[0].billed_amount == Decimal("10.25")
        assert (rows[0].billed_currency, rows[0].billed_month) == ("EUR", OCTOBER)
        assert note_billing([(rows[0].microsoft_id, None, "", None)], actor=actor) == 1
        rows[0].refresh_from_db()
        assert rows[0].billed_amount is None


def test_customer_of_an_invoice_becomes_a_tenant_and_known_ones_stay(
    actor: Actor, reseller: Reseller
) -> None:
    connection = make_connection(reseller)
    known = make_tenant(connection, name="Known")
    # Billing may be quicker than the first discovery.
    connection.discovered_at = None
    with transaction.atomic():
        connection.save(update_fields=["discovered_at"])
    new = uuid4()
    rows = [(known.microsoft_id, "Other name", ""), (new, "Only billed\x00", "billed.example")]
    with transaction.atomic():
        assert sight_tenants(rows, connection=connection, actor=actor) == 1
        assert sight_tenants(rows, connection=connection, actor=actor) == 0
        assert sight_tenants([], connection=connection, actor=actor) == 0
    found = tenants(connection)
    assert found[str(known.microsoft_id)].name == "Known"
    made = found[str(new)]
    assert (made.name, made.domain, made.status) == (
        "Only billed\ufffd",
        "billed.example",
        "active",
    )


def test_customer_that_a_whole_list_did_not_hold_is_missing_at_once(
    partner: PartnerCenterInProcess, actor: Actor, reseller: Reseller
) -> None:
    partner.lists(customers(1))
    connection = discovered(partner.connect(reseller)).connection
    with transaction.atomic():
        sight_tenants([(UUID(customer_id(2)), "", "")], connection=connection, actor=actor)
    made = tenants(connection)[customer_id(2)]
    assert (made.status, made.name) == (Tenant.Status.MISSING, customer_id(2))
    partner.lists(customers(2))
    assert discovered(connection).returned == 1


def a_full_customer() -> dict[str, object]:
    address = {
        "country": "nl",
        "city": "Rotterdam",
        "addressLine1": "1 Quay",
        "postalCode": "3011 AA",
        "phoneNumber": "+31 10 123 4567",
        "firstName": "Ada",
    }
    billing = {"email": "bills@harbour.example", "defaultAddress": address}
    return customer(1, name="Harbour", billingProfile=billing)


def one_tenant(partner: PartnerCenterInProcess, reseller: Reseller) -> Tenant:
    partner.lists([a_full_customer()])
    connection = partner.connect(reseller)
    discovered(connection)
    return tenants(connection)[customer_id(1)]


def test_details_are_read_and_recorded(
    partner: PartnerCenterInProcess, actor: Actor, reseller: Reseller
) -> None:
    tenant = one_tenant(partner, reseller)
    read = read_details(tenant, actor=actor)
    assert (read.email, read.phone, read.country) == (
        "bills@harbour.example",
        "+31 10 123 4567",
        "NL",
    )
    assert read.address["address_line1"] == "1 Quay"
    assert read.address["postal_code"] == "3011 AA"
    assert read.details_at is not None
    (event,) = events(reseller.pk, "tenants.tenant_refreshed")
    assert event.after["email"] == "bills@harbour.example"
    read_details(tenant, actor=actor)
    assert len(events(reseller.pk, "tenants.tenant_refreshed")) == 1


@pytest.mark.parametrize(
    ("rule", "says", "state"),
    [
        ({"action": "drop"}, "cannot be reached", "failing"),
        ({"action": "status", "status": 404}, "does not know this customer", "working"),
    ],
    ids=["unreachable", "unknown"],
)
def test_details_that_cannot_be_read_leave_what_is_known(
    partner: PartnerCenterInProcess,
    actor: Actor,
    reseller: Reseller,
    rule: dict[str, object],
    says: str,
    state: str,
) -> None:
    tenant = one_tenant(partner, reseller)
    partner.fail({"path": f"^/v1/customers/{customer_id(1)}"} | rule)
    with pytest.raises(Unavailable, match=says):
        read_details(tenant, actor=actor)
    after = tenants(tenant.connection)[customer_id(1)]
    assert (after.name, after.email, after.details_at) == ("Harbour", "", None)
    with transaction.atomic():
        assert Connection.objects.get(pk=tenant.connection_id).state == state


def test_details_are_not_read_in_a_transaction(
    partner: PartnerCenterInProcess, actor: Actor, reseller: Reseller
) -> None:
    tenant = one_tenant(partner, reseller)
    partner.calls.clear()
    with transaction.atomic(), pytest.raises(RemoteCallInTransaction):
        read_details(tenant, actor=actor)
    assert partner.calls == []


def test_details_are_read_for_those_who_link_only(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    tenant = one_tenant(partner, reseller)
    auditor = make_person(reseller, Role.AUDITOR)
    with acting(auditor.actor), pytest.raises(NotAllowed):
        read_details(tenant, actor=auditor.actor)
    stranger = make_person(make_reseller(), Role.ADMIN)
    with acting(stranger.actor), pytest.raises(NotFound):
        read_details(tenant, actor=stranger.actor)
