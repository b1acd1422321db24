"""Addresses of first passwords for the reseller's people."""

from django.urls import path

from organizations.passwords import views

app_name = "passwords"
urlpatterns = [
    path("", views.FirstPasswordListPage.as_view(), name="first_password_list"),
    path("handing-over/", views.HandingPage.as_view(), name="handing"),
    path(
        "<uuid:first_password_id>/",
        views.FirstPasswordPage.as_view(),
        name="first_password_detail",
    ),
    path(
        "<uuid:first_password_id>/send/",
        views.FirstPasswordSendPage.as_view(),
        name="first_password_send",
    ),
    path(
        "<uuid:first_password_id>/redirect/",
        views.FirstPasswordRedirectPage.as_view(),
        name="first_password_redirect",
    ),
]
