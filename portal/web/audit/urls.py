"""Addresses of the audit trail."""

from django.urls import path

from portal.web.audit import views

app_name = "audit"
urlpatterns = [
    path("", views.AuditListPage.as_view(), name="audit_list"),
    path("<uuid:event_id>/", views.AuditEventPage.as_view(), name="audit_event"),
]
