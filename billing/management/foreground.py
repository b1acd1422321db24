"""A job run in front of somebody: in this process, or watched if a worker was quicker."""

import threading
from collections.abc import Callable
from typing import TextIO

from django.core.management.base import CommandError
from django.db import close_old_connections, transaction

from portal.core.access import Actor, acting
from portal.core.identity.models import Reseller
from portal.core.identity.queries import active_resellers
from portal.core.jobs.models import Job
from portal.core.jobs.worker import run_job

LOOK_SECONDS = 0.5
BAR_WIDTH = 24


def reseller_called(slug: str) -> Reseller:
    """Return an active reseller by its short name.

    Raises:
        CommandError: there is none; names those there are.
    """
    known = {reseller.slug: reseller for reseller in active_resellers()}
    if slug not in known:
        raise CommandError(
            f"There is no active reseller “{slug}”."
            + (f" Known: {', '.join(sorted(known))}." if known else " There is none at all.")
        )
    return known[slug]


def follow(job: Job, *, actor: Actor, out: TextIO) -> Job:
    """Run a job, or watch whoever does, until it ends; progress goes to a terminal only."""
    runner = _start(job)
    show = _bar(out) if out.isatty() else _silence
    while True:
        runner.join(LOOK_SECONDS)
        with acting(actor), transaction.atomic():
            seen: Job = Job.objects.get_visible(actor, pk=job.pk)
        show(seen)
        if runner.is_alive():
            continue
        if not seen.is_open:
            return seen
        # Somebody else has it. Should that worker die, the job is free again after its lease.
        runner = _start(job)


def _start(job: Job) -> threading.Thread:
    runner = threading.Thread(target=_run, args=[job], daemon=True)
    runner.start()
    return runner


def _run(job: Job) -> None:
    try:
        run_job(job.pk)
    finally:
        close_old_connections()


def _silence(_job: Job) -> None:
    """Show nothing: the output goes to a file or another program."""


def _bar(out: TextIO) -> Callable[[Job], None]:
    def show(job: Job) -> None:
        percent = job.percent if job.is_open else 100
        filled = "" if percent is None else "#" * (BAR_WIDTH * percent // 100)
        end = "" if job.is_open else "\n"
        out.write(f"\r[{filled:<{BAR_WIDTH}}] {job.done:>10,} {job.note[:60]:<60}{end}")
        out.flush()

    return show
