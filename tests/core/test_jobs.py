"""The job row: claimed once, fenced, tried again, found when its message is lost (DEC3, DEC5)."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import close_old_connections, connection, transaction
from django.utils import timezone

from portal.core.access import acting
from portal.core.errors import Conflict, InvalidInput, Unavailable
from portal.core.identity.operations import remove_member
from portal.core.jobs import kinds, operations, worker
from portal.core.jobs.kinds import QUEUES, JobKind
from portal.core.jobs.models import Job
from portal.core.jobs.relay import relay_due, ring_again_after_loss
from portal.core.jobs.running import LeaseLost, RunningJob
from tests.database import administrator
from tests.environment import DATABASE
from tests.factories.core import Person, make_person, make_reseller

pytestmark = pytest.mark.django_db(transaction=True)
KIND = JobKind("tests.work", queue="default", max_attempts=3)


@pytest.fixture
def admin() -> Person:
    return make_person(make_reseller())


@pytest.fixture
def run_with(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[RunningJob], None]], None]:
    """Return a function that makes its argument the runner of this module's kind."""
    return lambda runner: monkeypatch.setitem(kinds._runners, KIND.name, runner)


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[UUID]]:
    """Collect what would be published, instead of publishing it."""
    calls: list[UUID] = []

    def note(job_id: UUID, queue: str) -> bool:
        calls.append(job_id)
        return True

    monkeypatch.setattr(operations, "ring", note)
    monkeypatch.setattr("portal.core.jobs.relay.ring", note)
    yield calls


def ask(person: Person, **options: object) -> Job:
    with acting(person.actor), transaction.atomic():
        return operations.enqueue(KIND, actor=person.actor, title="Work", **options)  # type: ignore[arg-type]


def read(person: Person, job: Job) -> Job:
    with acting(person.actor), transaction.atomic():
        found: Job = Job.objects.get(pk=job.pk)
        return found


def age(job: Job, column: str, seconds: int) -> None:
    """Move one of the job's times into the past, as the passing of time would."""
    with administrator(DATABASE) as database, database.cursor() as cursor:
        cursor.execute(
            f"UPDATE core_job SET {column} = now() - make_interval(secs => %s) WHERE id = %s",
            [seconds, str(job.pk)],
        )


def test_a_job_is_rung_when_its_transaction_commits_and_never_before(
    admin: Person, rung: list[UUID]
) -> None:
    with acting(admin.actor), transaction.atomic():
        job = operations.enqueue(KIND, actor=admin.actor, title="Work")
        assert rung == []
    assert rung == [job.pk]


def test_a_rolled_back_request_leaves_no_job(admin: Person, rung: list[UUID]) -> None:
    with acting(admin.actor), pytest.raises(RuntimeError), transaction.atomic():
        operations.enqueue(KIND, actor=admin.actor, title="Work")
        raise RuntimeError
    with acting(admin.actor), transaction.atomic():
        assert Job.objects.count() == 0
    assert rung == []


def test_a_broker_that_is_away_is_no_error_and_the_relay_rings_later(
    admin: Person, rung: list[UUID]
) -> None:
    job = ask(admin)
    rung.clear()
    assert relay_due() == 0, "a job just asked for is left to its own message"
    age(job, "publish_at", 10)
    assert relay_due() == 1
    assert rung == [job.pk]
    assert relay_due() == 0, "it was pushed forward by one lease"


def test_a_job_runs_with_progress_and_ends_done(
    admin: Person, rung: list[UUID], run_with: Callable[..., None]
) -> None:
    def runner(running: RunningJob) -> None:
        running.report(done=3, total=4, note="nearly", result={"made": 3})

    run_with(runner)
    job = ask(admin)
    assert worker.run_job(job.pk)
    done = read(admin, job)
    assert (done.state, done.done, done.percent, done.result) == ("done", 3, 75, {"made": 3})
    assert done.finished_at is not None


@pytest.mark.parametrize("repeat", [1, 5])
def test_a_message_that_comes_again_runs_nothing(
    admin: Person, rung: list[UUID], run_with: Callable[..., None], repeat: int
) -> None:
    runs: list[int] = []
    run_with(lambda running: runs.append(1))
    job = ask(admin)
    assert worker.run_job(job.pk)
    assert not any(worker.run_job(job.pk) for _ in range(repeat))
    assert runs == [1]


def test_an_unknown_id_ends_quietly() -> None:
    assert not worker.run_job(uuid4())


def test_of_many_workers_one_wins(
    admin: Person, rung: list[UUID], run_with: Callable[..., None]
) -> None:
    runs: list[int] = []
    run_with(lambda running: runs.append(1))
    job = ask(admin)

    def deliver() -> None:
        worker.run_job(job.pk)
        close_old_connections()
        connection.close()

    threads = [threading.Thread(target=deliver) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert runs == [1]


def test_a_transient_failure_waits_and_is_tried_again_until_a_person_is_needed(
    admin: Person, rung: list[UUID], run_with: Callable[..., None]
) -> None:
    def runner(running: RunningJob) -> None:
        raise Unavailable("Partner Center did not answer.")

    run_with(runner)
    job = ask(admin)
    for attempt in (1, 2):
        worker.run_job(job.pk)
        waiting = read(admin, job)
        assert (waiting.state, waiting.attempts) == ("waiting", attempt)
        assert waiting.due_at > timezone.now() + timedelta(seconds=2)
        age(job, "due_at", 1)
    worker.run_job(job.pk)
    stuck = read(admin, job)
    assert (stuck.state, stuck.error) == ("needs_person", "Partner Center did not answer.")


def test_a_definite_refusal_fails_at_once(
    admin: Person, rung: list[UUID], run_with: Callable[..., None]
) -> None:
    def runner(running: RunningJob) -> None:
        raise InvalidInput("There is no such month.", code="month")

    run_with(runner)
    job = ask(admin)
    worker.run_job(job.pk)
    failed = read(admin, job)
    assert (failed.state, failed.error_code, failed.attempts) == ("failed", "month", 1)


def test_an_unforeseen_exception_is_recorded_and_goes_on_to_the_log(
    admin: Person, rung: list[UUID], run_with: Callable[..., None]
) -> None:
    def runner(running: RunningJob) -> None:
        raise ZeroDivisionError("SECRET-CANARY")

    run_with(runner)
    job = ask(admin)
    with pytest.raises(worker.JobBroke) as broke:
        worker.run_job(job.pk)
    assert isinstance(broke.value.__cause__, ZeroDivisionError)
    waiting = read(admin, job)
    assert waiting.error_code == "internal"
    assert "SECRET-CANARY" not in waiting.error


def test_a_worker_that_died_is_followed_by_another_after_its_lease(
    admin: Person, rung: list[UUID], run_with: Callable[..., None]
) -> None:
    job = ask(admin)
    with acting(admin.actor):
        assert operations.claim(job.pk) is not None
        assert operations.claim(job.pk) is None, "the lease still runs"
    run_with(lambda running: None)
    age(job, "lease_until", 1)
    assert worker.run_job(job.pk)
    assert read(admin, job).state == "done"


def test_a_stalled_worker_cannot_overwrite_its_successor(admin: Person, rung: list[UUID]) -> None:
    job = ask(admin)
    with acting(admin.actor):
        stalled = operations.claim(job.pk)
        assert stalled
        age(job, "lease_until", 1)
        successor = operations.claim(job.pk)
        assert successor
        RunningJob(successor, admin.actor).report(note="the successor")
        with pytest.raises(LeaseLost):
            RunningJob(stalled, admin.actor).report(note="the stalled one")
        assert not operations.finish(stalled, state=Job.State.FAILED)
        assert operations.finish(successor, state=Job.State.DONE)
    assert read(admin, job).note == "the successor"


def test_what_a_step_writes_is_undone_with_a_lost_lease(admin: Person, rung: list[UUID]) -> None:
    job = ask(admin)
    with acting(admin.actor):
        stalled = operations.claim(job.pk)
        assert stalled
        age(job, "lease_until", 1)
        operations.claim(job.pk)
        with pytest.raises(LeaseLost), RunningJob(stalled, admin.actor).step(done=1):
            raise AssertionError("the body must not run")


def test_a_job_that_always_kills_its_worker_ends_with_a_person(
    admin: Person, rung: list[UUID]
) -> None:
    job = ask(admin)
    for _ in range(KIND.max_attempts):
        with acting(admin.actor):
            assert operations.claim(job.pk)
        age(job, "lease_until", 1)
    assert not worker.run_job(job.pk)
    assert read(admin, job).state == "needs_person"
    assert read(admin, job).error_code == "worker_lost"


def test_the_same_work_is_not_asked_for_twice_while_it_is_open(
    admin: Person, rung: list[UUID], run_with: Callable[..., None]
) -> None:
    first = ask(admin, dedupe_key="one")
    with pytest.raises(Conflict) as refused:
        ask(admin, dedupe_key="one")
    assert refused.value.data["job"] == str(first.pk)
    run_with(lambda running: None)
    worker.run_job(first.pk)
    assert ask(admin, dedupe_key="one").pk != first.pk


def test_a_removed_member_cannot_have_work_done(
    admin: Person, rung: list[UUID], run_with: Callable[..., None]
) -> None:
    reseller = make_reseller()
    boss, leaver = make_person(reseller), make_person(reseller)
    job = ask(leaver)
    with acting(boss.actor):
        remove_member(leaver.membership, actor=boss.actor)
    run_with(lambda running: pytest.fail("it ran"))
    worker.run_job(job.pk)
    assert read(boss, job).error_code == "asker_removed"


def test_failed_work_can_be_started_over(
    admin: Person, rung: list[UUID], run_with: Callable[..., None]
) -> None:
    def refuse(running: RunningJob) -> None:
        raise InvalidInput("no")

    run_with(refuse)
    job = ask(admin)
    worker.run_job(job.pk)
    with acting(admin.actor):
        operations.retry_job(read(admin, job), actor=admin.actor)
        with pytest.raises(Conflict):
            operations.retry_job(job, actor=admin.actor)
    run_with(lambda running: None)
    worker.run_job(job.pk)
    assert read(admin, job).state == "done"


@pytest.mark.parametrize("error", [MemoryError, SystemExit])
def test_what_would_end_a_worker_ends_the_job_only(
    admin: Person, rung: list[UUID], run_with: Callable[..., None], error: type[BaseException]
) -> None:
    def runner(running: RunningJob) -> None:
        raise error

    run_with(runner)
    job = ask(admin)
    with pytest.raises(worker.JobBroke):
        worker.run_job(job.pk)
    assert read(admin, job).error_code == "internal"


def test_a_worker_that_stops_gives_its_job_back_after_the_step(
    admin: Person,
    rung: list[UUID],
    run_with: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def runner(running: RunningJob) -> None:
        running.report(done=1, total=2)
        pytest.fail("it went on")

    run_with(runner)
    job = ask(admin)
    monkeypatch.setattr("portal.core.jobs.running.stopping", lambda: True)
    assert worker.run_job(job.pk)
    waiting = read(admin, job)
    assert (waiting.state, waiting.attempts, waiting.done) == ("waiting", 0, 1)


def test_a_worker_of_an_older_release_does_not_use_up_a_jobs_attempts(
    admin: Person, rung: list[UUID]
) -> None:
    job = ask(admin)
    for _ in range(KIND.max_attempts + 1):
        assert worker.run_job(job.pk)
        age(job, "due_at", 1)
    assert (read(admin, job).state, read(admin, job).attempts) == ("waiting", 0)


def test_a_backlog_of_one_reseller_leaves_room_for_another(
    admin: Person, rung: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "GRACE_SECONDS", 60)
    share, other = QUEUES[KIND.queue], make_person(make_reseller())
    backlog = [ask(admin) for _ in range(3 * share)]
    assert rung == [job.pk for job in backlog[:share]], "the rest waits in the database"
    mine = ask(other)
    assert rung[-1] == mine.pk
    rung.clear()
    for job in (*backlog, mine):
        age(job, "publish_at", 10)
    assert relay_due() == share + 1
    assert mine.pk in rung[:2], "resellers take turns"
    assert relay_due() == 0, "the share is on its way"


def test_jobs_that_could_not_be_rung_are_due_at_once(
    admin: Person, rung: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = ask(admin)
    age(job, "publish_at", 10)
    monkeypatch.setattr("portal.core.jobs.relay.ring", lambda *_: False)
    assert relay_due() == 0
    monkeypatch.setattr("portal.core.jobs.relay.ring", lambda *_: True)
    assert relay_due() == 1


def test_a_broker_that_forgot_is_told_again(
    admin: Person, rung: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = ask(admin)
    age(job, "publish_at", 10)
    assert relay_due() == 1
    assert relay_due() == 0
    monkeypatch.setattr("portal.core.jobs.relay.has_forgotten", lambda: True)
    assert ring_again_after_loss() == 1
    assert relay_due() == 1
