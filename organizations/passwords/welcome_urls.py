"""The address of one-time links."""

from django.urls import path

from organizations.passwords import receiving_views

app_name = "welcome"
urlpatterns = [path("<slug:key>/", receiving_views.WelcomePage.as_view(), name="open")]
