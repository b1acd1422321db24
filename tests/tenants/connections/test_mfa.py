"""CON-08: whether the application's own calls count as made with multi-factor authentication."""

import pytest
from django.db import transaction
from django.urls import reverse

from portal.core.access import Actor, Role, acting
from portal.core.identity.models import Reseller
from portal.core.jobs.models import Job
from portal.core.jobs.worker import run_job
from tenants.connections.mfa import request_mfa_checks
from tenants.connections.models import Connection
from tests.factories.core import Person, make_person
from tests.partnercenter.simulator.calls import user_caller
from tests.tenants.consents import consent, stored_consent
from tests.tenants.simulated import PartnerCenterInProcess
from tests.tenants.steps import events


@pytest.fixture
def person(reseller: Reseller) -> Person:
    return make_person(reseller, Role.ADMIN)


@pytest.fixture
def admin(person: Person) -> Actor:
    return person.actor


@pytest.fixture
def connection(partner: PartnerCenterInProcess, reseller: Reseller, admin: Actor) -> Connection:
    row = partner.connect(reseller)
    with acting(admin):
        consent(partner, row, admin)
    return row


def check(admin: Actor) -> Job:
    with acting(admin):
        (job,) = request_mfa_checks(actor=admin)
        assert request_mfa_checks(actor=admin) == []
        run_job(job.pk)
        with transaction.atomic():
            job.refresh_from_db()
    assert job.state == Job.State.DONE, job.error
    return job


def call_without_second_factor(partner: PartnerCenterInProcess) -> None:
    site = partner.simulator.site
    site.switches = site.switches.changed({"mfa_enforced": False})
    assert user_caller(partner.simulator, amr="pwd").get("/v1/customers").status == 200
    site.switches = site.switches.changed({"mfa_enforced": True})


def test_calls_of_the_portal_are_counted_as_compliant(
    connection: Connection, admin: Actor, person: Person
) -> None:
    check(admin)
    check(admin)
    row = stored_consent(connection)
    assert row is not None
    assert row.calls_judged >= 1 and row.calls_without_mfa == 0
    page = (
        person.client()
        .get(reverse("connections:connection_detail", args=[connection.pk]))
        .content.decode()
    )
    assert "Calls with a second factor" in page
    assert f"{row.calls_judged:,} of {row.calls_judged:,}" in page


def test_a_call_without_second_factor_is_told_with_who_made_it(
    partner: PartnerCenterInProcess, connection: Connection, admin: Actor, person: Person
) -> None:
    call_without_second_factor(partner)
    check(admin)
    row = stored_consent(connection)
    assert row is not None
    assert row.calls_without_mfa == 1
    (caller,) = row.callers_without_mfa
    shown = person.client().get(f"/api/v1/connections/{connection.pk}/health/").json()
    assert shown["consent"]["calls_without_mfa"] == 1
    page = (
        person.client()
        .get(reverse("connections:connection_detail", args=[connection.pk]))
        .content.decode()
    )
    assert f"Without: {caller}" in page
    check(admin)
    assert len(events(connection.reseller_id, "tenants.calls_without_mfa")) == 1


def test_a_connection_nobody_signed_in_for_is_not_asked(
    partner: PartnerCenterInProcess, reseller: Reseller, admin: Actor
) -> None:
    partner.connect(reseller)
    with acting(admin):
        assert request_mfa_checks(actor=admin) == []
