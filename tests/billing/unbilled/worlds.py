"""A Partner Center with lines that are on no invoice yet, and what reads them."""

import json
from pathlib import Path
from typing import Any

from django.db import transaction

from billing.unbilled.operations import request_unbilled
from partnercenter.simulator.worlds import open_world
from portal.core.access import acting, system_actor
from portal.core.jobs.models import Job
from portal.core.jobs.worker import run_job
from tenants.connections.models import Connection
from tests.billing.worlds import PARTNER, Center, _write


def show(center: Center, folder: Path, rows: list[dict[str, Any]]) -> None:
    """Put lines into Partner Center that are on no invoice yet."""
    folder = folder / f"unbilled-{len(list(folder.iterdir()))}"
    (folder / "invoice_lines").mkdir(parents=True)
    (folder / "partner.json").write_text(json.dumps(PARTNER))
    _write(folder / "invoice_lines" / "unbilled-current.jsonl", rows)
    center.show(open_world(str(folder), cache=folder / "cache"))


def ask(source: Connection) -> Job:
    """Ask for what a connection has not billed yet."""
    actor = system_actor(source.reseller_id, "tests")
    with acting(actor):
        return request_unbilled(source, actor=actor)


def carry_on(job: Job) -> Job:
    """Run the job now, whatever it waits for; returns it as it is then."""
    with acting(system_actor(job.reseller_id, "tests")), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(due_at=job.created_at)
    run_job(job.pk)
    with acting(system_actor(job.reseller_id, "tests")), transaction.atomic():
        job.refresh_from_db()
    return job


def carry_out(job: Job) -> Job:
    """Run the job until it waits for nothing any more."""
    for _ in range(10):
        if not carry_on(job).is_open:
            break
    return job
