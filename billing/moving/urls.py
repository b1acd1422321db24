"""Address of moving, below that of the tenant."""

from django.urls import path

from billing.moving import views

app_name = "moving"
urlpatterns = [
    path("<uuid:tenant_id>/move/", views.TenantMovePage.as_view(), name="tenant_move"),
]
