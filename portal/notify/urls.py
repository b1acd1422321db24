"""Addresses of messages and webhooks."""

from django.urls import path

from portal.notify import views

app_name = "notify"
urlpatterns = [
    path("", views.DeliveryListPage.as_view(), name="delivery_list"),
    path("<uuid:delivery_id>/retry/", views.DeliveryRetryPage.as_view(), name="delivery_retry"),
    path("webhooks/", views.WebhookListPage.as_view(), name="webhook_list"),
    path(
        "webhooks/<uuid:webhook_id>/rotate/",
        views.WebhookRotatePage.as_view(),
        name="webhook_rotate",
    ),
    path(
        "webhooks/<uuid:webhook_id>/pause/",
        views.WebhookPausePage.as_view(),
        name="webhook_pause",
    ),
    path(
        "webhooks/<uuid:webhook_id>/remove/",
        views.WebhookRemovePage.as_view(),
        name="webhook_remove",
    ),
]
