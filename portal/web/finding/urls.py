"""The address that finds anything."""

from django.urls import path

from portal.web.finding import views

app_name = "finding"
urlpatterns = [path("", views.FindPage.as_view(), name="find")]
