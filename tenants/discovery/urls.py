"""Addresses of this capability."""

from django.urls import path

from tenants.discovery import views

app_name = "discovery"
urlpatterns = [
    path("", views.RunListPage.as_view(), name="run_list"),
    path("of/<uuid:connection_id>/", views.RunCreatePage.as_view(), name="run_create"),
    path("<uuid:run_id>/", views.RunDetailPage.as_view(), name="run_detail"),
    path("<uuid:run_id>/progress/", views.RunProgressFragment.as_view(), name="run_progress"),
    path(
        "<uuid:run_id>/mark-missing/",
        views.RunMarkMissingPage.as_view(),
        name="run_mark_missing",
    ),
]
