"""Addresses of this capability."""

from django.urls import path

from tenants.connections import views

app_name = "connections"
urlpatterns = [
    path("", views.ConnectionListPage.as_view(), name="connection_list"),
    path("new/", views.ConnectionCreatePage.as_view(), name="connection_create"),
    path("<uuid:connection_id>/", views.ConnectionDetailPage.as_view(), name="connection_detail"),
    path("<uuid:connection_id>/edit/", views.ConnectionEditPage.as_view(), name="connection_edit"),
    path("<uuid:connection_id>/test/", views.ConnectionTestPage.as_view(), name="connection_test"),
]
