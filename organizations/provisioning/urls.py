"""Addresses of provisioning."""

from django.urls import path

from organizations.provisioning import views
from organizations.provisioning.steering import PROVISION
from portal.web.jobs.places import show_at

app_name = "provisioning"
urlpatterns = [
    path("", views.RequestListPage.as_view(), name="request_list"),
    path("new/", views.RequestCreatePage.as_view(), name="request_create"),
    path("<uuid:provisioning_id>/", views.RequestPage.as_view(), name="request_detail"),
    path(
        "<uuid:provisioning_id>/progress/",
        views.RequestProgressFragment.as_view(),
        name="request_progress",
    ),
    path(
        "<uuid:provisioning_id>/confirm/",
        views.RequestConfirmPage.as_view(),
        name="request_confirm",
    ),
    path("<uuid:provisioning_id>/retry/", views.RequestRetryPage.as_view(), name="request_retry"),
    path(
        "<uuid:provisioning_id>/resume/", views.RequestResumePage.as_view(), name="request_resume"
    ),
    path(
        "<uuid:provisioning_id>/cancel/", views.RequestCancelPage.as_view(), name="request_cancel"
    ),
]

show_at(PROVISION, "provisioning:request_detail")
