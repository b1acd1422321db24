"""Addresses of the alert."""

from django.urls import path

from organizations.alert import action_views, views

app_name = "alert"
urlpatterns = [
    path("", views.ConditionListPage.as_view(), name="condition_list"),
    path("export/", views.DecisionExport.as_view(), name="decision_export"),
    path("assign/", action_views.AssignPage.as_view(), name="assign"),
    path("acknowledge/", action_views.AcknowledgePage.as_view(), name="acknowledge"),
    path("reopen/", action_views.ReopenPage.as_view(), name="reopen"),
    path("preferences/", views.PreferencesPage.as_view(), name="preferences"),
    path("<uuid:condition_id>/", views.ConditionPage.as_view(), name="condition_detail"),
]
