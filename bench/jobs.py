"""Runs a job in a process of its own, as a worker does, and makes sure that it was done."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from bench.results import BenchError
from portal.core.access import Actor, acting
from portal.core.jobs.models import Job
from portal.demo.programs import PROJECT


@dataclass(frozen=True, slots=True)
class JobRun:
    """How a job went; ``growth`` is the megabytes its peak lies above an idle worker."""

    seconds: float
    growth: float


def run_apart(job_id: UUID, *, actor: Actor) -> JobRun:
    """Run a job that was asked for, and return what it took.

    Raises:
        BenchError: it did not end well.
    """
    outcome = subprocess.run(
        [sys.executable, "-m", "bench.job", str(job_id)],
        cwd=PROJECT,
        env=os.environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    with acting(actor), transaction.atomic():
        job: Job = Job.objects.get_visible(actor, pk=job_id)
    if outcome.returncode or job.state != Job.State.DONE:
        said = f"{outcome.stdout}{outcome.stderr}".strip()
        raise BenchError(f"“{job.title}” ended as {job.state}: {job.error}\n{said}")
    return JobRun(**json.loads(outcome.stdout.splitlines()[-1]))
