"""The address of the checklist, beside those of the tenants."""

from django.urls import path

from organizations.offboarding import views

app_name = "offboarding"
urlpatterns = [
    path(
        "<uuid:tenant_id>/offboarding/",
        views.TenantOffboardingPage.as_view(),
        name="tenant_offboarding",
    ),
]
