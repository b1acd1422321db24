"""Discoveries against the simulator, from asking to the last page."""

import json
from datetime import date
from decimal import Decimal

from django.db import transaction

from portal.core.access import acting, system_actor
from portal.core.identity.models import Reseller
from portal.core.jobs.models import Job
from tenants.discovery.models import Tenant
from tenants.discovery.operations import mark_linked, note_billing
from tests.tenants.simulated import PartnerCenterInProcess, customer, customer_id, customers
from tests.tenants.steps import discovered, events, names, tenants

MONTH = date(2026, 10, 1)


def test_first_discovery_finds_every_customer_of_every_page(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    partner.lists(customers(23), page_size=5)
    connection = partner.connect(reseller)
    run = discovered(connection)
    assert run.job.state == Job.State.DONE, run.job.error
    assert (run.found, run.created, run.pages) == (23, 23, 5)
    assert (run.updated, run.returned, run.missing, run.held, run.mended) == (0, 0, 0, 0, 0)
    assert names(connection) == {f"Customer {number:05}" for number in range(1, 24)}
    found = tenants(connection)[customer_id(7)]
    assert (found.domain, found.relationship) == ("customer7.onmicrosoft.com", "reseller")
    assert run.connection.discovered_at == run.completed_at
    assert run.connection.state == "working"


def test_discovery_is_recorded_with_its_counts(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    partner.lists(customers(3))
    discovered(partner.connect(reseller))
    assert len(events(reseller.pk, "tenants.discovery_requested")) == 1
    (completed,) = events(reseller.pk, "tenants.discovery_completed")
    assert completed.after["found"] == completed.after["created"] == 3


def test_second_discovery_of_the_same_list_changes_no_tenant(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    partner.lists(customers(8), page_size=3)
    connection = partner.connect(reseller)
    discovered(connection)
    before = {key: row.changed_at for key, row in tenants(connection).items()}
    run = discovered(connection)
    assert (run.found, run.created, run.updated) == (8, 0, 0)
    assert {key: row.changed_at for key, row in tenants(connection).items()} == before


def test_renamed_tenant_keeps_its_former_name(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    partner.lists(customers(2))
    connection = partner.connect(reseller)
    discovered(connection)
    before = tenants(connection)[customer_id(1)]
    partner.lists([customer(1, name="Renamed"), customer(2)])
    run = discovered(connection)
    after = tenants(connection)[customer_id(1)]
    assert run.updated == 1
    assert (after.pk, after.name, after.former_name) == (before.pk, "Renamed", "Customer 00001")
    assert after.changed_at > before.changed_at


def test_link_and_bill_outlive_a_discovery(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    partner.lists(customers(1))
    connection = partner.connect(reseller)
    discovered(connection)
    system = system_actor(reseller.pk, "tests")
    (tenant,) = tenants(connection).values()
    with acting(system), transaction.atomic():
        mark_linked([tenant.pk], actor=system, linked=True)
        note_billing([(tenant.microsoft_id, Decimal(5), "EUR", MONTH)], actor=system)
    partner.lists([customer(1, name="Renamed")])
    discovered(connection)
    (after,) = tenants(connection).values()
    assert (after.name, after.is_linked, after.billed_amount) == ("Renamed", True, Decimal(5))


def test_changed_domain_is_no_rename(partner: PartnerCenterInProcess, reseller: Reseller) -> None:
    partner.lists(customers(1))
    connection = partner.connect(reseller)
    discovered(connection)
    partner.lists([customer(1, domain="new.example")])
    assert discovered(connection).updated == 1
    row = tenants(connection)[customer_id(1)]
    assert (row.domain, row.former_name) == ("new.example", "")


def test_absent_tenant_is_missing_and_comes_back(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    partner.lists(customers(4))
    connection = partner.connect(reseller)
    discovered(connection)
    partner.lists(customers(3))
    run = discovered(connection)
    gone = tenants(connection)[customer_id(4)]
    assert run.missing == 1
    assert gone.status == Tenant.Status.MISSING
    assert gone.missing_since is not None
    partner.lists(customers(4))
    run = discovered(connection)
    back = tenants(connection)[customer_id(4)]
    assert (run.returned, run.created, run.updated) == (1, 0, 0)
    assert (back.pk, back.status, back.missing_since) == (gone.pk, Tenant.Status.ACTIVE, None)


def test_same_domain_under_a_new_id_is_another_tenant(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    partner.lists([customer(1, name="Twin", domain="twin.example")])
    connection = partner.connect(reseller)
    discovered(connection)
    first = tenants(connection)[customer_id(1)]
    partner.lists([customer(2, name="Twin", domain="twin.example")])
    discovered(connection)
    found = tenants(connection)
    assert found[customer_id(1)].status == Tenant.Status.MISSING
    assert found[customer_id(2)].pk != first.pk


def test_ids_in_capitals_are_the_same_tenants(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    partner.lists(customers(3))
    connection = partner.connect(reseller)
    discovered(connection)
    partner.lists([customer(number, id=customer_id(number).upper()) for number in range(1, 4)])
    run = discovered(connection)
    assert (run.created, run.missing) == (0, 0)
    assert len(tenants(connection)) == 3


def test_customers_of_hostile_text_are_stored_and_counted(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    hostile = [
        customer(1, name="Nul\x00 inside"),
        customer(3, name="L" * 100_000, domain="d" * 5_000),
        customer(4, name="<script>alert(1)</script>'; DROP TABLE tenants_tenant; --"),
        customer(5, name="", domain="nameless.example"),
        customer(6, name="\u202eright to left\u200b", domain=""),
    ]
    partner.lists(hostile)
    connection = partner.connect(reseller)
    run = discovered(connection)
    assert run.job.state == Job.State.DONE, run.job.error
    assert (run.found, run.mended) == (5, 2)
    assert "mended" in events(reseller.pk, "tenants.discovery_completed")[0].after
    found = tenants(connection)
    assert found[customer_id(1)].name == "Nul\ufffd inside"
    assert found[customer_id(3)].name == "L" * 399 + "…"
    assert len(found[customer_id(3)].domain) == 255
    assert found[customer_id(4)].name.endswith("DROP TABLE tenants_tenant; --")
    assert found[customer_id(5)].name == "nameless.example"
    assert found[customer_id(6)].name == "\u202eright to left\u200b"


def test_half_a_character_is_replaced(partner: PartnerCenterInProcess, reseller: Reseller) -> None:
    row = customer(1, name="half a pair \ud83d here")
    partner.fail(
        {
            "path": "^/v1/customers",
            "action": "status",
            "status": 200,
            "body": json.dumps({"items": [row]}),  # spelled \\ud83d, which is valid JSON
            "headers": {"Content-Type": "application/json"},
        }
    )
    connection = partner.connect(reseller)
    assert discovered(connection).mended == 1
    assert names(connection) == {"half a pair \ufffd here"}


def test_empty_list_of_a_new_partner_is_a_whole_list(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    run = discovered(partner.connect(reseller))
    assert run.job.state == Job.State.DONE
    assert (run.found, run.pages) == (0, 1)
