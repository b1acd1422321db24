"""Addresses of this capability."""

from django.urls import path

from organizations.indirect import views

app_name = "indirect"
_LIST = "connections/<uuid:connection_id>/indirect-resellers/"
_ONE = "indirect-resellers/<uuid:indirect_reseller_id>/"
urlpatterns = [
    path(_LIST, views.ResellerListPage.as_view(), name="reseller_list"),
    path(f"{_LIST}read/", views.ResellersReadPage.as_view(), name="resellers_read"),
    path(f"{_ONE}link/", views.ResellerLinkPage.as_view(), name="reseller_link"),
    path(
        f"{_ONE}create-organization/",
        views.ResellerCreatePage.as_view(),
        name="reseller_create",
    ),
]
