"""Addresses of members."""

from django.urls import path

from organizations.members import views

app_name = "members"
urlpatterns = [
    path("", views.MemberListPage.as_view(), name="member_list"),
    path("new/", views.MemberCreatePage.as_view(), name="member_create"),
    path("<uuid:membership_id>/", views.MemberPage.as_view(), name="member_detail"),
    path("<uuid:membership_id>/remove/", views.MemberRemovePage.as_view(), name="member_remove"),
]
