"""Addresses of this capability."""

app_name = "reports"
urlpatterns: list[object] = []
