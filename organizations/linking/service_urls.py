"""Address of the Microsoft CSP page."""

from django.urls import path

from organizations.linking import service_views

app_name = "services"
urlpatterns = [
    path("microsoft-csp/", service_views.MicrosoftCspPage.as_view(), name="microsoft_csp"),
]
