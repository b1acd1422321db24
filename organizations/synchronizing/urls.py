"""Addresses of synchronization, below those of accounts."""

from django.urls import path

from organizations.synchronizing import views

app_name = "synchronizing"
_PAIR = "accounts/<uuid:account_id>/synchronization/<uuid:connection_id>/"
urlpatterns = [
    path(
        "accounts/<uuid:account_id>/synchronization/",
        views.SystemListPage.as_view(),
        name="system_list",
    ),
    path(_PAIR, views.SyncOptionsPage.as_view(), name="sync_options"),
    path(f"{_PAIR}domain/", views.PrefixCheckPage.as_view(), name="prefix_check"),
    path(f"{_PAIR}address/", views.AddressCheckPage.as_view(), name="address_check"),
    path(f"{_PAIR}address/accept/", views.AddressAcceptPage.as_view(), name="address_accept"),
    path(
        "services-definitions/<uuid:connection_id>/",
        views.ServicesDefinitionsPage.as_view(),
        name="services_definitions",
    ),
]
