"""Addresses of the jobs."""

from django.urls import path

from portal.web.jobs import views

app_name = "jobs"
urlpatterns = [
    path("", views.JobListPage.as_view(), name="job_list"),
    path("<uuid:job_id>/", views.JobDetailPage.as_view(), name="job_detail"),
    path("<uuid:job_id>/progress/", views.JobProgressFragment.as_view(), name="job_progress"),
    path("<uuid:job_id>/retry/", views.JobRetryPage.as_view(), name="job_retry"),
]
