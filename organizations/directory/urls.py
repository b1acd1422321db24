"""Addresses of organizations and their accounts."""

from django.urls import path

from organizations.directory import account_views, views

app_name = "directory"
urlpatterns = [
    path("", views.OrganizationListPage.as_view(), name="organization_list"),
    path("export/", views.OrganizationExportPage.as_view(), name="organization_export"),
    path("new/", views.OrganizationCreatePage.as_view(), name="organization_create"),
    path(
        "lookalikes/",
        views.OrganizationLookalikesPage.as_view(),
        name="organization_lookalikes",
    ),
    path("options/", views.OrganizationOptionsPage.as_view(), name="organization_options"),
    path("<uuid:organization_id>/", views.OrganizationPage.as_view(), name="organization_detail"),
    path(
        "<uuid:organization_id>/edit/",
        views.OrganizationEditPage.as_view(),
        name="organization_edit",
    ),
    path(
        "<uuid:organization_id>/accounts/new/",
        account_views.AccountCreatePage.as_view(),
        name="account_create",
    ),
    path(
        "accounts/<uuid:account_id>/",
        account_views.AccountPage.as_view(),
        name="account_detail",
    ),
    path(
        "accounts/<uuid:account_id>/edit/",
        account_views.AccountEditPage.as_view(),
        name="account_edit",
    ),
]
