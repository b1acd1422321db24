"""Addresses of this capability."""

app_name = "members"
urlpatterns: list[object] = []
