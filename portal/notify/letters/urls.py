"""Addresses of letters, below those of messages."""

from django.urls import path

from portal.notify.letters import views

app_name = "letters"
urlpatterns = [
    path("", views.LetterListPage.as_view(), name="letter_list"),
    path("<str:kind>/", views.LetterPage.as_view(), name="letter_detail"),
    path("<str:kind>/test/", views.LetterTestPage.as_view(), name="letter_test"),
    path("<str:kind>/reset/", views.LetterResetPage.as_view(), name="letter_reset"),
]
