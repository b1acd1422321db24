"""What goes wrong while a list is read, and that nothing is half-written or lost by it."""

from typing import Any

import pytest

from portal.core.access import acting, system_actor
from portal.core.identity.models import Reseller
from portal.core.jobs.models import Job
from portal.core.jobs.operations import retry_job
from portal.core.jobs.running import LeaseLost, RunningJob
from tenants.connections.operations import change_connection
from tenants.discovery import discovering
from tenants.discovery.models import DiscoveryRun, Tenant
from tests.tenants.simulated import PartnerCenterInProcess, customers
from tests.tenants.steps import ask, discovered, lapse, look, names, tenants, work

LIST = "^/v1/customers"
ACTIVE, MISSING = Tenant.Status.ACTIVE, Tenant.Status.MISSING


def third_page(action: str, **arguments: Any) -> dict[str, Any]:
    return {"path": LIST, "call": 3, "action": action} | arguments


@pytest.mark.parametrize(
    "rule",
    [
        {"action": "torn"},
        {"action": "html", "status": 502},
        {"action": "status", "status": 500},
        {"action": "throttle", "seconds": 0},
        {"action": "status", "status": 200, "body": {"items": "none of your business"}},
    ],
    ids=lambda rule: str(rule["action"]),
)
def test_page_that_cannot_be_read_keeps_what_came_before_and_marks_nobody(
    partner: PartnerCenterInProcess, reseller: Reseller, rule: dict[str, Any]
) -> None:
    partner.lists(customers(12), page_size=4)
    connection = partner.connect(reseller)
    discovered(connection)
    partner.lists(customers(10, first=4))
    partner.fail({"path": f"{LIST}.*seekOperation", "every": 1} | rule)
    run = work(ask(connection))
    assert run.job.state == Job.State.WAITING
    assert run.job.error
    assert (run.found, run.missing) == (4, 0)
    assert all(row.status == ACTIVE for row in tenants(connection).values())
    partner.fail()
    run = work(run)
    assert run.job.state == Job.State.DONE, run.job.error
    assert (run.found, run.created, run.missing) == (10, 1, 3)


def test_one_torn_answer_is_asked_for_again(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    partner.lists(customers(12), page_size=4)
    partner.fail(third_page("torn"))
    run = discovered(partner.connect(reseller))
    assert (run.job.state, run.job.attempts, run.found) == (Job.State.DONE, 1, 12)


@pytest.mark.parametrize(
    "rule",
    [
        {"action": "status", "status": 200, "body": {"items": customers(4)}},
        {"action": "duplicate_item"},
        {"action": "endless"},
    ],
    ids=["repeated page", "repeated customer", "circle"],
)
def test_list_that_repeats_itself_is_read_again_from_the_start(
    partner: PartnerCenterInProcess, reseller: Reseller, rule: dict[str, Any]
) -> None:
    partner.lists(customers(12), page_size=4)
    connection = partner.connect(reseller)
    discovered(connection)
    partner.lists(customers(11))
    partner.fail({"path": f"{LIST}.*seekOperation"} | rule)
    run = work(ask(connection))
    assert (run.job.state, run.job.error_code) == (Job.State.WAITING, "paging_error")
    assert names(connection, status=MISSING) == set()
    partner.fail()
    run = work(run)
    assert run.job.state == Job.State.DONE, run.job.error
    assert (run.found, run.missing) == (11, 1)


def test_customer_on_two_pages_far_apart_is_noticed(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    partner.lists(customers(12), page_size=3)
    connection = partner.connect(reseller)
    first = customers(1)[0]
    rows = [*customers(2, first=11), first]
    body = {"totalCount": 3, "items": rows}
    partner.fail({"path": LIST, "call": 4, "action": "status", "status": 200, "body": body})
    run = work(ask(connection))
    assert run.job.error_code == "paging_error"
    assert "twice" in run.job.error


def test_empty_page_in_the_middle_is_no_end(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    partner.lists(customers(12), page_size=4)
    partner.fail({"path": LIST, "call": 2, "action": "empty_page"})
    run = discovered(partner.connect(reseller))
    assert (run.job.state, run.found) == (Job.State.DONE, 12)


def test_refused_continuation_starts_the_list_over(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    partner.lists(customers(12), page_size=4)
    connection = partner.connect(reseller)
    partner.fail({"path": LIST, "call": 2, "action": "wrong_token"})
    run = work(ask(connection))
    assert (run.job.state, run.job.error_code) == (Job.State.WAITING, "place_lost")
    assert "read again from the start" in run.job.error
    run = work(run)
    assert (run.job.state, run.found, run.created) == (Job.State.DONE, 12, 12)


def test_expired_credentials_say_so_on_run_and_connection(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    partner.lists(customers(3))
    connection = partner.connect(reseller, secret="an-expired-one")
    run = discovered(connection)
    assert (run.job.state, run.job.error_code) == (Job.State.FAILED, "secret_refused")
    for text in (run.job.error, run.connection.last_failure):
        assert "Make a new one" in text
        assert "an-expired-one" not in text
    assert (run.connection.state, run.connection.discovered_at) == ("failing", None)
    assert tenants(connection) == {}
    system = system_actor(reseller.pk, "tests")
    with acting(system):
        change_connection(connection, actor=system, secret="s3cr3t-of-the-simulated-partner")
        retry_job(run.job, actor=system)
    run = work(run)
    assert (run.job.state, run.found) == (Job.State.DONE, 3)
    assert run.connection.state == "working"


def test_unreachable_partner_center_is_tried_again_and_then_handed_to_a_person(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    connection = partner.connect(reseller)
    partner.fail({"action": "drop"})
    run = work(ask(connection))
    assert (run.job.state, run.job.error_code) == (Job.State.WAITING, "connection_failed")
    assert run.connection.state == "failing"
    for _ in range(4):
        run = work(run)
    assert run.job.state == Job.State.NEEDS_PERSON
    assert "cannot be reached" in run.job.error


def test_refusing_partner_center_is_told_in_its_own_words(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    body = {"code": 2000, "description": "The partner is not active."}
    partner.fail({"path": LIST, "action": "status", "status": 403, "body": body})
    run = discovered(partner.connect(reseller))
    assert run.job.state == Job.State.FAILED
    assert "The partner is not active." in run.job.error


def test_cloud_that_is_not_known_here_is_a_clear_failure(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    run = discovered(partner.connect(reseller, cloud="elsewhere"))
    assert (run.job.state, run.job.error_code) == (Job.State.FAILED, "cloud_unknown")


class Killed(BaseException):
    """Stands for a worker that dies: nothing catches it."""


def test_run_that_was_killed_goes_on_with_the_next_page(
    partner: PartnerCenterInProcess, reseller: Reseller, monkeypatch: pytest.MonkeyPatch
) -> None:
    partner.lists(customers(20), page_size=4)
    connection = partner.connect(reseller)
    run = ask(connection)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        kill_before_page(3, patch)
        work(run)
    seen = look(run)
    assert (seen.pages, seen.found, len(tenants(connection))) == (2, 8, 8)
    partner.calls.clear()
    lapse(run)
    run = work(run)
    assert (run.job.state, run.pages, run.found, run.created) == (Job.State.DONE, 5, 20, 20)
    assert partner.calls.count("GET /v1/customers") == 3


def test_run_that_was_killed_after_the_last_page_only_closes(
    partner: PartnerCenterInProcess, reseller: Reseller, monkeypatch: pytest.MonkeyPatch
) -> None:
    partner.lists(customers(6), page_size=4)
    connection = partner.connect(reseller)
    run = ask(connection)
    with monkeypatch.context() as patch:
        patch.setattr(discovering, "_conclude", die)
        with pytest.raises(Killed):
            work(run)
    partner.calls.clear()
    lapse(run)
    run = work(run)
    assert (run.job.state, run.found) == (Job.State.DONE, 6)
    assert partner.calls == []


def test_stalled_worker_writes_nothing_once_another_took_over(
    partner: PartnerCenterInProcess, reseller: Reseller, monkeypatch: pytest.MonkeyPatch
) -> None:
    partner.lists(customers(12), page_size=4)
    connection = partner.connect(reseller)
    run = ask(connection)
    store = discovering._store
    refused: list[Exception] = []

    def stall(running: RunningJob, *arguments: Any) -> None:
        if not refused and look(run).pages == 1:
            refused.append(LeaseLost())
            lapse(run)
            work(run)  # a second worker finishes the job meanwhile
            partner.lists(customers(1))
            try:
                store(running, *arguments)
            except LeaseLost as error:
                refused[0] = error
                raise
            raise AssertionError("a stalled worker wrote")
        store(running, *arguments)

    monkeypatch.setattr(discovering, "_store", stall)
    work(run)
    run = look(run)
    assert "no longer ours" in str(refused[0])
    assert (run.job.state, run.found, run.created) == (Job.State.DONE, 12, 12)
    assert len(tenants(connection)) == 12


def kill_before_page(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    store = discovering._store

    def kill(running: RunningJob, run: DiscoveryRun, connection: Any, page: Any) -> None:
        if page.number == number:
            raise Killed
        store(running, run, connection, page)

    monkeypatch.setattr(discovering, "_store", kill)


def die(*_: Any) -> None:
    raise Killed
