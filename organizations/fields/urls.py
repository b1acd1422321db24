"""Addresses of custom fields: what they are, and what they hold."""

from django.urls import path

from organizations.fields import value_views, views

app_name = "fields"
urlpatterns = [
    path("setup/custom-fields/", views.DefinitionListPage.as_view(), name="definition_list"),
    path(
        "setup/custom-fields/new/", views.DefinitionCreatePage.as_view(), name="definition_create"
    ),
    path(
        "setup/custom-fields/<uuid:definition_id>/",
        views.DefinitionEditPage.as_view(),
        name="definition_edit",
    ),
    path(
        "setup/custom-fields/<uuid:definition_id>/move/",
        views.DefinitionMovePage.as_view(),
        name="definition_move",
    ),
    path(
        "setup/custom-fields/<uuid:definition_id>/remove/",
        views.DefinitionRemovePage.as_view(),
        name="definition_remove",
    ),
    path(
        "custom-fields/accounts/<uuid:account_id>/",
        value_views.AccountValuesPage.as_view(),
        name="account_values",
    ),
    path(
        "custom-fields/organizations/<uuid:organization_id>/",
        value_views.OrganizationValuesPage.as_view(),
        name="organization_values",
    ),
    path(
        "custom-fields/members/<uuid:membership_id>/",
        value_views.MembershipValuesPage.as_view(),
        name="membership_values",
    ),
]
