"""Addresses of this capability."""

app_name = "audit"
urlpatterns: list[object] = []
