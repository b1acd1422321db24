"""Addresses of uploaded files."""

from django.urls import path

from organizations.files import views
from organizations.files.operations import CHECK_FILE, RUN_FILE
from portal.web.jobs.places import show_at

app_name = "files"
urlpatterns = [
    path("", views.FileListPage.as_view(), name="file_list"),
    path("new/", views.FileCreatePage.as_view(), name="file_create"),
    path("<uuid:file_id>/", views.FilePage.as_view(), name="file_detail"),
    path("<uuid:file_id>/progress/", views.FileProgressFragment.as_view(), name="file_progress"),
    path("<uuid:file_id>/run/", views.FileRunPage.as_view(), name="file_run"),
    path("<uuid:file_id>/discard/", views.FileDiscardPage.as_view(), name="file_discard"),
    path("<uuid:file_id>/problems/", views.RemarkExportPage.as_view(), name="remark_export"),
]

show_at(CHECK_FILE, "files:file_detail")
show_at(RUN_FILE, "files:file_detail")
