"""The jobs page: what runs, waits, failed and why, with progress that can be left."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from portal.core.jobs.models import Job
from portal.core.jobs.operations import retry_job
from portal.core.jobs.queries import jobs
from portal.web.jobs.places import place_of
from portal.web.lists import Column, Empty, ListPage, Tab
from portal.web.pages import Page

TONES = {
    Job.State.WAITING: "idle",
    Job.State.RUNNING: "work",
    Job.State.DONE: "good",
    Job.State.FAILED: "bad",
    Job.State.NEEDS_PERSON: "warn",
}


class JobListPage(ListPage):
    """All jobs of the reseller."""

    capability = "jobs.view"
    model = Job
    title, one, many = "Jobs", "job", "jobs"
    columns = (
        Column("title", "Job"),
        Column("state", "State"),
        Column("progress", "Progress"),
        Column("asked_by", "Asked by", hidden_on_phone=True),
        Column("created", "Asked", sort="created_at"),
    )
    row_template = "jobs/job_row.html"
    default_sort = "-created_at"
    search_label, search_fields = "Search jobs", ("title", "asked_by")
    search_placeholder = "What, or who asked"
    tabs = (
        Tab("", "All"),
        Tab("open", "Running and waiting", where=Q(state__in=Job.OPEN)),
        Tab("stuck", "Failed", where=Q(state__in=[Job.State.FAILED, Job.State.NEEDS_PERSON])),
    )

    def get_rows(self) -> QuerySet[Any]:
        return jobs(self.actor)

    def empty(self) -> Empty:
        return Empty(
            "No jobs yet",
            "Discovery, invoice imports and other long work appear here while they run and after.",
        )


class JobDetailPage(Page):
    """One job."""

    capability = "jobs.view"

    def get(self, request: HttpRequest, job_id: UUID) -> HttpResponse:
        context = self.progress(job_id)
        return render(request, "jobs/job_detail.html", context)

    def progress(self, job_id: UUID) -> dict[str, Any]:
        """Return what page and progress fragment show."""
        job = Job.objects.get_visible(self.actor, pk=job_id)
        return {
            "title": job.title,
            "job": job,
            "tone": TONES[job.state],
            "error_title": "What went wrong last" if job.is_open else "Why it stopped",
            "may_retry": not job.is_open
            and job.state != Job.State.DONE
            and self.actor.may("jobs.retry"),
            "progress_url": reverse("jobs:job_progress", args=[job.pk]),
            "place": place_of(job),
        }


class JobProgressFragment(JobDetailPage):
    """The progress alone, asked for every two seconds while the page is looked at."""

    def get(self, request: HttpRequest, job_id: UUID) -> HttpResponse:
        return render(request, "jobs/_progress.html", self.progress(job_id))


class JobRetryPage(Page):
    """Starts a failed job over."""

    capability = "jobs.retry"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, job_id: UUID) -> HttpResponse:
        job = retry_job(Job.objects.get_visible(self.actor, pk=job_id), actor=self.actor)
        self.say(f"“{job.title}” is tried again.")
        return self.go_to(reverse("jobs:job_detail", args=[job.pk]))
