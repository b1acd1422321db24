"""Addresses of closing and reopening, below those of the reports."""

from django.urls import path

from billing.closing import views

app_name = "closing"
urlpatterns = [
    path("<str:month>/close/", views.MonthClosePage.as_view(), name="month_close"),
    path("<str:month>/reopen/", views.MonthReopenPage.as_view(), name="month_reopen"),
]
