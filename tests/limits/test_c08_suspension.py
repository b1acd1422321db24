"""C08: a suspended reseller is read and not changed, and nothing of it goes to Microsoft."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

import billing.tasks
import tenants.tasks
from partnercenter.client import RetryPolicy
from portal.core.access import Role, acting, system_actor
from portal.core.audit.models import AuditEvent
from portal.core.errors import Conflict
from portal.core.identity.queries import membership_by_id
from portal.core.identity.suspension import resume_reseller, suspend_reseller
from portal.core.jobs import operations as job_operations
from portal.core.jobs import worker
from portal.core.jobs.models import Job
from portal.core.jobs.relay import relay_due
from portal.core.jobs.running import LeaseLost, RunningJob
from tenants.connections import clients
from tenants.discovery.operations import request_discovery
from tenants.discovery.tasks import schedule_discovery
from tests.access.calls import Caller
from tests.access.cast import CUSTOMERS, Side, make_side
from tests.access.everything import GUARDED, READS
from tests.access.matrix import Row
from tests.access.snapshots import differing, fingerprint
from tests.factories.core import make_reseller
from tests.tenants.simulated import CLOUD, PartnerCenterInProcess, customers

assert billing.tasks and tenants.tasks

pytestmark = pytest.mark.django_db(transaction=True)

REASON = "The invoice of May is unpaid."
SWITCHING = "switch_membership"
"""Changes the session only: who works for two resellers gets out of the suspended one by it."""
REFUSALS = {403, 409, 503}
FORMS_THAT_READ = {"token_create"}
PARTS_OF_FORMS = {"directory:organization_lookalikes", "api:moves-detail"}
"""What is asked while a change is being made ready, and by those only who may make it."""
POST_FORM = re.compile(r'<form[^>]*method="post"[^>]*action="([^"]*)"|hx-post="([^"]*)"')
STILL_OFFERED = ("/auth/logout/", "/me/switch/")


@pytest.fixture
def partner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> PartnerCenterInProcess:
    """Return the partner that every connection of the cast leads to; messages are not sent."""
    made = PartnerCenterInProcess(tmp_path)
    made.lists(customers(3))
    settings.PARTNERCENTER_CLOUDS = {**settings.PARTNERCENTER_CLOUDS, "simulator": CLOUD}
    monkeypatch.setattr(clients, "session_factory", made.session)
    monkeypatch.setattr(clients, "retry_policy", RetryPolicy(first_wait=0.0))
    monkeypatch.setattr(job_operations, "ring", lambda *_: True)
    monkeypatch.setattr("portal.core.jobs.relay.ring", lambda *_: True)
    return made


@pytest.fixture
def side(partner: PartnerCenterInProcess) -> Side:
    return make_side("north")


def callers_of(side: Side) -> dict[Role, Caller]:
    return {role: Caller.of(person) for role, person in side.people.items()}


def unsafe_rows() -> list[Row]:
    return [row for row in GUARDED if row.verb != "get" and row.route != SWITCHING]


def reading_rows() -> Iterator[Row]:
    """Yield what is read: not what belongs to the form of a change, nor what asks Microsoft."""
    forms = {row.route for row in GUARDED if row.verb != "get" and not row.is_api}
    forms = (forms - FORMS_THAT_READ) | PARTS_OF_FORMS
    for row in READS:
        if row.route not in forms and not row.calls_out:
            yield row


def ask_discovery(side: Side, partner: PartnerCenterInProcess) -> Job:
    """Ask, as the administrator, for a discovery of a connection that works."""
    admin = side.person(Role.ADMIN)
    connection = partner.connect(side.reseller)
    with acting(admin.actor):
        return request_discovery(connection, actor=admin.actor).job


def read(side: Side, job: Job) -> Job:
    with acting(system_actor(side.reseller.pk, "tests")), transaction.atomic():
        found: Job = Job.objects.get(pk=job.pk)
        return found


def suspend(side: Side) -> None:
    call_command("suspend_reseller", reseller=side.reseller.slug, reason=REASON)


def test_c08_nothing_can_be_changed_by_anybody_and_microsoft_is_not_called(
    side: Side, partner: PartnerCenterInProcess, record_property: Callable[[str, object], None]
) -> None:
    callers, job = callers_of(side), ask_discovery(side, partner)
    suspend(side)
    before = fingerprint([side.reseller.pk])
    tried, wrong = 0, []
    for row in unsafe_rows():
        for role, caller in callers.items():
            answer = caller.call(row, side.objects(side.person(role)))
            tried += 1
            says_why = "suspended" in answer.text or "read-only" in answer.text
            if answer.status not in REFUSALS or (role in row.roles and not says_why):
                wrong.append(f"{row} as {role}: {answer.status} {answer.crash}")
    assert not worker.run_job(job.pk)
    changed = differing(before, fingerprint([side.reseller.pk]))
    record_property(
        "figure",
        f"C08: {tried - len(wrong)} of {tried} unsafe route × role refused, {len(changed)} tables"
        f" changed, {len(partner.calls)} calls to Microsoft",
    )
    assert wrong == []
    assert changed == []
    assert partner.calls == []


def test_c08_everything_is_still_read_and_says_why_nothing_can_be_changed(
    side: Side, record_property: Callable[[str, object], None]
) -> None:
    callers = callers_of(side)
    suspend(side)
    tried, wrong, pages = 0, [], 0
    for row in reading_rows():
        for role in row.roles:
            answer = callers[role].call(row, side.objects(side.person(role)))
            tried += 1
            if answer.status != 200:
                wrong.append(f"{row} as {role}: {answer.status} {answer.crash}")
            if 'class="portal"' in answer.text:
                pages += 1
                if "nothing can be changed for now" not in answer.text:
                    wrong.append(f"{row} as {role} has no banner")
                if role in CUSTOMERS and REASON.lower() in answer.text:
                    wrong.append(f"{row} tells {role} what is between reseller and operator")
            offered = [one or two for one, two in POST_FORM.findall(answer.text)]
            if any(not place.startswith(STILL_OFFERED) for place in offered):
                wrong.append(f"{row} as {role} offers {offered}")
    record_property("figure", f"C08: {tried} reads answered 200, {pages} pages with the banner")
    assert wrong == []
    assert pages > 50


def test_c08_jobs_wait_uncounted_and_run_after_release(
    side: Side, partner: PartnerCenterInProcess
) -> None:
    job = ask_discovery(side, partner)
    suspend(side)
    for _ in range(7):
        assert not worker.run_job(job.pk)
    waiting = read(side, job)
    assert (waiting.state, waiting.attempts) == ("waiting", 0)
    call_command("resume_reseller", reseller=side.reseller.slug, reason="It is paid.")
    assert worker.run_job(job.pk)
    assert read(side, job).state == "done"
    assert partner.calls != []


def test_c08_after_release_the_relay_finds_what_waited_at_once(
    side: Side, partner: PartnerCenterInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = ask_discovery(side, partner)
    suspend(side)
    monkeypatch.setattr("portal.core.jobs.relay.GRACE_SECONDS", 0)
    relay_due()
    assert relay_due() == 0, "it was rung in vain and pushed forward by one lease"
    resume_reseller(side.reseller, reason="It is paid.")
    assert relay_due() == 2, "the discovery, and the suggestions that the cast's links asked for"
    assert worker.run_job(job.pk)


def test_c08_a_job_under_way_stops_at_its_next_step_and_loses_no_attempt(
    side: Side, partner: PartnerCenterInProcess
) -> None:
    job = ask_discovery(side, partner)
    with acting(system_actor(side.reseller.pk, "tests")) as actor:
        claimed = job_operations.claim(job.pk)
        assert claimed
        suspend_reseller(side.reseller, reason=REASON)
        with pytest.raises(LeaseLost):
            RunningJob(claimed, actor).report(done=1)
    waiting = read(side, job)
    assert (waiting.state, waiting.attempts, waiting.done) == ("waiting", 0, 0)


def test_c08_a_job_claimed_while_the_suspension_was_written_is_put_back(
    side: Side, partner: PartnerCenterInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, looks = ask_discovery(side, partner), iter([False, True])
    monkeypatch.setattr(worker, "is_held", lambda _reseller: next(looks))
    assert not worker.run_job(job.pk)
    waiting = read(side, job)
    assert (waiting.state, waiting.attempts) == ("waiting", 0)
    assert partner.calls == []


def test_c08_the_nightly_schedule_and_commands_leave_a_suspended_reseller_out(
    side: Side, partner: PartnerCenterInProcess
) -> None:
    other = make_reseller()
    partner.connect(other)
    suspend(side)
    before = fingerprint([side.reseller.pk])
    schedule_discovery()
    for command in ("discover_tenants", "import_invoices"):
        with pytest.raises(CommandError, match="suspended since"):
            call_command(command, reseller=side.reseller.slug)
    call_command("reconcile", reseller=side.reseller.slug, month="2026-06")  # it only reads
    assert differing(before, fingerprint([side.reseller.pk])) == []
    with acting(system_actor(other.pk, "tests")), transaction.atomic():
        assert Job.objects.count() == 1


def test_c08_another_reseller_is_not_touched(side: Side) -> None:
    south = make_side("south")
    suspend(side)
    admin = south.person(Role.ADMIN)
    membership = membership_by_id(admin.membership.pk)
    assert membership
    answer = Caller.of(admin).request("get", "/")
    assert (answer.status, "for now" in answer.text) == (200, False)


def test_suspending_is_audited_and_not_done_twice(side: Side) -> None:
    suspend(side)
    with pytest.raises(Conflict):
        suspend_reseller(side.reseller, reason=REASON)
    with pytest.raises(CommandError, match="Say why"):
        call_command("resume_reseller", reseller=side.reseller.slug, reason=" ")
    call_command("resume_reseller", reseller=side.reseller.slug, reason="It is paid")
    with pytest.raises(CommandError, match="is not suspended"):
        call_command("resume_reseller", reseller=side.reseller.slug, reason="again")
    with pytest.raises(CommandError, match="There is no reseller"):
        call_command("suspend_reseller", reseller="nobody", reason=REASON)
    with acting(system_actor(side.reseller.pk, "tests")), transaction.atomic():
        told = AuditEvent.objects.filter(action__startswith="core.reseller_").order_by("sequence")
        assert list(told.values_list("action", "reason")) == [
            ("core.reseller_suspended", REASON),
            ("core.reseller_resumed", "It is paid."),
        ]
