"""K03, K06: several workers, kills at every point, and readers meanwhile."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import close_old_connections, transaction

from billing.invoices import importing
from billing.invoices.models import Invoice, InvoiceLine
from billing.invoices.operations import import_invoices
from partnercenter.readahead import read_ahead
from portal.core.access import acting
from portal.core.jobs.models import Job
from portal.core.jobs.running import RunningJob
from portal.core.jobs.worker import run_job
from tenants.connections.models import Connection
from tests.billing.conftest import Show, carry_out
from tests.billing.worlds import line
from tests.database import administrator
from tests.environment import DATABASE
from tests.factories.core import Person

pytestmark = pytest.mark.django_db(transaction=True)
SEPTEMBER = date(2026, 9, 1)
POINTS = 7
"""Steps of an import of three pages: clearing up, opening, the pages, publishing, billing down."""


class Killed(BaseException):
    """The worker's process is gone; nothing in it gets to tidy up."""


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "PAGE_LINES", 2)
    monkeypatch.setattr(importing, "STEP_LINES", 2)


@pytest.fixture
def september(show: Show) -> None:
    show({"G1": [line(number, subtotal=number) for number in range(1, 7)]})


def ask(person: Person, source: Connection) -> Job:
    with acting(person.actor):
        return import_invoices(source, actor=person.actor, month=SEPTEMBER)


def kept(person: Person) -> tuple[list[Decimal], list[int]]:
    with acting(person.actor), transaction.atomic():
        published = Invoice.objects.filter(state=Invoice.State.PUBLISHED)
        totals = [invoice.total for invoice in published]
        lines = InvoiceLine.objects.filter(invoice__in=published).order_by("number")
        return totals, [found.number for found in lines]


@contextmanager
def killed_at(point: int, *, after: bool, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Kill the worker in its ``point``-th step: before it commits, or just after."""
    steps = 0
    whole = RunningJob.step

    @contextmanager
    def step(self: RunningJob, **progress: Any) -> Iterator[None]:
        nonlocal steps
        steps += 1
        mine = steps == point
        with whole(self, **progress):
            yield
            if mine and not after:
                raise Killed
        if mine:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(RunningJob, "step", step)
        yield


def free(job: Job) -> None:
    """Let the lease of a dead worker run out."""
    with administrator(DATABASE) as database, database.cursor() as cursor:
        cursor.execute(
            "UPDATE core_job SET lease_until = now() - interval '1 second', due_at = now()"
            " WHERE id = %s",
            [str(job.pk)],
        )


@pytest.mark.parametrize("after", [False, True], ids=["before commit", "after commit"])
@pytest.mark.parametrize("point", range(1, POINTS + 1))
def test_a_kill_at_any_point_loses_nothing_and_doubles_nothing(
    point: int,
    after: bool,
    september: None,
    source: Connection,
    finance: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = ask(finance, source)
    with killed_at(point, after=after, monkeypatch=monkeypatch):
        try:
            run_job(job.pk)
        except Killed:
            died = True
        else:
            died = False
    totals, numbers = kept(finance)
    assert (totals, numbers) in (([], []), ([Decimal(21)], [1, 2, 3, 4, 5, 6]))
    if died:
        free(job)
        carry_out(finance, job)
    assert kept(finance) == ([Decimal(21)], [1, 2, 3, 4, 5, 6])
    with acting(finance.actor), transaction.atomic():
        assert Job.objects.get(pk=job.pk).state == Job.State.DONE
        assert Invoice.objects.count() == 1


def test_ten_imports_by_four_workers_keep_every_line_once(
    september: None, source: Connection, finance: Person
) -> None:
    for _ in range(10):
        job = ask(finance, source)
        workers = [threading.Thread(target=work, args=[job]) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        with acting(finance.actor), transaction.atomic():
            assert Job.objects.get(pk=job.pk).state == Job.State.DONE
    assert kept(finance) == ([Decimal(21)], [1, 2, 3, 4, 5, 6])


def work(job: Job) -> None:
    try:
        run_job(job.pk)
    finally:
        close_old_connections()


def test_a_worker_that_lost_its_lease_writes_nothing_more(
    september: None, source: Connection, finance: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first worker stalls between two pages; a second takes over, finishes, the first wakes."""
    job = ask(finance, source)
    whole = read_ahead
    taken_over: list[Job] = []

    def stalling(pages: Iterator[Any]) -> Iterator[Any]:
        for number, page in enumerate(whole(pages)):
            if number == 1 and not taken_over:
                taken_over.append(job)
                free(job)
                second = threading.Thread(target=work, args=[job])
                second.start()
                second.join()
            yield page

    monkeypatch.setattr(importing, "read_ahead", stalling)
    run_job(job.pk)
    assert taken_over
    assert kept(finance) == ([Decimal(21)], [1, 2, 3, 4, 5, 6])


def test_readers_see_the_old_version_or_the_new_one_and_never_a_mix(
    show: Show, source: Connection, finance: Person
) -> None:
    show({"G1": [line(number, subtotal="1") for number in range(1, 5)]})
    carry_out(finance, ask(finance, source))
    show({"G1": [line(number, subtotal="2") for number in range(1, 7)]})
    job = ask(finance, source)
    done = threading.Event()
    seen: set[tuple[tuple[Decimal, ...], int, Decimal]] = set()

    def read() -> None:
        try:
            while not done.is_set():
                with acting(finance.actor), transaction.atomic():
                    published = list(Invoice.objects.filter(state="published"))
                    lines = InvoiceLine.objects.filter(invoice__in=published)
                    sums = [found.total for found in lines]
                seen.add((tuple(i.total for i in published), len(sums), sum(sums, Decimal(0))))
        finally:
            close_old_connections()

    reader = threading.Thread(target=read)
    reader.start()
    carry_out(finance, job)
    done.set()
    reader.join()
    old, new = ((Decimal(4),), 4, Decimal(4)), ((Decimal(12),), 6, Decimal(12))
    assert seen <= {old, new}
