"""Addresses of this capability."""

app_name = "jobs"
urlpatterns: list[object] = []
