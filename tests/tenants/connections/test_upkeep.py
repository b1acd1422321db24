"""The upkeep of every day: sign-ins a week old are renewed, ends are told once per step (J04)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from portal.core.access import Actor, Role, acting
from portal.core.identity.models import Reseller
from portal.core.jobs.models import Job
from portal.core.jobs.worker import run_job
from tenants.connections.consenting import begin_consent
from tenants.connections.losing import PAUSED
from tenants.connections.models import Connection, Consent, ConsentRequest
from tenants.connections.operations import change_connection
from tenants.connections.tasks import keep_up
from tenants.connections.upkeep import request_renewals
from tests.factories.core import make_person
from tests.tenants.consents import HOST, change_consent, consent, stored_consent
from tests.tenants.simulated import PartnerCenterInProcess
from tests.tenants.steps import events


@pytest.fixture
def admin(reseller: Reseller) -> Iterator[Actor]:
    actor = make_person(reseller, Role.ADMIN).actor
    with acting(actor):
        yield actor


@pytest.fixture
def connection(partner: PartnerCenterInProcess, reseller: Reseller, admin: Actor) -> Connection:
    row = partner.connect(reseller)
    consent(partner, row, admin)
    return row


def age(connection: Connection, days: float) -> None:
    change_consent(connection, renewed_at=timezone.now() - timedelta(days=days))


def ran(job: Job) -> Job:
    run_job(job.pk)
    with transaction.atomic():
        job.refresh_from_db()
    return job


def test_sign_in_a_week_old_is_renewed_though_its_token_is_good(
    partner: PartnerCenterInProcess, connection: Connection, admin: Actor
) -> None:
    assert request_renewals(actor=admin) == []
    age(connection, 7.1)
    before = stored_consent(connection)
    (job,) = request_renewals(actor=admin)
    assert request_renewals(actor=admin) == []
    assert ran(job).state == Job.State.DONE
    after = stored_consent(connection)
    assert before and after
    assert after.refresh_version == before.refresh_version + 1
    assert timezone.now() - after.renewed_at < timedelta(minutes=5)


def test_renewal_that_is_refused_loses_the_sign_in_and_says_so(
    partner: PartnerCenterInProcess, connection: Connection, admin: Actor
) -> None:
    age(connection, 8)
    (job,) = request_renewals(actor=admin)
    partner.simulator.revoke_refresh_tokens()
    assert ran(job).error_code in PAUSED
    row = stored_consent(connection)
    assert row is not None
    assert row.state == Consent.State.LOST
    assert request_renewals(actor=admin) == []


def test_j04_each_step_is_told_once(connection: Connection, reseller: Reseller) -> None:
    told = []
    for days in (59, 60, 61, 75, 76, 85, 87, 89):
        age(connection, days)
        keep_up()
        found = events(reseller.pk, "tenants.credential_ends")
        told.append([event.after["days"] for event in found])
    assert told == [[], [30], [30], [30], [30, 14], [30, 14], [30, 14, 3], [30, 14, 3]]


def test_sign_ins_that_never_came_back_are_forgotten(connection: Connection, admin: Actor) -> None:
    old = begin_consent(connection, actor=admin, host=HOST).request
    young = begin_consent(connection, actor=admin, host=HOST).request
    with transaction.atomic():
        long_ago = timezone.now() - timedelta(days=1, seconds=1)
        ConsentRequest.objects.exclude(pk=young.pk).update(created_at=long_ago)
    keep_up()
    with transaction.atomic():
        left = {row.pk: row.outcome for row in ConsentRequest.objects.all()}
    assert old.pk not in left
    assert sorted(left.values()) == ["granted", "open"]


def test_end_of_the_secret_is_told_and_a_new_date_begins_anew(
    connection: Connection, reseller: Reseller, admin: Actor
) -> None:
    today = timezone.now().date()
    for ends in (10, 10, 2, 300, 20):
        with transaction.atomic():
            row = Connection.objects.get(pk=connection.pk)
        change_connection(row, actor=admin, secret_expires_on=today + timedelta(days=ends))
        keep_up()
    days = [event.after["days"] for event in events(reseller.pk, "tenants.credential_ends")]
    assert days == [10, 2, 20]
