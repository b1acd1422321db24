"""Addresses of the tenants and their links."""

from django.urls import path

from organizations.linking import create_views, export_views, link_views, list_views, tenant_views

app_name = "linking"
urlpatterns = [
    path("", list_views.TenantListPage.as_view(), name="tenant_list"),
    path("export/", list_views.TenantExportPage.as_view(), name="tenant_export"),
    path("<uuid:tenant_id>/", tenant_views.TenantPage.as_view(), name="tenant_detail"),
    path("<uuid:tenant_id>/link/", link_views.TenantLinkPage.as_view(), name="tenant_link"),
    path("<uuid:tenant_id>/unlink/", link_views.TenantUnlinkPage.as_view(), name="tenant_unlink"),
    path(
        "<uuid:tenant_id>/create-organization/",
        create_views.TenantCreateOrganizationPage.as_view(),
        name="tenant_create_organization",
    ),
    path("links/export/", export_views.LinkExportPage.as_view(), name="link_export"),
    path("links/<uuid:link_id>/undo/", link_views.LinkUndoPage.as_view(), name="link_undo"),
]
