"""Asking for integration tests, at night for all connections, and what a killed worker leaves."""

from typing import Any

import pytest
from django.db import transaction

from portal.core.access import Role, acting, system_actor
from portal.core.errors import Conflict, NotAllowed, NotFound
from portal.core.identity.models import Reseller
from portal.core.jobs.models import Job
from tenants.connections.models import Connection
from tenants.integration import testing
from tenants.integration.models import IntegrationTest
from tenants.integration.operations import request_test
from tenants.integration.tasks import schedule_tests
from tests.factories.core import make_person, make_reseller
from tests.tenants.integration.accounts import (
    Account,
    ask,
    look,
    run_through,
    seen,
    states,
    steps,
    work,
    work_once,
)
from tests.tenants.steps import events, lapse

ELSEWHERE = "11111111-2222-4333-8444-555555555555"


class Killed(BaseException):
    """Stands for a worker that dies: nothing catches it."""


def runs_of(reseller: Reseller) -> list[IntegrationTest]:
    with acting(system_actor(reseller.pk, "tests")), transaction.atomic():
        rows = IntegrationTest.objects.select_related("job", "connection")
        return list(rows.order_by("created_at"))


def test_every_connection_is_tested_at_night_and_never_as_a_sandbox(
    account: Account, reseller: Reseller
) -> None:
    other = make_reseller()
    mine = {account.connect(reseller).pk, account.connect(reseller, partner_tenant=ELSEWHERE).pk}
    theirs = account.connect(other)
    schedule_tests()
    assert {run.connection_id for run in runs_of(reseller)} == mine
    assert [run.connection_id for run in runs_of(other)] == [theirs.pk]
    assert not any(run.is_sandbox for run in runs_of(reseller))
    assert {run.job.asked_by for run in runs_of(reseller)} == {
        "Tenantry (nightly integration test)"
    }


def test_run_under_way_is_left_to_go_on_at_night(account: Account, reseller: Reseller) -> None:
    test = ask(account.connect(reseller))
    schedule_tests()
    assert [run.pk for run in runs_of(reseller)] == [test.pk]


def test_one_run_of_a_connection_at_a_time(account: Account, reseller: Reseller) -> None:
    connection = account.connect(reseller)
    test = ask(connection)
    with pytest.raises(Conflict) as caught:
        ask(connection)
    assert caught.value.data["integration_test"] == str(test.pk)
    work(test)
    assert ask(connection).pk != test.pk


def test_asking_needs_the_right_and_a_connection_of_ones_own(
    account: Account, reseller: Reseller
) -> None:
    connection = account.connect(reseller)
    operator = make_person(reseller, Role.OPERATOR).actor
    with acting(operator), pytest.raises(NotAllowed):
        request_test(connection, actor=operator)
    stranger = make_person(make_reseller(), Role.ADMIN).actor
    with acting(stranger), pytest.raises(NotFound):
        request_test(connection, actor=stranger)


def test_asking_and_the_outcome_are_in_the_history(account: Account, reseller: Reseller) -> None:
    run_through(account.connect(reseller))
    (asked,) = events(reseller.pk, "tenants.integration_test_requested")
    assert asked.after == {"is_sandbox": False}
    (done,) = events(reseller.pk, "tenants.integration_test_completed")
    assert done.after == {"passed": 5, "failed": 0, "skipped": 3, "failed_steps": []}


def test_success_and_failure_are_written_on_the_connection(
    account: Account, reseller: Reseller
) -> None:
    connection = account.connect(reseller)
    assert run_through(connection).connection.state == Connection.State.WORKING
    account.fail({"path": "^/v1/customers", "action": "drop"})
    failed = run_through(connection).connection
    assert (failed.state, failed.last_failure_code) == ("failing", "connection_failed")


def test_killed_run_goes_on_with_the_step_it_was_in(
    account: Account, reseller: Reseller, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = ask(account.connect(reseller))

    def die(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(testing, "CARRIED_OUT", {**testing.CARRIED_OUT, "invoices": die})
        with pytest.raises(Killed):
            work_once(test)
    assert states(test)["subscriptions"] == "passed"
    assert states(test)["invoices"] == "running"
    account.calls.clear()
    lapse(test)  # type: ignore[arg-type]
    test = work(test)
    assert test.job.state == Job.State.DONE
    assert (test.passed, test.failed) == (5, 0)
    assert not [call for call in account.calls if call == "GET /v1/customers"]


def test_stalled_worker_writes_nothing_once_another_took_over(
    account: Account, reseller: Reseller, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = ask(account.connect(reseller))
    read = testing.CARRIED_OUT["customers"]
    stalled: list[bool] = []

    def stall(bench: Any) -> Any:
        seen = read(bench)
        if not stalled:
            stalled.append(True)
            lapse(test)  # type: ignore[arg-type]
            work(test)  # a second worker finishes the run meanwhile
            return {"Customers": -1}
        return seen

    monkeypatch.setattr(testing, "CARRIED_OUT", {**testing.CARRIED_OUT, "customers": stall})
    work_once(test)
    done = look(test)
    assert (done.job.state, done.passed) == (Job.State.DONE, 5)
    assert seen(steps(test)["customers"])["Customers"] == 6


def test_finished_run_is_not_carried_out_again(account: Account, reseller: Reseller) -> None:
    test = run_through(account.connect(reseller))
    account.calls.clear()
    with acting(system_actor(reseller.pk, "tests")), transaction.atomic():
        Job.objects.filter(pk=test.job_id).update(state=Job.State.WAITING, finished_at=None)
    work_once(test)
    assert account.calls == []
