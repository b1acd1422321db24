"""Addresses of the start page."""

from django.urls import path

from billing.overview import views

urlpatterns = [path("", views.StartPage.as_view(), name="start")]
