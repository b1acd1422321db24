"""Addresses of this capability, below a connection's own."""

from django.urls import path

from tenants.integration import views

app_name = "integration"
OF_A_TEST = "<uuid:connection_id>/integration/<uuid:integration_test_id>/"
urlpatterns = [
    path("<uuid:connection_id>/integration/", views.IntegrationPage.as_view(), name="integration"),
    path(OF_A_TEST, views.IntegrationTestPage.as_view(), name="integration_test"),
    path(
        f"{OF_A_TEST}progress/",
        views.IntegrationProgressFragment.as_view(),
        name="integration_progress",
    ),
    path(f"{OF_A_TEST}export.csv", views.IntegrationCsvPage.as_view(), name="integration_csv"),
    path(f"{OF_A_TEST}export.json", views.IntegrationJsonPage.as_view(), name="integration_json"),
]
