"""Addresses of the bulk links."""

from django.urls import path

from organizations.bulk import export_views, new_views, views
from organizations.bulk.operations import BULK_LINK, BULK_UNDO
from portal.web.jobs.places import show_at

app_name = "bulk"
urlpatterns = [
    path("", views.BulkListPage.as_view(), name="bulk_list"),
    path("new/", new_views.BulkNewPage.as_view(), name="bulk_new"),
    path("<uuid:bulk_id>/", views.BulkPage.as_view(), name="bulk_detail"),
    path("<uuid:bulk_id>/progress/", views.BulkProgressFragment.as_view(), name="bulk_progress"),
    path("<uuid:bulk_id>/run/", views.BulkRunPage.as_view(), name="bulk_run"),
    path("<uuid:bulk_id>/retry/", views.BulkRetryPage.as_view(), name="bulk_retry"),
    path("<uuid:bulk_id>/discard/", views.BulkDiscardPage.as_view(), name="bulk_discard"),
    path("<uuid:bulk_id>/undo/", views.BulkUndoPage.as_view(), name="bulk_undo"),
    path("<uuid:bulk_id>/export/", export_views.BulkExportPage.as_view(), name="bulk_export"),
]

show_at(BULK_LINK, "bulk:bulk_detail")
show_at(BULK_UNDO, "bulk:bulk_detail")
