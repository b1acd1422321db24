"""Writing is tried in a sandbox alone, and whatever happens, what was made is deleted again."""

from typing import Any

import pytest

from portal.core.access import Actor, Role
from portal.core.identity.models import Reseller
from portal.core.jobs.models import Job
from tenants.connections.models import Connection
from tenants.integration import sandbox
from tenants.integration.models import IntegrationTest
from tests.factories.core import make_person
from tests.tenants.integration.accounts import (
    Account,
    ask,
    effects,
    run_through,
    seen,
    steps,
    work,
    work_once,
)
from tests.tenants.steps import lapse


class Killed(BaseException):
    """Stands for a worker that dies: nothing catches it."""


@pytest.fixture
def admin(reseller: Reseller) -> Actor:
    return make_person(reseller, Role.ADMIN).actor


@pytest.fixture
def connection(account: Account, reseller: Reseller) -> Connection:
    account.opens(customers=3, sandbox=True)
    return account.connect(reseller)


def writes(account: Account) -> list[str]:
    return [call for call in account.calls if call.split()[0] not in ("GET", "HEAD")]


def made_and_deleted(account: Account) -> None:
    made = effects(account, "customer_created")
    assert len(made) == 1
    assert effects(account, "customer_deleted") == made


def test_undeclared_account_is_not_written_to(
    account: Account, connection: Connection, admin: Actor
) -> None:
    row = steps(run_through(connection, actor=admin))["sandbox"]
    assert row.state == "skipped"
    assert "sandbox" in row.advice
    assert not [call for call in writes(account) if "/v1/customers" in call]


def test_clock_never_writes_even_if_it_is_told_to(account: Account, connection: Connection) -> None:
    row = steps(run_through(connection, is_sandbox=True))["sandbox"]
    assert row.state == "skipped"
    assert not [call for call in writes(account) if "/v1/customers" in call]


def test_production_that_is_declared_a_sandbox_is_left_alone(
    account: Account, reseller: Reseller, admin: Actor
) -> None:
    row = steps(run_through(account.connect(reseller), actor=admin, is_sandbox=True))["sandbox"]
    assert (row.state, row.code) == ("failed", "not_a_sandbox")
    assert "Nothing was made" in row.reason
    assert effects(account, "customer_created") == []
    assert "POST /v1/customers" not in account.calls


def test_account_with_more_customers_than_a_sandbox_is_not_even_asked(
    account: Account, reseller: Reseller, admin: Actor
) -> None:
    account.opens(customers=sandbox.SANDBOX_CUSTOMERS + 1, lines=300, sandbox=True)
    row = steps(run_through(account.connect(reseller), actor=admin, is_sandbox=True))["sandbox"]
    assert (row.state, row.code) == ("failed", "not_a_sandbox")
    assert not [call for call in writes(account) if "/v1/customers" in call]


def test_request_id_is_stored_before_the_customer_is_sent(
    account: Account,
    connection: Connection,
    admin: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    test = ask(connection, actor=admin, is_sandbox=True)

    def die(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(sandbox, "_create", die)
        with pytest.raises(Killed):
            work(test)
    row = steps(test)["sandbox"]
    assert row.request_id is not None
    assert row.kept["domain"].endswith(".onmicrosoft.com")
    assert effects(account, "customer_created") == []
    taken_over(test)
    assert work(test).job.state == Job.State.DONE
    assert steps(test)["sandbox"].request_id == row.request_id
    made_and_deleted(account)


def taken_over(test: IntegrationTest) -> None:
    lapse(test)  # type: ignore[arg-type]


def test_worker_killed_between_making_and_deleting_leaves_nothing(
    account: Account,
    connection: Connection,
    admin: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    test = ask(connection, actor=admin, is_sandbox=True)

    def die(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(sandbox, "_delete", die)
        with pytest.raises(Killed):
            work(test)
    assert len(effects(account, "customer_created")) == 1
    assert effects(account, "customer_deleted") == []
    taken_over(test)
    assert steps(work(test))["sandbox"].state == "passed"
    made_and_deleted(account)


@pytest.mark.parametrize("action", ["drop_after", "fail_after", "torn"])
def test_answer_that_is_lost_makes_no_second_customer_and_leaves_none(
    action: str, account: Account, connection: Connection, admin: Actor
) -> None:
    account.fail({"method": "POST", "path": "^/v1/customers$", "action": action})
    steps(run_through(connection, actor=admin, is_sandbox=True))
    made_and_deleted(account)


def test_delete_that_fails_for_a_while_is_tried_again(
    account: Account, connection: Connection, admin: Actor
) -> None:
    # The first one asks whether deleting is possible at all.
    account.fail(
        {
            "method": "DELETE",
            "path": "^/v1/customers/",
            "call": 2,
            "action": "status",
            "status": 503,
        }
    )
    test = work_once(ask(connection, actor=admin, is_sandbox=True))
    assert test.job.state == Job.State.WAITING
    assert steps(test)["sandbox"].state == "running"
    assert steps(work(test))["sandbox"].state == "passed"
    made_and_deleted(account)


def test_customer_that_could_not_be_deleted_is_deleted_by_the_next_run(
    account: Account, connection: Connection, admin: Actor
) -> None:
    rule = {"method": "DELETE", "path": "^/v1/customers/", "action": "status", "status": 503}
    account.fail(rule | {"call": 2})
    test = work_once(ask(connection, actor=admin, is_sandbox=True))
    account.fail(rule)
    row = steps(work(test))["sandbox"]
    assert (row.state, row.code) == ("failed", "service_failed")
    assert row.kept["customer"] == effects(account, "customer_created")[0]
    account.fail()
    again = steps(run_through(connection, actor=admin, is_sandbox=True))["sandbox"]
    assert again.state == "passed", again.reason
    assert seen(again)["Left by earlier tests, deleted"] == 1
    assert sorted(effects(account, "customer_created")) == sorted(
        effects(account, "customer_deleted")
    )


def test_refused_customer_is_a_failed_step_and_nothing_to_clean(
    account: Account, connection: Connection, admin: Actor
) -> None:
    body = {"code": 800018, "description": "A sandbox may hold 75 customers."}
    rule = {"method": "POST", "path": "^/v1/customers$", "action": "status", "status": 400}
    account.fail(rule | {"body": body})
    row = steps(run_through(connection, actor=admin, is_sandbox=True))["sandbox"]
    assert (row.state, row.code) == ("failed", "sandbox_limit")
    assert row.kept["cleaned"] is True
    assert effects(account, "customer_created") == []


def test_password_of_the_new_customer_is_kept_nowhere(
    account: Account, connection: Connection, admin: Actor
) -> None:
    test = run_through(connection, actor=admin, is_sandbox=True)
    (made,) = account.simulator.ledger.find(kind="customer_created")
    password = made.data["credentials"]["password"]
    row = steps(test)["sandbox"]
    assert password not in str(vars(row)) + str(vars(test)) + str(vars(test.job))
