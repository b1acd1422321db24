"""The address of a tenant's agreement, beside those of the tenants."""

from django.urls import path

from organizations.agreements import views

app_name = "agreements"
urlpatterns = [
    path(
        "<uuid:tenant_id>/agreement/",
        views.TenantAgreementPage.as_view(),
        name="tenant_agreement",
    ),
]
