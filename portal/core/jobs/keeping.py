"""Keeping a lease while the work goes on.

A job may wait for Microsoft longer than a lease lasts. While its process lives, a thread renews the
lease under the job's fence; a process that is killed or stopped renews nothing, and its job is free
when the lease runs out. How long one job may take at all is the worker's hard limit.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import Error, connections, transaction
from django.db.models.functions import Now
from structlog import get_logger

from portal.core.access import acting, system_actor
from portal.core.jobs.models import Job
from portal.core.jobs.running import lease_end

RENEWALS_PER_LEASE = 4
log = get_logger(__name__)


@contextmanager
def lease_kept(job: Job) -> Iterator[None]:
    """Renew the lease of a claimed job for as long as the block runs."""
    ended = threading.Event()
    keeper = threading.Thread(target=_keep, args=(job, job.fence, ended), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        ended.set()
        keeper.join()


def _keep(job: Job, fence: int, ended: threading.Event) -> None:
    """Renew until told to end; the first renewal opens a database connection of this thread's."""
    try:
        while not ended.wait(settings.JOB_LEASE_SECONDS / RENEWALS_PER_LEASE):
            try:
                if not _renew(job, fence):
                    return
            except Error as error:
                log.warning("lease_not_renewed", job=str(job.pk), reason=type(error).__name__)
    finally:
        connections.close_all()


def _renew(job: Job, fence: int) -> bool:
    with acting(system_actor(job.reseller_id, "jobs")), transaction.atomic():
        mine = Job.objects.filter(
            pk=job.pk, fence=fence, state=Job.State.RUNNING, lease_until__gt=Now()
        )
        return mine.update(lease_until=lease_end(), publish_at=lease_end()) == 1
