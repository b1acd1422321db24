"""Addresses of the profile."""

from django.urls import path

from portal.web.me import views

urlpatterns = [
    path("", views.ProfilePage.as_view(), name="profile"),
    path("tokens/", views.TokenCreatePage.as_view(), name="token_create"),
    path("tokens/<uuid:token_id>/revoke/", views.TokenRevokePage.as_view(), name="token_revoke"),
    path("switch/<uuid:membership_id>/", views.SwitchPage.as_view(), name="switch_membership"),
]
