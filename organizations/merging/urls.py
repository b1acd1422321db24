"""The address of merging, beside those of the organizations."""

from django.urls import path

from organizations.merging import views

app_name = "merging"
urlpatterns = [
    path(
        "<uuid:organization_id>/merge/",
        views.OrganizationMergePage.as_view(),
        name="organization_merge",
    ),
]
