"""Registers the app with Django."""

from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    name = "organizations"
