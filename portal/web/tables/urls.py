"""Addresses of saved views and chosen columns."""

from django.urls import path

from portal.web.tables import views

app_name = "tables"
urlpatterns = [
    path("<slug:table>/", views.ArrangePage.as_view(), name="arrange"),
    path("<slug:table>/columns/", views.ColumnsPage.as_view(), name="columns"),
    path("<slug:table>/views/", views.ViewCreatePage.as_view(), name="view_create"),
    path("views/<uuid:view_id>/default/", views.ViewDefaultPage.as_view(), name="view_default"),
    path("views/<uuid:view_id>/remove/", views.ViewRemovePage.as_view(), name="view_remove"),
]
