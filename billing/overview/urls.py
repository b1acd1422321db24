"""Addresses of the start page."""

urlpatterns: list[object] = []
