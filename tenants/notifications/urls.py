"""Addresses of this capability: where events come in, and the pages for people."""

from django.urls import path

from tenants.notifications import pages, views

app_name = "notifications"
urlpatterns = [
    path("webhooks/partner-center/<slug:key>/", views.ReceiverView.as_view(), name="receive"),
    path("notifications/<uuid:connection_id>/", pages.NotificationsPage.as_view(), name="page"),
    path(
        "notifications/<uuid:connection_id>/register/",
        pages.WebhookRegisterPage.as_view(),
        name="webhook_register",
    ),
    path(
        "notifications/<uuid:connection_id>/test/",
        pages.WebhookTestPage.as_view(),
        name="webhook_test",
    ),
]
