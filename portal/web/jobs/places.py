"""Where the result of a job is shown, for kinds of job that have a page of their own.

A capability on a higher floor says so with its addresses; here nothing of it is known but a name.
"""

from django.urls import reverse

from portal.core.jobs.kinds import JobKind
from portal.core.jobs.models import Job

_places: dict[str, str] = {}


def show_at(kind: JobKind, url_name: str) -> None:
    """Let the jobs of a kind lead to a page that takes their subject's id."""
    _places[kind.name] = url_name


def place_of(job: Job) -> str:
    """Return the address of what a job is about; "" for a kind without a page of its own."""
    name = _places.get(job.kind)
    return reverse(name, args=[job.subject_id]) if name and job.subject_id else ""
