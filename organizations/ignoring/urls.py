"""Addresses of ignoring, beside those of the tenants."""

from django.urls import path

from organizations.ignoring import views

app_name = "ignoring"
urlpatterns = [
    path("ignore/", views.TenantsIgnorePage.as_view(), name="tenants_ignore"),
    path("<uuid:tenant_id>/ignore/", views.TenantIgnorePage.as_view(), name="tenant_ignore"),
    path("<uuid:tenant_id>/unignore/", views.TenantUnignorePage.as_view(), name="tenant_unignore"),
]
