"""Addresses of this capability."""

from django.urls import path

from tenants.connections import consent_views, views

app_name = "connections"
urlpatterns = [
    path("", views.ConnectionListPage.as_view(), name="connection_list"),
    path("new/", views.ConnectionCreatePage.as_view(), name="connection_create"),
    path("consent/callback/", consent_views.ConsentCallbackPage.as_view(), name="consent_callback"),
    path("<uuid:connection_id>/", views.ConnectionDetailPage.as_view(), name="connection_detail"),
    path("<uuid:connection_id>/edit/", views.ConnectionEditPage.as_view(), name="connection_edit"),
    path("<uuid:connection_id>/test/", views.ConnectionTestPage.as_view(), name="connection_test"),
    path("<uuid:connection_id>/consent/", consent_views.ConsentPage.as_view(), name="consent"),
    path(
        "<uuid:connection_id>/consent/<uuid:consent_request_id>/",
        consent_views.ConsentResultPage.as_view(),
        name="consent_result",
    ),
]
