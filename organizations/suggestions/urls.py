"""Addresses of the suggestions; they lie below the tenants they are about."""

from django.urls import path

from organizations.suggestions import views

app_name = "suggestions"
urlpatterns = [
    path("", views.SuggestionsPage.as_view(), name="overview"),
    path("look/", views.SuggestionsAskPage.as_view(), name="ask"),
    path("automatic/", views.SuggestionsAutomaticPage.as_view(), name="automatic"),
    path("<uuid:suggestion_id>/accept/", views.SuggestionAcceptPage.as_view(), name="accept"),
    path("<uuid:suggestion_id>/dismiss/", views.SuggestionDismissPage.as_view(), name="dismiss"),
    path("<uuid:suggestion_id>/restore/", views.SuggestionRestorePage.as_view(), name="restore"),
]
