"""Addresses of this capability."""

from django.urls import path

from tenants.notifications import views

app_name = "notifications"
urlpatterns = [
    path("partner-center/<slug:key>/", views.ReceiverView.as_view(), name="receive"),
]
