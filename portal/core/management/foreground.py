"""What commands share: whose reseller is meant, and a job run in front of somebody.

The job runs in this process, or is watched if a worker was quicker.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from django.core.management.base import CommandError, OutputWrapper
from django.db import connections, transaction

from portal.core.access import Actor, acting, why_read_only
from portal.core.identity.models import Reseller
from portal.core.identity.queries import every_reseller, reseller_with_slug
from portal.core.jobs.models import Job
from portal.core.jobs.worker import run_job

LOOK_SECONDS = 0.5
BAR_WIDTH = 24


def reseller_called(slug: str, *, to_change: bool = True) -> Reseller:
    """Return a reseller by its short name.

    Raises:
        CommandError: there is none, naming those there are; or its data is ``to_change`` and it is
            read-only, saying why.
    """
    reseller = reseller_with_slug(slug)
    if reseller is None:
        names = ", ".join(sorted(row.slug for row in every_reseller())) or "none at all"
        raise CommandError(f"There is no reseller “{slug}”. Known: {names}.")
    why = why_read_only(reseller)
    if why and to_change:
        raise CommandError(why)
    return reseller


def follow(job: Job, *, actor: Actor, out: OutputWrapper) -> Job:
    """Run a job, or wait for whoever does, until it ends; progress goes to a terminal only."""
    with _progress_shown(job, actor=actor, out=out) if out.isatty() else nullcontext():
        while True:
            run_job(job.pk)
            seen = _look(job, actor=actor)
            if not seen.is_open:
                return seen
            # Somebody else has it. Should that worker die, the job is free again after its lease.
            time.sleep(LOOK_SECONDS)


@contextmanager
def _progress_shown(job: Job, *, actor: Actor, out: OutputWrapper) -> Iterator[None]:
    ended = threading.Event()
    watcher = threading.Thread(target=_watch, args=(job, actor, out, ended), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _watch(job: Job, actor: Actor, out: OutputWrapper, ended: threading.Event) -> None:
    """Draw the bar until told to stop; a thread of its own has a database connection of its own."""
    try:
        while not ended.wait(LOOK_SECONDS):
            out.write(f"\r{bar_of(_look(job, actor=actor))}", ending="")
            out.flush()
        out.write("\r\033[K", ending="")
    finally:
        connections.close_all()


def _look(job: Job, *, actor: Actor) -> Job:
    with acting(actor), transaction.atomic():
        row: Job = Job.objects.get_visible(actor, pk=job.pk)
    return row


def bar_of(job: Job) -> str:
    """Return one line: how full, how many, and what is being done."""
    return f"{draw_bar(job.percent)} {job.done:>10,} {job.note[:40]:<40}"


def draw_bar(percent: int | None) -> str:
    """Return a bar of fixed width; an empty one where nobody knows how much there is."""
    filled = "#" * (BAR_WIDTH * (percent or 0) // 100)
    return f"[{filled:<{BAR_WIDTH}}]"
