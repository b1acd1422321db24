"""The child that runs one job: ``python -m bench.job ID`` prints its seconds and its memory.

A worker is a process that has loaded the portal and waits. So what counts is how far the peak of
memory rises from there; the process that measures would hide it under memory of its own.
"""

import json
import os
import sys
from time import perf_counter
from uuid import UUID

import django

from bench.timing import peak_memory


def main(job_id: UUID) -> None:
    """Run the job and print one line of JSON."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()

    # Models can be imported from here on.
    import billing.tasks  # noqa: F401  (registers what does the jobs)
    import organizations.tasks  # noqa: F401
    import tenants.tasks  # noqa: F401
    from portal.core.jobs.worker import run_job

    idle = peak_memory()
    began = perf_counter()
    run_job(job_id)
    seconds = perf_counter() - began
    sys.stdout.write(json.dumps({"seconds": seconds, "growth": peak_memory() - idle}) + "\n")


if __name__ == "__main__":
    main(UUID(sys.argv[1]))
